package dev.demur.grammar;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads GBNF into rules, by descent along its syntax, and accepts only what the parsers of all llama.cpp releases read
 * in the same way.
 */
final class GrammarReader {

    /** Groups are read by recursion. */
    private static final int DEEPEST = 64;

    /** llama.cpp takes no repetition whose number times the rules made within what is repeated reaches this. */
    private static final int REPETITION_LIMIT = 2000;

    private static final char END = '\0';

    private final String text;
    private int at;
    private int depth;

    /** What llama.cpp makes a rule of: names in the order in which they come, and groups and repetitions. */
    private final Set<String> names = new HashSet<>();

    private int unnamed;

    GrammarReader(String text) {
        this.text = text;
    }

    /** All rules, in order. */
    List<Rule> read() {
        int nul = text.indexOf(END);
        if (nul >= 0) {
            throw problem(nul, "there is a NUL character");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))) {
                if (!Character.isLowSurrogate(charAt(++i))) {
                    throw problem(i - 1, "there is half a character (a lone surrogate)");
                }
            } else if (Character.isLowSurrogate(text.charAt(i))) {
                throw problem(i, "there is half a character (a lone surrogate)");
            }
        }
        List<Rule> rules = new ArrayList<>();
        skipSpace(true);
        while (here() != END) {
            rules.add(rule());
            skipSpace(true);
        }
        return rules;
    }

    private Rule rule() {
        int start = at;
        String name = name();
        skipSpace(false);
        if (name.isEmpty() || !text.startsWith("::=", at)) {
            throw problem(
                    name.isEmpty() ? start : at,
                    "a rule must begin with its name, of letters, digits and dashes, and ::= behind it");
        }
        at += 3;
        skipSpace(true);
        Part.Choice body = choice(false);
        if (here() != END && here() != '\n' && here() != '\r') {
            throw problem(at, unexpected());
        }
        return new Rule(name, start, body);
    }

    private String unexpected() {
        return switch (here()) {
            case ')' -> "a ) closes no group";
            case '<', '!' -> "tokens in angle brackets are known to some llama.cpp only: write a literal";
            case '*', '+', '?', '{' -> "there is nothing to repeat: a repetition stands behind what is repeated";
            case ']' -> "a ] ends no character class: write \\] for one that a class holds";
            case ':' ->
                "::= stands within a rule: a rule's body must not be empty but for \"\", and its next line must"
                        + " not begin with a name";
            default ->
                "'" + text.substring(at, text.offsetByCodePoints(at, 1)) + "' begins nothing that a rule consists of";
        };
    }

    private Part.Choice choice(boolean nested) {
        List<List<Part>> alternatives = new ArrayList<>();
        alternatives.add(sequence(nested));
        while (here() == '|') {
            at++;
            skipSpace(true);
            alternatives.add(sequence(nested));
        }
        return new Part.Choice(List.copyOf(alternatives));
    }

    private List<Part> sequence(boolean nested) {
        List<Part> parts = new ArrayList<>();
        while (true) {
            int symbols = symbols();
            Part part = part();
            if (part == null) {
                return List.copyOf(parts);
            }
            long made = part instanceof Part.Choice ? Math.max(1, symbols() - symbols) : 1;
            skipSpace(nested);
            while (isRepetition(here()) && !isNothing(part)) {
                Part.Repetition repetition = repetition(part, made, nested);
                made *= times(repetition.least(), repetition.most());
                part = repetition;
                skipSpace(nested);
            }
            parts.add(part);
        }
    }

    /** Whether nothing of it is left in llama.cpp's rule, so that there is nothing to repeat. */
    private static boolean isNothing(Part part) {
        return part instanceof Part.Characters characters
                ? characters.places().isEmpty()
                : part instanceof Part.Repetition repetition && repetition.most() == 0;
    }

    private int symbols() {
        return names.size() + unnamed;
    }

    /** The part that begins here; null where none does. */
    private @Nullable Part part() {
        char c = here();
        if (c == '"') {
            return literal();
        }
        if (c == '[') {
            return characterClass();
        }
        if (c == '(') {
            return group();
        }
        if (c == '.') {
            at++;
            return new Part.Characters(List.of(CharacterRanges.any()));
        }
        if (isNameCharacter(c)) {
            int start = at;
            return new Part.Use(name(), start);
        }
        return null;
    }

    private Part.Choice group() {
        int start = at++;
        if (++depth > DEEPEST) {
            throw problem(start, "groups are nested more than " + DEEPEST + " deep: make rules of them");
        }
        unnamed++;
        skipSpace(true);
        Part.Choice choice = choice(true);
        if (here() != ')') {
            throw problem(at, here() == END ? "the ) of a group is missing" : unexpected());
        }
        at++;
        depth--;
        return choice;
    }

    private Part.Characters literal() {
        int start = at++;
        List<CharacterRanges> places = new ArrayList<>();
        while (here() != '"') {
            int escape = at;
            int character = character(start, "literal");
            if (!CharacterRanges.isCharacter(character)) {
                throw problem(escape, "an escape is no character that a text can hold");
            }
            places.add(CharacterRanges.of(character));
        }
        at++;
        return new Part.Characters(List.copyOf(places));
    }

    private Part.Characters characterClass() {
        int start = at++;
        boolean negated = here() == '^';
        if (negated) {
            at++;
        }
        List<CharacterRanges.Range> ranges = new ArrayList<>();
        while (here() != ']') {
            int low = character(start, "character class");
            int high = low;
            if (here() == '-' && charAt(at + 1) != ']') {
                int dash = at++;
                high = character(start, "character class");
                if (high < low) {
                    throw problem(dash, "a range ends before it begins");
                }
            }
            ranges.add(new CharacterRanges.Range(low, high));
        }
        at++;
        if (ranges.isEmpty()) {
            return new Part.Characters(List.of()); // as an empty literal
        }
        return new Part.Characters(List.of(negated ? CharacterRanges.allBut(ranges) : CharacterRanges.of(ranges)));
    }

    /**
     * One character of a literal or a class that began at {@code start}, a line end included; or what an escape has in the
     * place of one, which may be no character.
     */
    private int character(int start, String of) {
        char c = here();
        if (c == END) {
            throw problem(start, "a " + of + " does not end");
        }
        if (c == '\\') {
            return escape();
        }
        int codePoint = text.codePointAt(at);
        at += Character.charCount(codePoint);
        return codePoint;
    }

    private int escape() {
        int start = at;
        char kind = charAt(at + 1);
        at += 2;
        return switch (kind) {
            case 'x' -> hexadecimal(start, 2);
            case 'u' -> hexadecimal(start, 4);
            case 'U' -> hexadecimal(start, 8);
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'n' -> '\n';
            case '\\', '"', '[', ']' -> kind;
            case '-' -> throw problem(start, "not every llama.cpp knows \\-: write \\x2D");
            default ->
                throw problem(
                        start,
                        "there is no such escape: it is one of \\n \\r \\t \\\\ \\\" \\[ \\] \\x41 \\u0041 \\U00000041");
        };
    }

    private int hexadecimal(int start, int digits) {
        long value = 0;
        for (int i = 0; i < digits; i++, at++) {
            char c = here();
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw problem(start, "an escape needs " + digits + " hexadecimal digits");
            }
            value = value * 16 + digit;
        }
        return (int) Math.min(value, Character.MAX_CODE_POINT + 1);
    }

    /** What stands behind {@code part}; {@code made} rules of llama.cpp's are within it. */
    private Part.Repetition repetition(Part part, long made, boolean nested) {
        int start = at;
        char kind = text.charAt(at++);
        int least = kind == '+' ? 1 : 0;
        int most = kind == '?' ? 1 : Part.UNBOUNDED;
        if (kind == '{') {
            skipSpace(nested);
            least = number(start);
            most = least;
            skipSpace(nested);
            if (here() == ',') {
                at++;
                skipSpace(nested);
                most = isDigit(here()) ? number(start) : Part.UNBOUNDED;
                skipSpace(nested);
            }
            if (here() != '}') {
                throw problem(start, "a repetition is written {3}, {3,} or {3,5}");
            }
            at++;
        }
        if (most != Part.UNBOUNDED && most < least) {
            throw problem(start, "the largest number of a repetition must be at least its least");
        }
        long times = times(least, most);
        if (made * times >= REPETITION_LIMIT) {
            throw problem(
                    start,
                    made == 1
                            ? "a repetition's number must be below " + REPETITION_LIMIT
                            : times + " times the " + made + " rules that llama.cpp makes of it reach "
                                    + REPETITION_LIMIT + ": repeat less, or make a rule of what is repeated");
        }
        unnamed += most == Part.UNBOUNDED ? 1 : most - least;
        return new Part.Repetition(part, least, most, start);
    }

    private static long times(int least, int most) {
        return most > 0 ? most : Math.max(1, least);
    }

    private int number(int start) {
        if (!isDigit(here())) {
            throw problem(start, "a repetition is written {3}, {3,} or {3,5}");
        }
        int value = 0;
        while (isDigit(here())) {
            value = Math.min(value * 10 + (here() - '0'), REPETITION_LIMIT);
            at++;
        }
        return value;
    }

    private String name() {
        int start = at;
        while (isNameCharacter(here())) {
            at++;
        }
        String name = text.substring(start, at);
        names.add(name);
        return name;
    }

    private void skipSpace(boolean acrossLines) {
        while (true) {
            char c = here();
            if (c == '#') {
                while (here() != END && here() != '\n' && here() != '\r') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || (acrossLines && (c == '\n' || c == '\r'))) {
                at++;
            } else {
                return;
            }
        }
    }

    private char here() {
        return charAt(at);
    }

    private char charAt(int index) {
        return index < text.length() ? text.charAt(index) : END;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c) || c == '-';
    }

    private static boolean isRepetition(char c) {
        return c == '*' || c == '+' || c == '?' || c == '{';
    }

    private GrammarException problem(int where, String what) {
        return new GrammarException(text, where, what);
    }
}
