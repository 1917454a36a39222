package dev.demur.llama;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Joins the bytes of tokens to text: a character that is split between tokens appears with its last byte, and what is no
 * UTF-8 becomes U+FFFD. Not thread-safe.
 */
public final class PieceDecoder {

    private static final int LONGEST_CHARACTER = 4;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer pending = ByteBuffer.allocate(0);

    /** The text that {@code piece} completes; empty while a character is incomplete. */
    public String add(byte[] piece) {
        return decode(piece, false);
    }

    /** What remains at the end: U+FFFD for an incomplete character, else nothing. */
    public String finish() {
        return decode(new byte[0], true);
    }

    private String decode(byte[] piece, boolean end) {
        ByteBuffer in = ByteBuffer.allocate(pending.remaining() + piece.length)
                .put(pending)
                .put(piece)
                .flip();
        CharBuffer out = CharBuffer.allocate(in.remaining() + LONGEST_CHARACTER);
        decoder.decode(in, out, end);
        if (end) {
            decoder.flush(out);
            decoder.reset();
        }
        pending = in;
        return out.flip().toString();
    }
}
