package dev.demur;

import dev.demur.llama.internal.PieceDecoder;
import dev.demur.llama.internal.TokenPieces;
import java.util.List;

/** A reply as it grows: tokens become text, stop strings end it, and the listener hears what is certain. */
final class Reply {

    private final TokenPieces pieces;
    private final GenerationListener listener;
    private final PieceDecoder decoder = new PieceDecoder();
    private final StopScanner stops;
    private final StringBuilder text = new StringBuilder();
    private int tokens;
    private long firstTokenAt;

    Reply(TokenPieces pieces, List<String> stopStrings, GenerationListener listener) {
        this.pieces = pieces;
        this.stops = new StopScanner(stopStrings);
        this.listener = listener;
    }

    /** Adds the token that was drawn. */
    void add(int token) {
        if (tokens++ == 0) {
            firstTokenAt = System.nanoTime();
        }
        tell(stops.add(decoder.add(pieces.bytes(token))));
    }

    /** Adds the reply that a policy gives, which no stop string ends. */
    void addFixed(String reply) {
        tell(reply);
    }

    /** Whether a stop string has ended the reply. */
    boolean stopped() {
        return stops.found();
    }

    /** Adds what was kept back: no more will come. */
    void finish() {
        tell(stops.add(decoder.finish()));
        tell(stops.finish());
    }

    private void tell(String piece) {
        if (!piece.isEmpty()) {
            text.append(piece);
            listener.text(piece);
        }
    }

    /** How many tokens were added. */
    int tokens() {
        return tokens;
    }

    /** When the first token came, as {@link System#nanoTime} tells it; {@code otherwise} where none has. */
    long firstTokenAt(long otherwise) {
        return tokens == 0 ? otherwise : firstTokenAt;
    }

    /** The text that the listener has heard. */
    String text() {
        return text.toString();
    }
}
