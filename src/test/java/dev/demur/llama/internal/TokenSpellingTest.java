package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TokenSpellingTest {

    @Test
    void bytes_are_spelled_as_gpt2_spells_them() {
        assertEquals("[a\u0120\u00c3\u00a9]", TokenSpelling.byteLevel("[a \u00e9]"));
        assertEquals("\u0100\u010a\u0120\u0121\u0122\u0142\u0143~", spelledBytes());
    }

    /** The first, last and single bytes that are not themselves: NUL, newline, space, DEL, 0x80, 0xA0, 0xAD; and ~. */
    private static String spelledBytes() {
        String low = TokenSpelling.byteLevel("\0\n \u007f");
        String continuation80 = TokenSpelling.byteLevel("\u0080").substring(1);
        String continuationA0 = TokenSpelling.byteLevel("\u00a0").substring(1);
        String continuationAd = TokenSpelling.byteLevel("\u00ad").substring(1);
        return low + continuation80 + continuationA0 + continuationAd + TokenSpelling.byteLevel("~");
    }
}
