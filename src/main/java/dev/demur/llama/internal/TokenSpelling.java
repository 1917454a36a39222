package dev.demur.llama.internal;

import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TokenType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Finds a token by its text where the vocabulary may spell it otherwise: with spaces around it, with {@code ▁} for a
 * space (SPM), or with each byte as a character of its own (byte-level BPE, {@code Ġ} for a space).
 */
public final class TokenSpelling {

    /** More spaces on a side than any vocabulary is known to have there. */
    private static final int MOST_SPACES = 2;

    /** The most characters of a text that is looked for; a checked file has no longer token. */
    private static final int LONGEST = 4096;

    /** What SentencePiece writes for a space. */
    static final char SPM_SPACE = '\u2581';

    private final GgufFile file;

    /** Looks in this file's vocabulary. */
    public TokenSpelling(GgufFile file) {
        this.file = file;
    }

    /**
     * The ids of the tokens with this text but for surrounding spaces, the best first: one that is spelled exactly so
     * before all others, then CONTROL, USER_DEFINED and other types, then by id.
     */
    public List<Integer> find(String text) {
        String core = text.strip();
        if (core.length() > LONGEST) {
            return List.of();
        }
        Set<Integer> ids = new LinkedHashSet<>();
        for (int before = 0; before <= MOST_SPACES; before++) {
            for (int after = 0; after <= MOST_SPACES; after++) {
                String spaced = " ".repeat(before) + core + " ".repeat(after);
                ids.add(file.findToken(spaced));
                ids.add(file.findToken(spaced.replace(' ', SPM_SPACE)));
                ids.add(file.findToken(byteLevel(spaced)));
            }
        }
        ids.remove(-1);
        int exact = file.findToken(text);
        List<Integer> best = new ArrayList<>(ids);
        best.sort(Comparator.comparingInt((Integer id) -> id == exact ? 0 : 1)
                .thenComparingInt(id -> rank(file.tokenType(id)))
                .thenComparing(Comparator.naturalOrder()));
        return best;
    }

    /** The token that is exactly this text, in a byte-level vocabulary or SentencePiece's; empty where there is none. */
    int[] whole(String text, boolean byteLevel) {
        int id = file.findToken(byteLevel ? byteLevel(text) : text.replace(' ', SPM_SPACE));
        return id < 0 ? new int[0] : new int[] {id};
    }

    /** The tokens of this text's single bytes, in a vocabulary likewise; empty where one of them has none. */
    int[] bytes(String text, boolean byteLevel) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            int b = bytes[i] & 0xff;
            ids[i] = file.findToken(
                    byteLevel ? String.valueOf(byteLevel(b)) : String.format(Locale.ROOT, "<0x%02X>", b));
            if (ids[i] < 0) {
                return new int[0];
            }
        }
        return ids;
    }

    private static int rank(TokenType type) {
        return switch (type) {
            case CONTROL -> 0;
            case USER_DEFINED -> 1;
            case UNKNOWN, UNUSED -> 2;
            case NORMAL, BYTE -> 3;
        };
    }

    /** The text as a byte-level vocabulary spells it, GPT-2's way. */
    static String byteLevel(String text) {
        StringBuilder spelled = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            spelled.append(byteLevel(b & 0xff));
        }
        return spelled.toString();
    }

    /** Printable bytes of Latin-1 are themselves; the 68 others follow from U+0100 on, in their order. */
    private static char byteLevel(int b) {
        if (b <= ' ') {
            return (char) (0x100 + b);
        }
        if (b >= 0x7f && b <= 0xa0) {
            return (char) (0x100 + 0x21 + b - 0x7f);
        }
        return b == 0xad ? '\u0143' : (char) b;
    }
}
