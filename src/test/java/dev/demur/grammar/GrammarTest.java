package dev.demur.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(1800)
class GrammarTest {

    static final String ARITHMETIC = """
            root ::= (expression "=" space term "\\n")+
            expression ::= term ([-+*/] term)*
            term ::= identifier | number | "(" space expression ")" space # a comment
            identifier ::= [a-z] [a-z0-9]* space
            number ::= [0-9]+ space

            # another
            space ::= [ \\t\\n]*
            """;

    static final String JSON = """
            root ::= object
            value ::= object | array | string | number | ("true" | "false" | "null") ws
            object ::= "{" ws ( string ":" ws value
              ("," ws string ":" ws value)* )? "}" ws
            array ::= "[" ws ( value ("," ws value)* )? "]" ws
            string ::= "\\"" ([^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4}))* "\\"" ws
            number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9]{1,4})? ws
            ws ::= | " " | "\\n" [ \\t]{0,20}
            """;

    static List<String> good() {
        return List.of(
                ARITHMETIC,
                JSON,
                ARITHMETIC.replace("\n", "\r\n"),
                "root ::= item root | item\nitem ::= \"a\"? \"b\" | opt \"c\" item\nopt ::= \"d\"*",
                "root ::= .{2,} \"\u2581\" [\u00e9-\u00ff] \"\\u00e9\\U0001F600\\x41\" (\"a\" |)",
                "root ::=\n  \"a\" |\n  \"b\"",
                "root::=[^a-] [-a] [+--]", // a dash at either end is one
                "root ::= \"a\"{3} [a]{ 1 , 3 } (\"b\"){0,1999}",
                "root ::= " + "(".repeat(64) + "\"a\"" + ")".repeat(64),
                "root ::= \"\"",
                "root ::= []",
                "root ::= \"a\"\rx ::= \"b\" # a line may end like that",
                "-1 ::= \"a\"\nroot ::= -1");
    }

    /** A grammar, what is said of it, and where. */
    record Bad(String grammar, String says, int line, int column) {
        @Override
        public String toString() {
            return grammar.substring(0, Math.min(40, grammar.length())).replace("\n", "\\n");
        }
    }

    private static String chain(int rules, String last) {
        return "root ::= a0\n"
                + IntStream.range(0, rules)
                        .mapToObj(i -> "a" + i + " ::= " + (i + 1 < rules ? "a" + (i + 1) : last) + "\n")
                        .collect(Collectors.joining());
    }

    private static String doubling(int rules) {
        return "root ::= \"x\" a0\n"
                + IntStream.range(0, rules)
                        .mapToObj(i ->
                                "a" + i + " ::= " + (i + 1 < rules ? "a" + (i + 1) + " a" + (i + 1) : "\"x\"?") + "\n")
                        .collect(Collectors.joining());
    }

