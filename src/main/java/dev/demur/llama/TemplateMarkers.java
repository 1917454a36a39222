package dev.demur.llama;

import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TokenType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether a chat template sets messages apart by special tokens, which no message text can spell, or by plain text,
 * which any message can.
 *
 * <p>An estimate from the template's text: what stands right before and after each message's content must be a special
 * token of the vocabulary, with nothing but white space and role names between.
 *
 * @param kind what the template uses
 * @param plain the plain texts that stand where special tokens should, in the order of the template
 */
public record TemplateMarkers(Kind kind, List<String> plain) {

    /** What sets messages apart. */
    public enum Kind {
        /** Special tokens: text in a message cannot be taken for them. */
        SPECIAL_TOKENS,
        /** Plain text, somewhere: text in a message can look like another message. */
        PLAIN_TEXT,
        /** The template does not show it. */
        UNKNOWN
    }

    private static final List<String> ROLES = List.of("user", "assistant", "system", "model", "tool");

    /** Where a special-token variable stands: no vocabulary spells a token so. */
    private static final String VARIABLE = "\0";

    public TemplateMarkers {
        plain = List.copyOf(plain);
    }

    /** What the file's own template uses. */
    public static TemplateMarkers of(GgufFile file, String template) {
        List<String> between = betweenContents(TemplateText.of(template));
        if (between.size() < 2) {
            return new TemplateMarkers(Kind.UNKNOWN, List.of());
        }
        Special special = new Special(file);
        Set<String> plain = new LinkedHashSet<>();
        for (int i = 0; i < between.size(); i++) {
            String text = between.get(i);
            if (i > 0) {
                add(plain, special.upToFirst(text));
            }
            if (i < between.size() - 1) {
                add(plain, special.afterLast(text));
            }
        }
        return new TemplateMarkers(plain.isEmpty() ? Kind.SPECIAL_TOKENS : Kind.PLAIN_TEXT, List.copyOf(plain));
    }

    /** The texts before, between and after the contents of messages. */
    private static List<String> betweenContents(List<TemplateText.Piece> pieces) {
        List<String> texts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (TemplateText.Piece piece : pieces) {
            switch (piece.kind()) {
                case TEXT -> text.append(piece.text());
                case ROLE -> text.append(ROLES.get(0));
                case SPECIAL -> text.append(VARIABLE);
                case CONTENT -> {
                    texts.add(text.toString());
                    text.setLength(0);
                }
            }
        }
        texts.add(text.toString());
        return texts;
    }

    private static void add(Set<String> plain, String text) {
        String left = text.strip();
        if (!left.isEmpty() && !ROLES.contains(left)) {
            plain.add(left);
        }
    }

    /** The special tokens of a vocabulary, those that are not white space. */
    private static final class Special {

        private final List<String> texts = new ArrayList<>(List.of(VARIABLE));

        Special(GgufFile file) {
            for (int id = 0; id < file.tokenCount(); id++) {
                TokenType type = file.tokenType(id);
                if (type != TokenType.NORMAL && type != TokenType.BYTE) {
                    String text = file.tokenText(id);
                    if (!text.isBlank()) {
                        texts.add(text);
                    }
                }
            }
        }

        /** The text up to the first special token; all of it where there is none. */
        String upToFirst(String text) {
            int first = text.length();
            for (String special : texts) {
                int at = text.indexOf(special);
                if (at >= 0 && at < first) {
                    first = at;
                }
            }
            return text.substring(0, first);
        }

        /** The text behind the last special token; all of it where there is none. */
        String afterLast(String text) {
            int last = 0;
            for (String special : texts) {
                int at = text.lastIndexOf(special);
                if (at >= 0 && at + special.length() > last) {
                    last = at + special.length();
                }
            }
            return text.substring(last);
        }
    }
}
