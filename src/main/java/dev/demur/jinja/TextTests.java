package dev.demur.jinja;

import dev.demur.jinja.Methods.Method;
import java.util.Map;
import java.util.function.IntPredicate;

/** The methods of text that say what kind of characters it has. */
final class TextTests {

    private TextTests() {}

    static void addTo(Map<String, Method<Text>> methods) {
        add(methods, "isalpha", Character::isLetter);
        add(methods, "isdecimal", c -> Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER);
        add(methods, "isdigit", TextTests::isDigit);
        add(methods, "isnumeric", TextTests::isNumeric);
        add(methods, "isalnum", c -> Character.isLetter(c) || isNumeric(c));
        add(methods, "isspace", Characters::isSpace);
        methods.put("isascii", (run, text, arguments) -> {
            arguments.bind(0);
            return Bool.of(!TextOperations.any(run, text, c -> c > 0x7f));
        });
        methods.put("isidentifier", (run, text, arguments) -> {
            arguments.bind(0);
            return Bool.of(TextOperations.all(run, text, Characters::isNamePart)
                    && Characters.isNameStart(text.string().codePointAt(0)));
        });
        methods.put("isupper", (run, text, arguments) -> {
            arguments.bind(0);
            return Bool.of(isUpper(run, text));
        });
        methods.put("islower", (run, text, arguments) -> {
            arguments.bind(0);
            return Bool.of(isLower(run, text));
        });
        methods.put("istitle", (run, text, arguments) -> {
            arguments.bind(0);
            return Bool.of(isTitle(run, text));
        });
    }

    private static void add(Map<String, Method<Text>> methods, String name, IntPredicate test) {
        methods.put(name, (run, text, arguments) -> {
            arguments.bind(0);
            return Bool.of(TextOperations.all(run, text, test));
        });
    }

    static boolean isUpper(Run run, Text text) {
        return TextOperations.any(run, text, Character::isUpperCase)
                && !TextOperations.any(run, text, c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    static boolean isLower(Run run, Text text) {
        return TextOperations.any(run, text, Character::isLowerCase)
                && !TextOperations.any(run, text, c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    private static boolean isTitle(Run run, Text text) {
        run.walk(text.length());
        boolean within = false;
        boolean cased = false;
        for (int at = 0; at < text.length(); ) {
            int c = text.string().codePointAt(at);
            boolean capital = Character.isUpperCase(c) || Character.isTitleCase(c);
            if (capital && within || Character.isLowerCase(c) && !within) {
                return false;
            }
            within = Characters.isCased(c);
            cased |= within;
            at += Character.charCount(c);
        }
        return cased;
    }

    private static boolean isDigit(int c) {
        return Character.getType(c) == Character.DECIMAL_DIGIT_NUMBER
                || "²³¹⁰⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉".indexOf(c) >= 0
                || (c >= 0x2460 && c <= 0x2468);
    }

    private static boolean isNumeric(int c) {
        return switch (Character.getType(c)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> Character.isIdeographic(c) && Character.getNumericValue(c) >= 0;
        };
    }
}
