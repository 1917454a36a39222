package dev.demur.llama;

import java.util.ArrayList;
import java.util.List;

/**
 * What a Jinja chat template writes, as one line of pieces in the order of the template, whatever its conditions.
 *
 * <p>No Jinja engine: it tells apart text, a message's content, its role, special-token variables and anything else,
 * which is all that {@link TemplateMarkers} asks.
 */
final class TemplateText {

    /** What a piece is. */
    enum Kind {
        /** Text that is written as it stands. */
        TEXT,
        /** A message's content. */
        CONTENT,
        /** A message's role. */
        ROLE,
        /** {@code bos_token}, {@code eos_token} and the like. */
        SPECIAL
    }

    /** A piece; {@code text} is empty for all but TEXT. */
    record Piece(Kind kind, String text) {}

    private final String template;
    private final List<Piece> pieces = new ArrayList<>();

    private TemplateText(String template) {
        this.template = template;
    }

    static List<Piece> of(String template) {
        TemplateText text = new TemplateText(template);
        text.read();
        return List.copyOf(text.pieces);
    }

    private void read() {
        int at = 0;
        while (at < template.length()) {
            int tag = nextTag(at);
            text(template.substring(at, tag));
            if (tag == template.length()) {
                return;
            }
            char kind = template.charAt(tag + 1);
            String close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
            int end = template.indexOf(close, tag + 2);
            if (end < 0) {
                return;
            }
            String inside = template.substring(tag + 2, end);
            if (kind == '{') {
                expression(inside);
            } else if (kind == '%') {
                statement(inside);
            }
            at = end + 2;
        }
    }

    private int nextTag(int from) {
        for (int i = from; i + 1 < template.length(); i++) {
            char next = template.charAt(i + 1);
            if (template.charAt(i) == '{' && (next == '{' || next == '%' || next == '#')) {
                return i;
            }
        }
        return template.length();
    }

    /** A variable that is put together from texts and a message is written somewhere; other statements write nothing. */
    private void statement(String inside) {
        int equals = inside.indexOf('=');
        if (!inside.replace("-", " ").strip().startsWith("set ") || equals < 0) {
            return;
        }
        int known = pieces.size();
        expression(inside.substring(equals + 1));
        List<Piece> added = pieces.subList(known, pieces.size());
        boolean composed = added.stream().anyMatch(piece -> piece.kind() == Kind.TEXT)
                && added.stream().anyMatch(piece -> piece.kind() == Kind.CONTENT);
        if (!composed) {
            added.clear();
        }
    }

    private void expression(String inside) {
        if (inside.contains("raise_exception")) {
            return;
        }
        StringBuilder code = new StringBuilder();
        int at = 0;
        while (at < inside.length()) {
            char c = inside.charAt(at);
            if (c != '\'' && c != '"') {
                code.append(c);
                at++;
                continue;
            }
            int end = closingQuote(inside, at);
            String literal = inside.substring(at + 1, Math.min(end, inside.length()));
            if (isOperand(code)) {
                code.append(literal);
            } else {
                variable(code);
                text(unescaped(literal));
            }
            at = end + 1;
        }
        variable(code);
    }

    private static int closingQuote(String inside, int open) {
        int at = open + 1;
        while (at < inside.length() && inside.charAt(at) != inside.charAt(open)) {
            at += inside.charAt(at) == '\\' ? 2 : 1;
        }
        return at;
    }

    /** Whether a literal behind this code is a subscript, an argument or compared with something, and not written. */
    private static boolean isOperand(StringBuilder code) {
        String before = code.toString().stripTrailing();
        return before.endsWith("[")
                || before.endsWith("(")
                || before.endsWith(",")
                || before.endsWith("==")
                || before.endsWith("!=")
                || before.endsWith(" in");
    }

    private void variable(StringBuilder code) {
        String variable = code.toString();
        code.setLength(0);
        if (variable.contains("content") || variable.contains("system_message") || variable.contains("system_prompt")) {
            pieces.add(new Piece(Kind.CONTENT, ""));
        } else if (variable.contains("role")) {
            pieces.add(new Piece(Kind.ROLE, ""));
        } else if (variable.contains("bos_token") || variable.contains("eos_token")) {
            pieces.add(new Piece(Kind.SPECIAL, ""));
        }
    }

    private void text(String text) {
        if (!text.isEmpty()) {
            pieces.add(new Piece(Kind.TEXT, text));
        }
    }

    private static String unescaped(String literal) {
        return literal.replace("\\n", "\n")
                .replace("\\t", "\t")
                .replace("\\'", "'")
                .replace("\\\"", "\"");
    }
}
