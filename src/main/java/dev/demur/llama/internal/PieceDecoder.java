package dev.demur.llama.internal;

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

    private static final int USUAL_BYTES = 64;

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    /** Holds the bytes of an incomplete character, ready for more. */
    private ByteBuffer in = ByteBuffer.allocate(USUAL_BYTES);

    private CharBuffer out = CharBuffer.allocate(USUAL_BYTES);

    /** The text that {@code piece} completes; empty while a character is incomplete. */
    public String add(byte[] piece) {
        if (in.remaining() < piece.length) {
            int capacity = Integer.highestOneBit(in.position() + piece.length) * 2;
            in = ByteBuffer.allocate(capacity).put(in.flip());
            out = CharBuffer.allocate(capacity); // no byte becomes more than one char
        }
        in.put(piece);
        return decode(false);
    }

    /** What remains at the end: U+FFFD for an incomplete character, else nothing. */
    public String finish() {
        String rest = decode(true);
        decoder.reset();
        return rest;
    }

    private String decode(boolean end) {
        decoder.decode(in.flip(), out, end);
        if (end) {
            decoder.flush(out);
        }
        in.compact();
        out.flip();
        String text = out.hasRemaining() ? out.toString() : "";
        out.clear();
        return text;
    }
}