    static List<Bad> bad() {
        return List.of(
                new Bad("", "no rule 'root'", 1, 1),
                new Bad("root", "::=", 1, 5),
                new Bad("root ::= \"a", "literal does not end", 1, 10),
                new Bad("root ::= \"a\n", "literal does not end", 1, 10),
                new Bad("root ::= [a-", "class does not end", 1, 10),
                new Bad("root ::= [z-a]", "range", 1, 12),
                new Bad("root ::= \"a\"\nx ::= y", "'y' is defined nowhere", 2, 7),
                new Bad("root ::= undefined_rule", "'_' begins nothing", 1, 19),
                new Bad("other ::= \"a\"", "no rule 'root'", 1, 1),
                new Bad("root ::= (\"a\"", ") of a group is missing", 1, 14),
                new Bad("root ::= \"a\")", ") closes no group", 1, 13),
                new Bad("root ::= \"\\x\"", "hexadecimal", 1, 11),
                new Bad("root ::= \"\\q\"", "escape", 1, 11),
                new Bad("root ::= [\\-]", "\\x2D", 1, 11),
                new Bad("root ::= \"\\U00110000\"", "no character", 1, 11),
                new Bad("root ::= \"\\ud800\"", "no character", 1, 11),
                new Bad("root ::= \"\\x00\"", "no character", 1, 11),
                new Bad("root ::= \"a\"{2", "{3}, {3,} or {3,5}", 1, 13),
                new Bad("root ::= \"a\"{9,1}", "at least its least", 1, 13),
                new Bad("root ::= \"a\"{x}", "{3}, {3,} or {3,5}", 1, 13),
                new Bad("root ::= \"a\"{99999999999}", "below 2000", 1, 13),
                new Bad("root ::= \"a\"{2000}", "below 2000", 1, 13),
                new Bad("root ::= \"a\"{5,2000}", "below 2000", 1, 13),
                new Bad("root ::= (\"a\"{0,99}){0,99}", "99 times the 100 rules", 1, 21),
                new Bad("root ::= *", "nothing to repeat", 1, 10),
                new Bad("root ::= \"\"*", "nothing to repeat", 1, 12),
                new Bad("root ::= \"a\"**", "without end", 1, 14),
                new Bad("root ::= \"a\"?+", "without end", 1, 14),
                new Bad("root ::= \"a\"{0}*", "nothing to repeat", 1, 16),
                new Bad("root ::= []*", "nothing to repeat", 1, 12),
                new Bad("root ::= []]", "a ] ends no", 1, 12),
                new Bad("root ::= \"a\"{40}{50}", "50 times the 40 rules", 1, 17),
                new Bad("root ::= <think>", "angle brackets", 1, 10),
                new Bad("\u00ff", "must begin with its name", 1, 1),
                new Bad("root ::= \"a\u0000\"", "NUL", 1, 12),
                new Bad("root ::= \"\ud83d\"", "half a character", 1, 11),
                new Bad("\ufeffroot ::= x", "'x' is defined nowhere", 1, 10),
                new Bad("root ::= \"a\" \ufeff", "begins nothing", 1, 14),
                new Bad("root ::= \nother ::= \"b\"", "::= stands within", 2, 7),
                new Bad("root ::= (\"a\"?)*", "without end", 1, 16),
                new Bad("root ::= (\"a\" | )+", "without end", 1, 18),
                new Bad("root ::= a{2,}\na ::= b\nb ::= \"x\"*", "without end", 1, 11),
                new Bad("root ::= root \"a\"", "'root' can begin with itself", 1, 10),
                new Bad("root ::= \"a\" | (\"b\" | root) \"a\"", "can begin with itself", 1, 23),
                new Bad("root ::= \"x\" a\na ::= b \"y\"\nb ::= c\nc ::= \"\" a", "'a' can begin", 4, 10),
                new Bad("root ::= e root \"z\" | \"y\"\ne ::= f f\nf ::= \"\" | \"q\"", "'root' can begin", 1, 12),
                new Bad("root ::= \"\ud83d\ude42\" \"\ud83d\ude42", "literal", 1, 14),
                new Bad("root ::= " + "(".repeat(65) + "\"a\"" + ")".repeat(65), "64 deep", 1, 74),
                new Bad(chain(400, "\"x\""), "begin with one another", 200, 10),
                new Bad("root ::= (\"a\"?){0,300}", "begin with one another", 1, 16),
                new Bad(doubling(40), "ways to go on", 1, 1),
                new Bad("root ::= " + "\"0123456789\"{1999} ".repeat(11), "parts", 1, 1),
                new Bad("root ::= \"" + "a".repeat(300_000) + "\"", "characters", 1, 1));
    }

    @ParameterizedTest
    @MethodSource("good")
    void ordinary_grammars_are_accepted(String grammar) {
        assertEquals(grammar, Grammar.parse(grammar).text());
    }

    @ParameterizedTest
    @MethodSource("bad")
    void what_llama_cpp_would_print_loop_or_crash_at_is_refused_with_its_place(Bad bad) {
        GrammarException e = assertThrows(GrammarException.class, () -> Grammar.parse(bad.grammar));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains(bad.says), message);
        assertEquals(List.of(bad.line, bad.column), List.of(e.line(), e.column()), message);
        assertTrue(message.startsWith("grammar, line " + bad.line + ", column " + bad.column + ": "), message);
    }

    @Test
    void a_byte_order_mark_is_no_part_of_a_grammar() {
        assertEquals(Grammar.parse(JSON), Grammar.parse("\ufeff" + JSON));
    }

    @Test
    void a_long_list_of_words_and_many_rules_are_fine() {
        String words =
                IntStream.range(0, 9_000).mapToObj(i -> "\"word" + i + "\"").collect(Collectors.joining(" | "));
        Grammar.parse("root ::= " + words);
        String rules = IntStream.range(0, 4_000)
                .mapToObj(i -> "r" + i + " ::= \"a\" r" + (i + 1) + "\n")
                .collect(Collectors.joining());
        Grammar.parse("root ::= r0\n" + rules + "r4000 ::= \"end\"");
    }

    @Test
    void a_file_is_read_and_its_name_said_where_it_is_bad(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.gbnf"), JSON);
        assertEquals(Grammar.parse(JSON), Grammar.read(file));
        assertEquals(Grammar.parse(JSON).hashCode(), Grammar.read(file).hashCode());
        assertNotEquals(Grammar.parse(ARITHMETIC), Grammar.read(file));
        Files.writeString(file, "\ufeff" + JSON.replace("\n", "\r\n"));
        assertEquals(Grammar.parse(JSON.replace("\n", "\r\n")), Grammar.read(file));
        for (byte[] bytes : List.of("root ::= x".getBytes(java.nio.charset.StandardCharsets.UTF_8), new byte[] {-1})) {
            Files.write(file, bytes);
            String message =
                    assertThrows(DemurException.class, () -> Grammar.read(file)).getMessage();
            assertTrue(String.valueOf(message).startsWith(file + ": "), message);
        }
        assertThrows(DemurException.class, () -> Grammar.read(folder.resolve("none")));
    }
}
