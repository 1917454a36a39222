package dev.demur.grammar;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random grammars and real ones with random changes; {@code demur.test.seed} repeats a run. */
class RandomGrammarsTest {

    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int ROUNDS = 800;
    private static final int LONGEST_TEXT = 60;
    private static final String ALPHABET = "ab\"\\[]()|*+?{}0123,-.^ \n\tx#:=<>!\u00e9";

    private final Random random = new Random(SEED);

    @Test
    @Timeout(1800)
    void whatever_is_accepted_is_followed_or_given_up_and_whatever_is_not_is_told_with_its_place() {
        int accepted = 0;
        int followed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String text = random.nextInt(3) > 0
                    ? invented()
                    : changed(random.nextBoolean() ? GrammarTest.JSON : GrammarTest.ARITHMETIC);
            Grammar grammar = parsed(text);
            if (grammar != null) {
                accepted++;
                followed += follow(new GrammarMatcher(grammar)) ? 1 : 0;
            }
        }
        assertTrue(accepted > ROUNDS / 20, accepted + " were accepted, seed " + SEED);
        assertTrue(followed > accepted / 10, followed + " of " + accepted + " were followed, seed " + SEED);
    }

    @Test
    @Timeout(1800)
    void whatever_schema_is_accepted_is_followed_and_whatever_is_not_is_told_with_its_place() {
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String text = changed(JsonSchemaTest.PERSON);
            Grammar grammar;
            try {
                grammar = Grammar.ofJsonSchema(text);
            } catch (GrammarException e) {
                assertTrue(e.line() >= 1 && e.column() >= 1, e::getMessage);
                continue;
            }
            accepted++;
            assertTrue(follow(new GrammarMatcher(grammar)), () -> text + ", seed " + SEED);
        }
        assertTrue(accepted > ROUNDS / 20, accepted + " were accepted, seed " + SEED);
    }

    private static @Nullable Grammar parsed(String text) {
        try {
            return Grammar.parse(text);
        } catch (GrammarException e) {
            assertTrue(e.line() >= 1 && e.column() >= 1, e::getMessage);
            return null;
        }
    }

    /** Goes on with a random byte of those that may come; false where there are too many ways. */
    private boolean follow(GrammarMatcher matcher) {
        GrammarMatcher.Place place = matcher.start();
        for (int i = 0; i < LONGEST_TEXT; i++) {
            List<GrammarMatcher.Place> next = new ArrayList<>();
            matcher.begin();
            try {
                for (int value = 0; value < 256; value++) {
                    GrammarMatcher.Place after = matcher.after(place, (byte) value);
                    if (after != null) {
                        next.add(after);
                    }
                }
            } catch (AmbiguousGrammarException e) {
                return false;
            }
            if (next.isEmpty()) {
                return true;
            }
            place = next.get(random.nextInt(next.size()));
        }
        return true;
    }

    private String changed(String real) {
        StringBuilder text = new StringBuilder(real);
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(text.length());
            char other = ALPHABET.charAt(random.nextInt(ALPHABET.length()));
            switch (random.nextInt(4)) {
                case 0 -> text.deleteCharAt(at);
                case 1 -> text.insert(at, other);
                case 2 -> text.setCharAt(at, other);
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 1 + random.nextInt(12))));
            }
        }
        return text.toString();
    }

    /** Some rules that use one another. */
    private String invented() {
        List<String> names = new ArrayList<>(List.of("root"));
        for (int i = random.nextInt(5); i > 0; i--) {
            names.add("r" + i);
        }
        StringBuilder text = new StringBuilder();
        for (String name : names) {
            text.append(name).append(" ::= ").append(choice(names, 3)).append('\n');
        }
        return text.toString();
    }

    private String choice(List<String> names, int depth) {
        StringBuilder text = new StringBuilder(sequence(names, depth));
        for (int i = random.nextInt(3); i > 0; i--) {
            text.append(" | ").append(sequence(names, depth));
        }
        return text.toString();
    }

    private String sequence(List<String> names, int depth) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(3); i > 0; i--) {
            text.append(part(names, depth)).append(repetition()).append(' ');
        }
        return text.toString();
    }

    private String part(List<String> names, int depth) {
        return switch (random.nextInt(depth > 0 ? 7 : 5)) {
            case 0 -> "\"" + "a b\u00e9".charAt(random.nextInt(4)) + "\"";
            case 1 ->
                List.of("[a-z]", "[^a]", "[-+]", "[\u00e9-\u00ff]", "[^\\x00-\\x7F]")
                        .get(random.nextInt(5));
            case 2 -> "\"(\"";
            case 3 -> random.nextInt(5) == 0 ? "\"\"" : ".";
            case 4, 5 -> names.get(random.nextInt(names.size()));
            default -> "(" + choice(names, depth - 1) + ")";
        };
    }

    private String repetition() {
        int least = random.nextInt(4);
        return switch (random.nextInt(9)) {
            case 0 -> "*";
            case 1 -> "+";
            case 2 -> "?";
            case 3 -> "{" + least + "}";
            case 4 -> "{" + least + ",}";
            case 5 -> "{" + least + "," + random.nextInt(random.nextInt(30) == 0 ? 2_100 : 6) + "}";
            default -> "";
        };
    }
}
