package dev.demur.jinja;

import org.jspecify.annotations.Nullable;

/** Text that counts as markup (what the filters safe and escape give): what is added to it is escaped. */
final class Markup {

    private Markup() {}

    /** The text with HTML's special characters escaped, unless it is markup already. */
    static Text escaped(Run run, Text text) {
        return text.markup() ? text : forced(run, text);
    }

    static Text forced(Run run, Text text) {
        TextBuilder escaped = new TextBuilder(run);
        int from = 0;
        for (int at = 0; at < text.length(); at++) {
            String replacement = replacement(text.string().charAt(at));
            if (replacement != null) {
                escaped.append(text, from, at);
                escaped.append(replacement, text.markAt(at));
                from = at + 1;
            }
        }
        escaped.append(text, from, text.length());
        return escaped.text().asMarkup(true);
    }

    private static @Nullable String replacement(char c) {
        return switch (c) {
            case '&' -> "&amp;";
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '\'' -> "&#39;";
            case '"' -> "&#34;";
            default -> null;
        };
    }
}
