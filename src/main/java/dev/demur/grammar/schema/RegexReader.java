package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a regular expression of ECMAScript, as far as it is regular, by descent along its syntax. */
final class RegexReader {

    /** Groups are read by recursion, and become groups of the grammar. */
    private static final int DEEPEST = 20;

    private static final int LONGEST = 2_000;
    private static final int LARGEST_NUMBER = 20_000;
    private static final String SYNTAX = "^$\\.*+?()[]{}|/-";
    private static final Regex ANYTHING =
            new Regex.Repetition(new Regex.Characters(CodePoints.ALL), 0, Regex.UNBOUNDED);
    private static final char END = '\0';

    private final String text;
    private final Function<String, JsonSchemaException> problem;
    private int at;
    private int depth;

    /**
     * A reader.
     *
     * @param problem makes an exception of what is wrong
     */
    RegexReader(String text, Function<String, JsonSchemaException> problem) {
        this.text = text;
        this.problem = problem;
    }

    /** What the whole of a text is in which the expression is found somewhere. */
    Regex read() {
        if (text.length() > LONGEST) {
            throw problem.apply("a regular expression has more than " + LONGEST + " characters");
        }
        List<Regex> ways = new ArrayList<>();
        do {
            ways.add(anchored());
        } while (take('|'));
        if (at < text.length()) {
            throw unsupported(text.charAt(at) == ')' ? "a ) closes no group" : "$ stands within it");
        }
        return alternatives(ways);
    }

    private Regex anchored() {
        List<Regex> parts = new ArrayList<>();
        if (!take('^')) {
            parts.add(ANYTHING);
        }
        parts.add(sequence());
        if (!take('$')) {
            parts.add(ANYTHING);
        }
        return flat(parts);
    }

    private static Regex alternatives(List<Regex> ways) {
        return ways.size() == 1 ? ways.get(0) : new Regex.Alternatives(List.copyOf(ways));
    }

    private static Regex flat(List<Regex> parts) {
        List<Regex> flat = new ArrayList<>();
        for (Regex part : parts) {
            flat.addAll(part instanceof Regex.Sequence inner ? inner.parts() : List.of(part));
        }
        return flat.size() == 1 ? flat.get(0) : new Regex.Sequence(List.copyOf(flat));
    }

    private Regex sequence() {
        List<Regex> parts = new ArrayList<>();
        while (at < text.length() && here() != '|' && here() != ')' && here() != '$') {
            parts.add(repeated(part()));
        }
        return flat(parts);
    }

    private Regex part() {
        char c = here();
        switch (c) {
            case '(' -> {
                return group();
            }
            case '[' -> {
                return new Regex.Characters(characterClass());
            }
            case '.' -> {
                at++;
                return new Regex.Characters(CodePoints.NO_LINE_END);
            }
            case '\\' -> {
                return new Regex.Characters(escape(false, false));
            }
            case '^' -> throw unsupported("^ stands within it");
            case '*', '+', '?', '{' -> throw unsupported("there is nothing to repeat");
            default -> {
                int codePoint = text.codePointAt(at);
                at += Character.charCount(codePoint);
                return new Regex.Characters(CodePoints.of(codePoint, codePoint));
            }
        }
    }

    private Regex group() {
        at++;
        if (++depth > DEEPEST) {
            throw unsupported("groups are nested more than " + DEEPEST + " deep");
        }
        if (take('?')) {
            if (text.startsWith("<", at) && !text.startsWith("<=", at) && !text.startsWith("<!", at)) {
                int end = text.indexOf('>', at);
                at = end < 0 ? text.length() : end + 1; // a name, which nothing refers to
            } else if (!take(':')) {
                throw unsupported("there is a group with (?" + (at < text.length() ? here() : ""));
            }
        }
        List<Regex> ways = new ArrayList<>();
        do {
            ways.add(sequence());
        } while (take('|'));
        if (here() == '$') {
            throw unsupported("$ stands within it");
        }
        if (!take(')')) {
            throw unsupported("the ) of a group is missing");
        }
        depth--;
        return alternatives(ways);
    }

    private Regex repeated(Regex part) {
        int least;
        int most = Regex.UNBOUNDED;
        if (take('*')) {
            least = 0;
        } else if (take('+')) {
            least = 1;
        } else if (take('?')) {
            least = 0;
            most = 1;
        } else if (take('{')) {
            least = number();
            most = least;
            if (take(',')) {
                most = here() == '}' ? Regex.UNBOUNDED : number();
            }
            if (!take('}') || most < least) {
                throw unsupported("a repetition is none");
            }
        } else {
            return part;
        }
        take('?'); // the shortest match first: the same texts
        if (at < text.length() && "*+?{".indexOf(here()) >= 0) {
            throw unsupported("there is nothing to repeat");
        }
        return new Regex.Repetition(part, least, most);
    }

