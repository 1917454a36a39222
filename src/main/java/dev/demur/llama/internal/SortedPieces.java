package dev.demur.llama.internal;

import dev.demur.grammar.GrammarMatcher;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The tokens that stand for text in the order of their bytes, so that what they begin with is followed once. Immutable. */
final class SortedPieces {

    private final int vocabulary;
    private final int[] tokens;
    private final byte[][] bytes;

    /** Per token: how many bytes it shares with the one before. */
    private final int[] common;

    private final int longest;
    private final int[] ends;

    SortedPieces(TokenPieces pieces, int vocabulary) {
        this.vocabulary = vocabulary;
        this.tokens = IntStream.range(0, vocabulary)
                .filter(token -> !pieces.endsGeneration(token) && pieces.bytes(token).length > 0)
                .boxed()
                .sorted((a, b) -> Arrays.compareUnsigned(pieces.bytes(a), pieces.bytes(b)))
                .mapToInt(Integer::intValue)
                .toArray();
        this.bytes = new byte[tokens.length][];
        this.common = new int[tokens.length];
        int most = 0;
        for (int i = 0; i < tokens.length; i++) {
            bytes[i] = pieces.bytes(tokens[i]);
            most = Math.max(most, bytes[i].length);
            int mismatch = i == 0 ? 0 : Arrays.mismatch(bytes[i - 1], bytes[i]);
            common[i] = mismatch < 0 ? bytes[i].length : mismatch;
        }
        this.longest = most;
        this.ends =
                IntStream.range(0, vocabulary).filter(pieces::endsGeneration).toArray();
    }

    /** For each token 1 where it continues a text that stands at {@code place}, or may end it there; else 0. */
    byte[] allowed(GrammarMatcher matcher, GrammarMatcher.Place place) {
        byte[] allowed = new byte[vocabulary];
        GrammarMatcher.@Nullable Place[] path = new GrammarMatcher.@Nullable Place[longest + 1];
        path[0] = place;
        int alive = 0; // so many bytes of the token before can be read
        for (int i = 0; i < tokens.length; i++) {
            if (common[i] > alive) {
                continue; // it shares the byte that could not be read
            }
            byte[] piece = bytes[i];
            int read = common[i];
            GrammarMatcher.Place at = path[read];
            while (at != null && read < piece.length) {
                at = matcher.after(at, piece[read]);
                if (at != null) {
                    path[++read] = at;
                }
            }
            alive = read;
            allowed[tokens[i]] = (byte) (read == piece.length ? 1 : 0);
        }
        if (place.mayEnd()) {
            for (int end : ends) {
                allowed[end] = 1;
            }
        }
        return allowed;
    }
}
