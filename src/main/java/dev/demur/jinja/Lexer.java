package dev.demur.jinja;

import dev.demur.jinja.JinjaException.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks}: the line end behind a block and the white
 * space before it in its line are not text. Takes time in the length of the template.
 */
final class Lexer {

    private static final List<String> LONG_OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=");
    private static final String OPERATORS = "+-/*%~[](){}><=.:|,;";

    /** A hundred times what the longest templates have; more would take hundreds of megabytes as objects. */
    private static final int MOST_TOKENS = 400_000;

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<Character> open = new ArrayDeque<>();
    private int at;
    private int line = 1;

    Lexer(String template) {
        String lines = template.replace("\r\n", "\n").replace('\r', '\n');
        this.source = lines.endsWith("\n") ? lines.substring(0, lines.length() - 1) : lines;
    }

    /** The line that is being read. */
    int line() {
        return line;
    }

    /** All tokens; the last one is the end. */
    List<Token> tokens() {
        boolean lineStarting = true;
        while (at < source.length()) {
            int tag = nextTag();
            if (tag < 0) {
                data(source.length());
                break;
            }
            tag(tag, lineStarting);
            lineStarting = source.charAt(at - 1) == '\n';
        }
        add(Token.Kind.END, "");
        return tokens;
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            if ("%{#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void add(Token.Kind kind, String text) {
        if (tokens.size() == MOST_TOKENS) {
            throw Failure.limit("the template has more than " + MOST_TOKENS + " tokens");
        }
        tokens.add(new Token(kind, text, line));
    }

    /** Goes on to a position, and counts the lines on the way. */
    private void advance(int to) {
        for (; at < to; at++) {
            line += source.charAt(at) == '\n' ? 1 : 0;
        }
    }

    private void data(int to) {
        if (to > at) {
            add(Token.Kind.DATA, source.substring(at, to));
        }
        advance(to);
    }

    /** Reads the text before a tag, and the tag. */
    private void tag(int tag, boolean lineStarting) {
        char kind = source.charAt(tag + 1);
        char sign = sign(tag + 2);
        data(before(tag, sign, kind == '{', lineStarting));
        advance(tag + 2 + (sign == '\0' ? 0 : 1));
        switch (kind) {
            case '#':
                comment();
                break;
            case '{':
                add(Token.Kind.VARIABLE_BEGIN, "{{");
                code('}', Token.Kind.VARIABLE_END);
                break;
            default:
                if (!raw()) {
                    add(Token.Kind.BLOCK_BEGIN, "{%");
                    code('%', Token.Kind.BLOCK_END);
                }
        }
    }

    private char sign(int where) {
        char c = where < source.length() ? source.charAt(where) : '\0';
        return c == '-' || c == '+' ? c : '\0';
    }

    /** Where the text before a tag ends, without the white space that the tag takes away. */
    private int before(int tag, char sign, boolean variable, boolean lineStarting) {
        int to = tag;
        if (sign == '-') {
            while (to > at && Characters.isSpace(source.charAt(to - 1))) {
                to--;
            }
        } else if (sign != '+' && !variable) {
            while (to > at && source.charAt(to - 1) != '\n' && Characters.isSpace(source.charAt(to - 1))) {
                to--;
            }
            boolean whole = to > at ? source.charAt(to - 1) == '\n' : lineStarting;
            return whole ? to : tag;
        }
        return to;
    }

    /** Goes past the end of a tag of two characters, and past the white space that it takes away. */
    private void end(int close, boolean trimmed) {
        int to = close + 2;
        char sign = close > at ? source.charAt(close - 1) : '\0';
        if (sign == '-') {
            while (to < source.length() && Characters.isSpace(source.charAt(to))) {
                to++;
            }
        } else if (sign != '+' && trimmed && to < source.length() && source.charAt(to) == '\n') {
            to++;
        }
        advance(to);
    }

    private void comment() {
        int close = source.indexOf("#}", at);
        if (close < 0) {
            throw problem("a comment {# has no end #}");
        }
        end(close, true);
    }

    /** Reads a raw block, if one begins here: text in which tags mean nothing. */
    private boolean raw() {
        int close = word(at, "raw");
        int signed = close < 0 ? close : close + (sign(close) == '-' ? 1 : 0);
        if (close < 0 || !source.startsWith("%}", signed)) {
            return false;
        }
        end(signed, false);
        for (int tag = source.indexOf("{%", at); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            char sign = sign(tag + 2);
            int behind = word(tag + 2 + (sign == '\0' ? 0 : 1), "endraw");
            int ending = behind < 0 ? behind : behind + (sign(behind) == '\0' ? 0 : 1);
            if (behind >= 0 && source.startsWith("%}", ending)) {
                data(before(tag, sign, false, at > 0 && source.charAt(at - 1) == '\n'));
                advance(behind);
                end(ending, true);
                return true;
            }
        }
        throw problem("a block {% raw %} has no end {% endraw %}");
    }

    /** The position behind a word with white space around it; -1 if it does not stand there. */
    private int word(int from, String word) {
        int start = skipSpace(from);
        return source.startsWith(word, start) ? skipSpace(start + word.length()) : -1;
    }

    private int skipSpace(int from) {
        int to = from;
        while (to < source.length() && Characters.isSpace(source.charAt(to))) {
            to++;
        }
        return to;
    }

    /** Reads what stands in a tag up to its end, which is not one within brackets. */
    private void code(char first, Token.Kind end) {
        open.clear();
        while (true) {
            advance(skipSpace(at));
            if (at >= source.length()) {
                return;
            }
            if (open.isEmpty() && atEnd(first, end)) {
                return;
            }
            token();
        }
    }

    private boolean atEnd(char first, Token.Kind end) {
        char sign = sign(at);
        boolean signed = sign == '-' || (sign == '+' && end == Token.Kind.BLOCK_END);
        int close = at + (signed ? 1 : 0);
        if (!source.startsWith(first + "}", close)) {
            return false;
        }
        add(end, first + "}");
        end(close, end == Token.Kind.BLOCK_END);
        return true;
    }

    private void token() {
        int c = source.codePointAt(at);
        if (c >= '0' && c <= '9') {
            number();
        } else if (Characters.isNamePart(c)) {
            int to = at;
            while (to < source.length() && Characters.isNamePart(source.codePointAt(to))) {
                to += Character.charCount(source.codePointAt(to));
            }
            if (!Characters.isNameStart(c)) {
                throw problem("a name cannot begin with '" + Character.toString(c) + "'");
            }
            add(Token.Kind.NAME, source.substring(at, to));
            advance(to);
        } else if (c == '\'' || c == '"') {
            string((char) c);
        } else {
            operator();
        }
    }

    private void number() {
        boolean behindPoint = at > 0 && source.charAt(at - 1) == '.';
        int to = digits(at);
        int fraction = to + 1 < source.length() && source.charAt(to) == '.' ? digits(to + 1) : to;
        int mantissa = fraction > to + 1 ? fraction : to;
        int exponent = exponent(mantissa);
        int end = Math.max(mantissa, exponent);
        if (!behindPoint && end > to) {
            add(Token.Kind.FLOAT, source.substring(at, end).replace("_", ""));
            advance(end);
            return;
        }
        int prefixed = prefixed();
        to = prefixed > at ? prefixed : to;
        add(Token.Kind.INTEGER, source.substring(at, to));
        advance(to);
    }

    /** The position behind decimal digits, single underscores between them. */
    private int digits(int from) {
        int to = from;
        while (to < source.length()) {
            char c = source.charAt(to);
            boolean joint = c == '_' && to > from && to + 1 < source.length() && isDigit(source.charAt(to + 1), 10);
            if (!isDigit(c, 10) && !joint) {
                break;
            }
            to++;
        }
        return to;
    }

    private int exponent(int from) {
        if (from >= source.length() || (source.charAt(from) != 'e' && source.charAt(from) != 'E')) {
            return from;
        }
        int start = from + 1 + (sign(from + 1) == '\0' ? 0 : 1);
        int to = digits(start);
        return to > start ? to : from;
    }

    private int prefixed() {
        if (source.charAt(at) != '0' || at + 1 >= source.length()) {
            return at;
        }
        int base = switch (source.charAt(at + 1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 0;
        };
        int to = at + 2;
        while (base != 0 && to < source.length() && (isDigit(source.charAt(to), base) || source.charAt(to) == '_')) {
            to++;
        }
        return to > at + 2 ? to : at;
    }

    private static boolean isDigit(char c, int base) {
        return c < 128 && Character.digit(c, base) >= 0;
    }

    private void string(char quote) {
        int to = at + 1;
        while (to < source.length() && source.charAt(to) != quote) {
            to += source.charAt(to) == '\\' ? 2 : 1;
        }
        if (to >= source.length()) {
            throw problem("a string has no closing " + quote);
        }
        add(Token.Kind.STRING, StringLiteral.unescaped(source.substring(at + 1, to)));
        advance(to + 1);
    }

    private void operator() {
        String text = at + 1 < source.length() ? source.substring(at, at + 2) : "";
        if (!LONG_OPERATORS.contains(text)) {
            text = source.substring(at, source.offsetByCodePoints(at, 1));
        }
        char c = text.charAt(0);
        if (text.length() == 1 && "([{".indexOf(c) >= 0) {
            open.push(c == '(' ? ')' : c == '[' ? ']' : '}');
        } else if (text.length() == 1 && ")]}".indexOf(c) >= 0) {
            if (open.isEmpty() || open.pop() != c) {
                throw problem("'" + c + "' closes nothing that is open");
            }
        } else if (text.length() == 1 && OPERATORS.indexOf(c) < 0
                || text.length() > 1 && !LONG_OPERATORS.contains(text)) {
            throw problem("'" + text + "' has no meaning within a tag");
        }
        add(Token.Kind.OPERATOR, text);
        advance(at + text.length());
    }

    private static Failure problem(String what) {
        return new Failure(Reason.SYNTAX, what);
    }
}