    private int number() {
        int start = at;
        while (here() >= '0' && here() <= '9') {
            at++;
        }
        if (at == start || at - start > 9) {
            throw unsupported("a repetition is none");
        }
        int number = Integer.parseInt(text.substring(start, at));
        if (number > LARGEST_NUMBER) {
            throw unsupported("something is repeated more than " + LARGEST_NUMBER + " times");
        }
        return number;
    }

    private CodePoints characterClass() {
        at++;
        boolean negated = take('^');
        CodePoints set = new CodePoints(List.of());
        while (here() != ']') {
            if (at >= text.length()) {
                throw unsupported("the ] of a class is missing");
            }
            CodePoints low = member(negated);
            boolean range = here() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']';
            if (range && low.size() == 1) {
                at++;
                CodePoints high = member(negated);
                int first = low.ranges().get(0).low();
                int last = high.size() == 1 ? high.ranges().get(0).low() : -1;
                if (last < first) {
                    throw unsupported("a range in a class ends before it begins");
                }
                set = set.with(CodePoints.of(first, last));
            } else {
                set = set.with(low);
            }
        }
        at++;
        return negated ? set.complement() : set;
    }

    private CodePoints member(boolean widest) {
        if (here() == '\\') {
            return escape(true, widest);
        }
        if (at >= text.length()) {
            throw unsupported("the ] of a class is missing");
        }
        int codePoint = text.codePointAt(at);
        at += Character.charCount(codePoint);
        return CodePoints.of(codePoint, codePoint);
    }

    private CodePoints escape(boolean inClass, boolean widest) {
        at++;
        char kind = here();
        at++;
        CodePoints set = classEscape(kind, widest);
        if (set != null) {
            return set;
        }
        int c = switch (kind) {
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'f' -> '\f';
            case 'v' -> 0x0B;
            case 'b' -> inClass ? '\b' : -1;
            case '0' -> here() >= '0' && here() <= '9' ? -1 : 0;
            case 'x' -> hexadecimal(2);
            case 'u' -> unicode();
            default -> SYNTAX.indexOf(kind) >= 0 || kind > ' ' && kind < 0x7F && !isWord(kind) ? kind : -1;
        };
        if (c < 0 || at > text.length()) {
            throw unsupported("there is the escape \\" + (at > text.length() ? "" : kind));
        }
        return CodePoints.of(c, c);
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    /**
     * The characters that {@code \\d} and the like stand for; null where it stands for none. Dialects differ in what white
     * space is: only what is in all of them is written, and what is in any where a class is negated.
     */
    private static @Nullable CodePoints classEscape(char kind, boolean widest) {
        return switch (kind) {
            case 'd' -> CodePoints.DIGITS;
            case 'D' -> CodePoints.DIGITS.complement();
            case 'w' -> CodePoints.WORD;
            case 'W' -> CodePoints.WORD.complement();
            case 's' -> widest ? CodePoints.ANY_SPACE : CodePoints.SPACE;
            case 'S' -> (widest ? CodePoints.SPACE : CodePoints.ANY_SPACE).complement();
            default -> null;
        };
    }

    private int unicode() {
        if (take('{')) {
            int end = text.indexOf('}', at);
            String digits = end < 0 ? "" : text.substring(at, end);
            int value = digits.matches("[0-9a-fA-F]{1,6}") ? Integer.parseInt(digits, 16) : -1;
            at = end + 1;
            return value <= Character.MAX_CODE_POINT ? value : -1;
        }
        int high = hexadecimal(4);
        if (high >= Character.MIN_HIGH_SURROGATE
                && high <= Character.MAX_HIGH_SURROGATE
                && text.toLowerCase(Locale.ROOT).startsWith("\\u", at)) {
            at += 2;
            int low = hexadecimal(4);
            return Character.isSurrogatePair((char) high, (char) low)
                    ? Character.toCodePoint((char) high, (char) low)
                    : -1;
        }
        return high;
    }

    private int hexadecimal(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++, at++) {
            int digit = here() < 128 ? Character.digit(here(), 16) : -1;
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }

    private boolean take(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private char here() {
        return at < text.length() ? text.charAt(at) : END;
    }

    private JsonSchemaException unsupported(String what) {
        return problem.apply("the regular expression is not supported: " + what);
    }
}
