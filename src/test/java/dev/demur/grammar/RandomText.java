package dev.demur.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random texts of a grammar: a while any way that it allows, in pieces as tokens are, then soon to an end. */
final class RandomText {

    private static final int MOST_BYTES = 20_000;

    /** Pieces of more than a byte, such as vocabularies have. */
    private static final List<String> PIECES = List.of(
            "{\"",
            "\":",
            "\": \"",
            "\",",
            "\", \"",
            "\"}",
            "\"]",
            "},",
            "],",
            "[[",
            "{}",
            "[]",
            "\"\"",
            "\n  ",
            ", ",
            ": ",
            "true",
            "false",
            "null",
            "the",
            "ab",
            "xyz",
            "12",
            "2024-",
            "0.",
            "1.5e",
            "\\n",
            "\\u",
            "00",
            "\u00e9",
            "\u6f22",
            "\ud83d\ude42",
            "name",
            "\"a\"",
            "-1");

    /** The sooner it stands here the sooner it leads to an end. */
    private static final String CLOSING =
            "\"}]0123456789-:/.TZabcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSUVWXY_ \\,{[";

    private final GrammarMatcher matcher;
    private final Random random;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private GrammarMatcher.Place place;

    private RandomText(Grammar grammar, Random random) {
        this.matcher = new GrammarMatcher(grammar);
        this.random = random;
        this.place = matcher.start();
    }

    /** A text that the grammar reads, of about this many random pieces and an end; null where none came soon enough. */
    static @Nullable String of(Grammar grammar, Random random, int pieces) {
        RandomText walk = new RandomText(grammar, random);
        for (int i = 0; i < pieces && !walk.isStuck(); i++) {
            if (walk.place.mayEnd() && random.nextInt(8) == 0) {
                break;
            }
            walk.step();
        }
        while (!walk.place.mayEnd()) {
            if (walk.text.size() > MOST_BYTES) {
                return null; // what holds itself twice over may grow faster than it is closed
            }
            walk.close();
        }
        return walk.text.toString(StandardCharsets.UTF_8);
    }

    private boolean isStuck() {
        return next().isEmpty();
    }

    private List<Integer> next() {
        matcher.begin();
        List<Integer> next = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            if (matcher.after(place, (byte) value) != null) {
                next.add(value);
            }
        }
        return next;
    }

    private void step() {
        for (int tries = random.nextInt(12); tries > 0; tries--) {
            byte[] piece = PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8);
            if (take(piece)) {
                return;
            }
        }
        List<Integer> next = next();
        take(new byte[] {next.get(random.nextInt(next.size())).byteValue()});
    }

    private boolean take(byte[] piece) {
        GrammarMatcher.Place at = place;
        matcher.begin();
        for (byte next : piece) {
            at = at == null ? null : matcher.after(at, next);
        }
        if (at == null) {
            return false;
        }
        place = at;
        text.writeBytes(piece);
        return true;
    }

    private void close() {
        // Now and then another letter, because a pattern may wait for one.
        int from = random.nextInt(4) == 0 ? random.nextInt(CLOSING.length() - 3) : 0;
        for (int i = from; i < CLOSING.length(); i++) {
            if (take(new byte[] {(byte) CLOSING.charAt(i)})) {
                return;
            }
        }
        List<Integer> next = next();
        if (next.isEmpty()) {
            throw new AssertionError("stuck behind " + text.toString(StandardCharsets.UTF_8));
        }
        take(new byte[] {next.get(random.nextInt(next.size())).byteValue()});
    }
}
