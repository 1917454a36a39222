package dev.demur.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(1800)
class GrammarMatcherTest {

    private static GrammarMatcher.@Nullable Place after(GrammarMatcher matcher, byte[] bytes) {
        GrammarMatcher.Place place = matcher.start();
        for (byte next : bytes) {
            matcher.begin();
            place = place == null ? null : matcher.after(place, next);
        }
        return place;
    }

    private static boolean matches(String grammar, String text) {
        GrammarMatcher.Place place =
                after(new GrammarMatcher(Grammar.parse(grammar)), text.getBytes(StandardCharsets.UTF_8));
        return place != null && place.mayEnd();
    }

    @Test
    void json_is_told_from_what_is_none() {
        for (String good :
                List.of("{}", "{\"a\":[1, \"b\\n\", {\"c\":null}],\"d\":-1.5e3}", "{ \"\u6f22\" :\n\t\t true}")) {
            assertTrue(matches(GrammarTest.JSON, good), good);
        }
        for (String bad : List.of("", "[", "{]", "{\"a\"}", "{\"a\":1,}", "{\"a\":\"\n\"}", "{}x")) {
            assertFalse(matches(GrammarTest.JSON, bad), bad);
        }
    }

    /** A grammar, and texts that it does and does not read. */
    record Read(String grammar, List<String> good, List<String> bad) {}

    /** llama.cpp's parsers, the one of March 2025 and the current one, were seen to accept each of these. */
    static List<Read> read() {
        String all = "[\\x00-\\U0010FFFF]";
        return List.of(
                new Read("root ::= [\\x00-\\x1F]", List.of("\1", "\37", "\n"), List.of("\0", " ")),
                new Read("root ::= [^\\x00-\\x1F]", List.of(" ", "\u00e9"), List.of("\0", "\1", "\37")),
                new Read("root ::= [\\u0000-\\u00e9]", List.of("\1", "\u00e9"), List.of("\0", "\u00ea")),
                new Read("root ::= [^\\x00\\uD800-\\uDFFF]", List.of("a", "\ud83d\ude42"), List.of("\0")),
                new Read("root ::= " + all, List.of("a", "\ud7ff", "\ue000", "\ud83d\ude42"), List.of("\0")),
                new Read("root ::= [a-\\U00110000]", List.of("a", "\udbff\udfff"), List.of("@")),
                new Read("root ::= [\\U00110000-\\UFFFFFFFF] | \"x\"", List.of("x"), List.of("\udbff\udfff", "")),
                new Read("root ::= [\\x00] | [\\uDC00] | \"x\"", List.of("x"), List.of("\0", "")),
                new Read("root ::= [^\\x00]", List.of("a"), List.of("\0", "")),
                new Read("root ::= \"a\nb\"", List.of("a\nb"), List.of("ab")),
                new Read("root ::= [a\n]\n", List.of("a", "\n"), List.of("")),
                new Read("root ::= []\"a\"[^]", List.of("a"), List.of("", "aa")),
                new Read("root ::= \"a\"{0} \"b\"", List.of("b"), List.of("ab", "a")),
                new Read("root ::= (\"a\" | root){0,0} \"b\"", List.of("b"), List.of("ab", "bb")),
                new Read("root ::= \"ab\"+*", List.of("", "ab", "ababab"), List.of("a")),
                new Read("root ::= \"a\"+?", List.of("", "a", "aaa"), List.of("b")),
                new Read("root ::= \"a\"?{3}", List.of("", "a", "aaa"), List.of("aaaa")),
                new Read("root ::= \"ab\"{2}{3}", List.of("abababababab"), List.of("ababab", "ababababab")),
                new Read("root ::= \"a\"\nroot ::= \"b\"", List.of("b"), List.of("a")),
                new Read("root ::= [\\[\\]\\\\\"'] [[] [-] [--/]", List.of("][-.", "\\[--"), List.of("a[-.")),
                new Read("root ::= \"\\[\\]\\\\\\\"'\"", List.of("[]\\\"'"), List.of()),
                new Read("root ::= ( # one\r\n\r\n \"a\" |\r\n#two\r\n\t\"b\")", List.of("a", "b"), List.of("ab")),
                new Read("root ::= .{ 2 , } | \"\" #", List.of("", "a\n"), List.of("a")));
    }

    @ParameterizedTest
    @MethodSource("read")
    void what_every_llama_cpp_accepts_is_read_as_there(Read read) {
        for (String good : read.good) {
            assertTrue(matches(read.grammar, good), good);
        }
        for (String bad : read.bad) {
            assertFalse(matches(read.grammar, bad), bad);
        }
    }

    @Test
    void no_class_reads_the_bytes_of_a_surrogate() {
        for (String grammar : List.of("root ::= [\\uD000-\\uF000]", "root ::= [\\uD800-\\uDFFF]", "root ::= [^a]")) {
            GrammarMatcher matcher = new GrammarMatcher(Grammar.parse(grammar));
            assertNull(after(matcher, new byte[] {(byte) 0xED, (byte) 0xA0}), grammar);
        }
    }

    @Test
    void sums_are_followed_through_parentheses() {
        assertTrue(matches(GrammarTest.ARITHMETIC, "(a +12) *(b-(c/3)) = 42\n"));
        assertFalse(matches(GrammarTest.ARITHMETIC, "(a +12 *(b-(c/3)) = 42\n"));
    }

