package dev.demur.llama.internal;

import dev.demur.DemurException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokenises text in which no spelling means a special token.
 *
 * <p>llama.cpp's tokenizer has no such mode: in plain text, too, it finds user-defined tokens by their spelling, and in
 * some vocabularies its merges arrive at control tokens. So the ids are looked at, and where one is forbidden the text is
 * cut inside its spelling and both parts are tokenised anew, down to single characters and bytes. Text that yields no
 * forbidden id is tokenised in one go, as llama.cpp does it. Thread-safe.
 */
final class PlainTokenizer {

    /**
     * Stands before the rest of a text that was cut in a SentencePiece vocabulary, where each text that is tokenised by
     * itself would begin with a space of its own. A character for private use: no vocabulary joins it with another.
     */
    private static final String LEAD = "\ue000";

    private final LlamaModel model;
    private final boolean isSentencePiece;
    private final boolean isBytePair;
    private final TokenSpelling spelling;

    PlainTokenizer(LlamaModel model) {
        this.model = model;
        this.isSentencePiece = model.isSentencePiece();
        this.isBytePair = model.isBytePair();
        this.spelling = new TokenSpelling(model.file());
    }

    /**
     * The text's ids, none of them forbidden.
     *
     * @throws DemurException if the text has a character that this vocabulary writes by a forbidden token only
     */
    int[] tokenize(String text, BitSet forbidden) {
        return new Run(forbidden).tokenize(text, false);
    }

    /** The same of a text that follows another text: no vocabulary puts a space of its own before it. */
    int[] tokenizeAfterText(String text, BitSet forbidden) {
        return new Run(forbidden).tokenize(text, true);
    }

    /** One text on its way into ids. */
    private final class Run {

        private final BitSet forbidden;
        private final TokenList ids = new TokenList();
        private final Map<Integer, byte[]> pieces = new HashMap<>();
        private int @Nullable [] lead;

        Run(BitSet forbidden) {
            this.forbidden = forbidden;
        }

        int[] tokenize(String text, boolean continues) {
            List<String> parts =
                    isBytePair ? LongText.cutWords(text) : isSentencePiece ? LongText.cutTexts(text) : List.of(text);
            addAll(parts, continues);
            return ids.toArray();
        }

        private void addAll(List<String> parts, boolean continues) {
            boolean follows = continues;
            for (String part : parts) {
                add(part, follows);
                follows = true;
            }
        }

        /** Adds a text that follows another one without a break, or begins one. */
        private void add(String text, boolean continues) {
            int[] tokens = tokens(text, continues);
            if (!TokenList.anyIn(forbidden, tokens)) {
                ids.addAll(tokens);
            } else if (text.codePointCount(0, text.length()) == 1) {
                spell(text, tokens);
            } else {
                List<String> parts = apart(text, tokens);
                addAll(parts.size() > 1 ? parts : halves(text), continues);
            }
        }

        private int[] tokens(String text, boolean continues) {
            if (!continues || !isSentencePiece) {
                return model.tokenize(text, false);
            }
            if (lead == null) {
                lead = model.tokenize(LEAD, false);
            }
            int[] both = model.tokenize(LEAD + text, false);
            if (both.length < lead.length || !Arrays.equals(both, 0, lead.length, lead, 0, lead.length)) {
                throw new DemurException("a message spells a special token, and this vocabulary has no way to"
                        + " write a part of a text by itself: change the message");
            }
            return Arrays.copyOfRange(both, lead.length, both.length);
        }

        /**
         * The text cut behind the first character of each forbidden token, or around a token of one character; in one part
         * where the tokens' bytes are not those of the text.
         */
        private List<String> apart(String text, int[] tokens) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int[] ends = ends(bytes, tokens);
            if (ends == null) {
                return List.of(text);
            }
            BitSet cuts = new BitSet();
            int start = 0;
            for (int i = 0; i < tokens.length; i++) {
                if (forbidden.get(tokens[i])) {
                    int from = characterStart(bytes, Math.max(0, start));
                    int second = nextCharacter(bytes, from);
                    if (second < ends[i]) {
                        cuts.set(second);
                    } else {
                        cuts.set(from);
                        cuts.set(second);
                    }
                }
                start = ends[i];
            }
            List<String> parts = new ArrayList<>();
            int from = 0;
            for (int cut = cuts.nextSetBit(1); cut >= 0 && cut < bytes.length; cut = cuts.nextSetBit(cut + 1)) {
                parts.add(new String(bytes, from, cut - from, StandardCharsets.UTF_8));
                from = cut;
            }
            parts.add(new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8));
            return parts;
        }

        /** Where each token ends in the text; null where their bytes, but for a space before, are not the text's. */
        private int @Nullable [] ends(byte[] text, int[] tokens) {
            int at = -extraBytes(text, tokens);
            if (at > 0 || at < -1) {
                return null;
            }
            int[] ends = new int[tokens.length];
            for (int i = 0; i < tokens.length; i++) {
                for (byte b : piece(tokens[i])) {
                    if (b != (at < 0 ? ' ' : text[at])) {
                        return null;
                    }
                    at++;
                }
                ends[i] = at;
            }
            return ends;
        }

        private int extraBytes(byte[] text, int[] tokens) {
            int extra = -text.length;
            for (int token : tokens) {
                extra += piece(token).length;
            }
            return extra;
        }

        private byte[] piece(int token) {
            return pieces.computeIfAbsent(token, id -> model.piece(id, true));
        }

        /** Writes one character by its own token, or by those of its bytes, and so a space that the tokenizer put before. */
        private void spell(String character, int[] tokens) {
            if (isSentencePiece && extraBytes(character.getBytes(StandardCharsets.UTF_8), tokens) == 1) {
                addSpelled(" ", tokens);
            }
            addSpelled(character, tokens);
        }

        private void addSpelled(String character, int[] tokens) {
            for (int[] spelled :
                    List.of(spelling.whole(character, isBytePair), spelling.bytes(character, isBytePair))) {
                if (spelled.length > 0 && !TokenList.anyIn(forbidden, spelled)) {
                    ids.addAll(spelled);
                    return;
                }
            }
            int token = Arrays.stream(tokens).filter(forbidden::get).findFirst().orElseThrow();
            throw new DemurException("a message holds '" + character + "', which this vocabulary writes only by"
                    + " the special token '" + model.file().tokenText(token) + "' (id " + token
                    + "): change the message");
        }
    }

    private static List<String> halves(String text) {
        int middle = text.offsetByCodePoints(0, text.codePointCount(0, text.length()) / 2);
        return List.of(text.substring(0, middle), text.substring(middle));
    }

    private static int characterStart(byte[] text, int at) {
        int start = at;
        while (start > 0 && start < text.length && isContinuation(text[start])) {
            start--;
        }
        return start;
    }

    private static int nextCharacter(byte[] text, int at) {
        int next = at + 1;
        while (next < text.length && isContinuation(text[next])) {
            next++;
        }
        return next;
    }

    private static boolean isContinuation(byte b) {
        return (b & 0xc0) == 0x80;
    }
}
