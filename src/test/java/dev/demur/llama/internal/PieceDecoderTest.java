package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PieceDecoderTest {

    @Test
    void text_cut_anywhere_comes_out_whole() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String text = "naïve 漢字 🙂 e\u0301 \u0000 end";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int round = 0; round < 1_000; round++) {
            PieceDecoder decoder = new PieceDecoder();
            StringBuilder out = new StringBuilder();
            for (int from = 0; from < bytes.length; ) {
                int to = Math.min(bytes.length, from + random.nextInt(4));
                String piece = decoder.add(java.util.Arrays.copyOfRange(bytes, from, to));
                assertEquals(-1, piece.indexOf('\uFFFD'), "seed " + seed);
                out.append(piece);
                from = to;
            }
            assertEquals(text, out.append(decoder.finish()).toString(), "seed " + seed);
        }
    }

    @Test
    void a_character_appears_with_its_last_byte() {
        PieceDecoder decoder = new PieceDecoder();
        byte[] smile = "🙂".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 3; i++) {
            assertEquals("", decoder.add(new byte[] {smile[i]}));
        }
        assertEquals("🙂", decoder.add(new byte[] {smile[3]}));
        assertEquals("", decoder.finish());
    }

    @Test
    void an_unfinished_character_becomes_the_replacement_character() {
        PieceDecoder decoder = new PieceDecoder();
        assertEquals("a", decoder.add(new byte[] {'a', (byte) 0xC3}));
        assertEquals("\uFFFD", decoder.finish());
    }

    @Test
    void bytes_that_are_no_utf8_become_the_replacement_character() {
        PieceDecoder decoder = new PieceDecoder();
        assertEquals("a\uFFFDb", decoder.add(new byte[] {'a', (byte) 0xFF, 'b'}));
    }
}