    @Test
    void every_character_is_read_by_its_class_alone() {
        GrammarMatcher any = new GrammarMatcher(Grammar.parse("root ::= ."));
        GrammarMatcher some = new GrammarMatcher(Grammar.parse("root ::= [b-y\u00e9-\u1234\\U00010400-\\U0010FFF0]"));
        GrammarMatcher others =
                new GrammarMatcher(Grammar.parse("root ::= [^b-y\u00e9-\u1234\\U00010400-\\U0010FFF0]"));
        assertNull(after(any, new byte[1]), "NUL");
        for (int c = 1; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                continue;
            }
            byte[] bytes = Character.toString(c).getBytes(StandardCharsets.UTF_8);
            boolean inside = c >= 'b' && c <= 'y' || c >= 0xe9 && c <= 0x1234 || c >= 0x10400 && c <= 0x10FFF0;
            assertTrue(after(any, bytes) != null, Integer.toHexString(c));
            assertEquals(inside, after(some, bytes) != null, Integer.toHexString(c));
            assertEquals(!inside, after(others, bytes) != null, Integer.toHexString(c));
        }
    }

    @Test
    void bytes_that_are_no_utf_8_are_read_by_no_class() {
        GrammarMatcher any = new GrammarMatcher(Grammar.parse("root ::= .*"));
        for (int[] bad : List.of(
                new int[] {0x80},
                new int[] {0xC0, 0x80},
                new int[] {0xC1, 0xBF},
                new int[] {0xE0, 0x80, 0x80},
                new int[] {0xED, 0xA0, 0x80}, // a surrogate
                new int[] {0xF4, 0x90, 0x80, 0x80},
                new int[] {0xFF},
                new int[] {0xE2, 0x41})) {
            byte[] bytes = new byte[bad.length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) bad[i];
            }
            assertNull(after(any, bytes));
        }
        GrammarMatcher.Place half = after(any, new byte[] {(byte) 0xE2, (byte) 0x82});
        assertTrue(half != null && !half.mayEnd());
    }

    /** llama.cpp would spend exponential time on some of these. */
    @Test
    void ambiguous_grammars_are_followed_or_given_up_and_never_hang() {
        String many = "a".repeat(400);
        assertTrue(matches("root ::= ([a-z] | [a-m])*", many));
        assertTrue(matches("root ::= ([a-z]+)+ \"!\"", many + "!"));
        assertTrue(matches("root ::= s\ns ::= \"a\" s \"b\" | \"a\" s \"c\" | \"a\"", "a".repeat(8) + "bcbcbcb"));
        assertThrows(
                AmbiguousGrammarException.class,
                () -> matches("root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"a\"", many));
    }

    @Test
    void deep_nesting_is_no_recursion() {
        String deep = "root ::= \"(\" root \")\" | \"x\"";
        assertTrue(matches(deep, "(".repeat(100_000) + "x" + ")".repeat(100_000)));
        assertTrue(matches("root ::= \"a\" root \"b\"? | \"c\"", "a".repeat(2_000) + "c"));
    }

    /** Grammars without rules that call one another are regular expressions, which Java's own matcher reads. */
    @Test
    void random_grammars_read_what_the_same_regular_expression_reads() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int matched = 0;
        for (int round = 0; round < 3_000; round++) {
            StringBuilder regex = new StringBuilder();
            String grammar = "root ::= " + choice(random, 2, regex);
            GrammarMatcher matcher;
            try {
                matcher = new GrammarMatcher(Grammar.parse(grammar));
            } catch (GrammarException e) {
                String refusal = String.valueOf(e.getMessage());
                assertTrue(
                        refusal.contains("may be empty is repeated") || refusal.contains("ways to go on at one place"),
                        refusal + ", seed " + seed);
                continue;
            }
            Pattern pattern = Pattern.compile(regex.toString(), Pattern.DOTALL);
            for (int i = 0; i < 40; i++) {
                String text = text(random);
                GrammarMatcher.Place place = after(matcher, text.getBytes(StandardCharsets.UTF_8));
                boolean expected = pattern.matcher(text).matches();
                assertEquals(
                        expected,
                        place != null && place.mayEnd(),
                        grammar + " and " + regex + " on '" + text + "', seed " + seed);
                matched += expected ? 1 : 0;
            }
        }
        assertTrue(matched > 1_000, matched + " matched, seed " + seed);
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i > 0; i--) {
            text.append(List.of("a", "b", "\u00e9", "\uD83D\uDE42").get(random.nextInt(4)));
        }
        return text.toString();
    }

    private static String choice(Random random, int depth, StringBuilder regex) {
        StringBuilder grammar = new StringBuilder();
        regex.append("(?:");
        for (int i = random.nextInt(3); i >= 0; i--) {
            for (int k = random.nextInt(4); k > 0; k--) {
                grammar.append(part(random, depth, regex)).append(' ');
            }
            grammar.append(i > 0 ? "| " : "");
            regex.append(i > 0 ? "|" : "");
        }
        regex.append(')');
        return grammar.toString();
    }

    private static String part(Random random, int depth, StringBuilder regex) {
        int kind = random.nextInt(depth > 0 ? 6 : 4);
        String part = switch (kind) {
            case 0 -> "\"a\"";
            case 1 -> "[a\u00e9]";
            case 2 -> "[^a]";
            case 3 -> ".";
            default -> "(" + choice(random, depth - 1, regex) + ")";
        };
        if (kind < 4) {
            regex.append(part.replace("\"", ""));
        }
        String repetition = List.of("", "", "", "*", "+", "?", "{2}", "{1,}", "{0,3}", "{1,2}")
                .get(random.nextInt(10));
        regex.append(repetition);
        return part + repetition;
    }
}
