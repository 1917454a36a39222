package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.ask.PromptArgument;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.UsageException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UsageTest {

    /** A command line, and a part of what its one line must say. */
    record Wrong(String says, String... args) {
        @Override
        public String toString() {
            return "demur " + String.join(" ", args);
        }
    }

    static List<Wrong> wrongUsages() {
        return List.of(
                new Wrong("no command is given: it is one of ask, "),
                new Wrong("unknown command 'aks'", "aks", "hello"),
                new Wrong("unknown command 'window'", "window"),
                new Wrong("--language is 'fr'", "desktop", "--language", "fr"),
                new Wrong("a command's options come after it", "--json"),
                new Wrong("PROMPT is missing", "ask"),
                new Wrong("PROMPT is missing", "ask", "--json"),
                new Wrong("the prompt is empty", "ask", ""),
                new Wrong("the prompt is empty", "ask", " \t"),
                new Wrong("the prompt is empty", "ask", "-"),
                new Wrong(
                        "'are' is one argument too many: put a text with spaces in quotes", "ask", "how", "are", "you"),
                new Wrong("one argument too many: give a model by --model FILE", "ask", "any.gguf", "hello"),
                new Wrong(
                        "the prompt is the file models/demur-tiny.gguf: give the model by --model models/demur-tiny.gguf",
                        "ask",
                        "models/demur-tiny.gguf"),
                new Wrong("did you mean --threshold", "ask", "x", "--treshold", "safety=1"),
                new Wrong("put -- before an argument that begins with a dash", "ask", "-5 + 3?"),
                new Wrong("--grammar is empty", "ask", "x", "--grammar", ""),
                new Wrong(
                        "--grammar and --json-schema exclude one another",
                        "ask",
                        "x",
                        "--grammar",
                        "a.gbnf",
                        "--json-schema",
                        "a.json"),
                new Wrong("--json-schema is empty", "chat", "--json-schema", ""),
                new Wrong("--json-schema needs a value: --json-schema FILE", "ask", "x", "--json-schema"),
                new Wrong("--grammar needs a value: --grammar FILE", "ask", "x", "--grammar"),
                new Wrong("--model needs a value: --model FILE", "ask", "x", "--model"),
                new Wrong("--model is empty", "ask", "x", "--model", ""),
                new Wrong("--stop is empty", "ask", "x", "--stop", "a", "--stop", ""),
                new Wrong("--seed is given twice", "ask", "x", "--seed", "1", "--seed", "2"),
                new Wrong("it must be one of threshold, top-category", "ask", "x", "--rule", "Threshold"),
                new Wrong("it must be a category, =, and a number", "ask", "x", "--threshold", "safety"),
                new Wrong("it must be a category, =, and a number", "ask", "x", "--threshold", "=0.5"),
                new Wrong("'1.01': it must be a number from 0 to 1, or none", "ask", "x", "--threshold", "safety=1.01"),
                new Wrong("'-0.1': it must be a number from 0 to 1", "ask", "x", "--threshold", "safety=-0.1"),
                new Wrong("'NaN': it must be a number from 0 to 1", "ask", "x", "--threshold", "safety=NaN"),
                new Wrong("'0.5f': it must be a number from 0 to 1", "ask", "x", "--threshold", "safety=0.5f"),
                new Wrong("'': it must be a number from 0 to 1", "ask", "x", "--threshold", "sum="),
                new Wrong("'0,5': it must be a number from 0 to 1", "ask", "x", "--threshold", "safety=0,5"),
                new Wrong("is given twice", "ask", "x", "--threshold", "a=0.1", "--threshold", "a=0.2"),
                new Wrong("it must be a finite number", "ask", "x", "--bias", "safety=Infinity"),
                new Wrong("it must be a finite number", "ask", "x", "--bias", "safety=1e999"),
                new Wrong("it must be a finite number", "ask", "x", "--bias", "safety=none"),
                new Wrong("--tau is '0': it must be a number above 0", "ask", "x", "--tau", "0"),
                new Wrong("--tau is '-1'", "ask", "x", "--tau", "-1"),
                new Wrong("--max-tokens is '-1'", "ask", "x", "--max-tokens", "-1"),
                new Wrong("--max-tokens is '1.5': it must be a whole number", "ask", "x", "--max-tokens", "1.5"),
                new Wrong("--max-tokens is '99999999999'", "ask", "x", "--max-tokens", "99999999999"),
                new Wrong("--temperature is '-0.1'", "ask", "x", "--temperature", "-0.1"),
                new Wrong("--temperature is 'hot'", "ask", "x", "--temperature", "hot"),
                new Wrong("--temperature is '1e-40': it must be 0", "ask", "x", "--temperature", "1e-40"),
                new Wrong("--repeat-penalty is '11'", "ask", "x", "--repeat-penalty", "11"),
                new Wrong("--top-k is '-2'", "ask", "x", "--top-k", "-2"),
                new Wrong("--top-p is '1.5': it must be a number from 0 to 1", "ask", "x", "--top-p", "1.5"),
                new Wrong("--min-p is '-1'", "ask", "x", "--min-p", "-1"),
                new Wrong("--repeat-penalty is '0'", "ask", "x", "--repeat-penalty", "0"),
                new Wrong("--frequency-penalty is '101'", "ask", "x", "--frequency-penalty", "101"),
                new Wrong("--presence-penalty is '-1e3'", "ask", "x", "--presence-penalty", "-1e3"),
                new Wrong("--seed is '4294967295'", "ask", "x", "--seed", "4294967295"),
                new Wrong(
                        "--kernel is 'sse': it must be one of scalar, avx2, avx512, neon",
                        "ask",
                        "x",
                        "--kernel",
                        "sse"),
                new Wrong("--processing is 'gpu': it must be one of host, in-graph", "ask", "x", "--processing", "gpu"),
                new Wrong("--binding is 'jna': it must be one of jni, ffm", "ask", "x", "--binding", "jna"),
                new Wrong(
                        "--gpu-layers is 'all': it must be a whole number from 0 to 100000, or auto",
                        "ask",
                        "x",
                        "--gpu-layers",
                        "all"),
                new Wrong("--json takes no value: give it alone", "ask", "x", "--json=true"),
                new Wrong("--threads is '0': it must be a whole number from 1 to 512", "ask", "x", "--threads", "0"),
                new Wrong("--ctx is '0'", "ask", "x", "--ctx", "0"),
                new Wrong("MODEL.gguf is missing", "inspect"),
                new Wrong("'b' is one argument too many", "inspect", "a", "b"),
                new Wrong("'x' is one argument too many", "doctor", "x"),
                new Wrong("--threads is 'x'", "doctor", "--threads", "x"),
                new Wrong("unknown option '--bogus'", "generate-completion", "--bogus"));
    }

    @ParameterizedTest
    @MethodSource("wrongUsages")
    void wrong_usage_is_one_line_that_says_what_to_do_and_status_2(Wrong wrong) {
        CommandRun run = CommandRun.of(wrong.args);
        assertAll(
                () -> assertEquals(2, run.status(), run.err()),
                () -> assertEquals("", run.out()),
                () -> assertEquals(1, run.errLines().size(), run.err()),
                () -> assertTrue(run.err().startsWith("demur: "), run.err()),
                () -> assertTrue(run.err().contains(wrong.says), run.err()),
                () -> assertTrue(run.err().endsWith("--help)\n"), run.err()));
    }

    @Test
    void the_help_that_is_pointed_to_is_the_commands_own() {
        assertTrue(CommandRun.of("ask", "x", "--tau", "0").err().endsWith("(see demur ask --help)\n"));
        assertTrue(CommandRun.of("bogus").err().endsWith("(see demur --help)\n"));
    }

    @Test
    void a_line_end_in_an_argument_does_not_make_two_lines_of_the_message() {
        CommandRun run = CommandRun.of("ask", "x", "--rule", "a\nb\u001b[31m");
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains("'a b [31m'"), run.err());
    }

    @Test
    void files_that_are_missing_or_foreign_are_failures_of_status_1_in_one_line() {
        for (String[] args : new String[][] {
            {"ask", "x", "--model", "no-such.gguf"},
            {"ask", "x", "--model", "pom.xml"},
            {"ask", "x", "--model", "src"},
            {"inspect", "no-such.gguf"},
            {"inspect", "pom.xml"},
            {"inspect", "src"},
            {"ask", "x", "--grammar", "no-such.gbnf"},
            {"ask", "x", "--grammar", "src"},
            {"ask", "x", "--json-schema", "no-such.json"},
            {"ask", "x", "--json-schema", "src"},
            {"ask", "x", "--json-schema", "pom.xml"},
        }) {
            CommandRun run = CommandRun.of(args);
            assertEquals(1, run.status(), run.err());
            assertEquals("", run.out());
            assertEquals(1, run.errLines().size(), run.err());
            assertTrue(run.err().contains(args[args.length - 1]), run.err());
        }
    }

    @Test
    void standard_input_that_is_not_utf8_is_a_failure() {
        CommandRun run = CommandRun.withInput(new byte[] {'a', (byte) 0xff}, "ask", "-");
        assertEquals(1, run.status());
        assertEquals("demur: standard input is not UTF-8 text: convert it first\n", run.err());
    }

    @Test
    void every_command_has_help_with_examples_and_a_version() {
        for (Command command : Commands.all()) {
            CommandRun help = CommandRun.of(command.name(), "--help");
            assertEquals(0, help.status(), help.err());
            assertTrue(help.out().contains("Usage: demur " + command.name()), help.out());
            assertTrue(help.out().contains("Example"), help.out());
            assertEquals("", help.err());
            assertEquals(0, CommandRun.of(command.name(), "--version").status());
        }
        CommandRun root = CommandRun.of("--help");
        assertEquals(0, root.status());
        for (String name : Commands.NAMES.split(", ")) {
            assertTrue(root.out().contains("  " + name + " "), root.out());
        }
        assertTrue(CommandRun.of("--version").out().startsWith("demur "));
    }

    @Test
    void no_line_of_any_help_is_longer_than_a_terminal_is_wide() {
        for (Command command : Commands.all()) {
            CommandRun.of(command.name(), "--help")
                    .out()
                    .lines()
                    .forEach(line -> assertTrue(line.length() <= 80, command.name() + ": " + line));
        }
    }

    @Test
    void help_shows_without_the_arguments_that_a_run_needs() {
        assertEquals(0, CommandRun.of("ask", "-h").status());
        assertEquals(0, CommandRun.of("inspect", "-h").status());
    }

    @Test
    void completion_knows_every_command_and_its_options() {
        String script = CommandRun.of("generate-completion").out();
        for (String word : List.of(
                "ask",
                "chat",
                "inspect",
                "doctor",
                "desktop",
                "--threshold",
                "--gpu-layers",
                "--stop",
                "--grammar",
                "--json-schema",
                "avx512",
                "logit-bias")) {
            assertTrue(script.contains(word), word);
        }
    }

    @Test
    void a_prompt_is_text_whatever_it_looks_like() {
        byte[] none = new byte[0];
        assertEquals("@pom.xml", PromptArgument.read("@pom.xml", stream(none)));
        assertEquals("${user.home}", PromptArgument.read("${user.home}", stream(none)));
        CommandRun run = CommandRun.of("ask", "--model", "no-such.gguf", "--", "-5 + 3?");
        assertTrue(run.err().contains("no-such.gguf"), run.err());
        CommandRun at = CommandRun.of("ask", "--model", "no-such.gguf", "@pom.xml");
        assertTrue(at.err().contains("no-such.gguf"), at.err());
    }

    @Test
    void the_line_end_that_echo_adds_is_no_part_of_the_prompt() {
        assertEquals("Grüße", PromptArgument.read("-", stream("Grüße\n".getBytes(StandardCharsets.UTF_8))));
        assertEquals("a\nb", PromptArgument.read("-", stream("a\nb\r\n".getBytes(StandardCharsets.UTF_8))));
        assertEquals("a\n", PromptArgument.read("-", stream("a\n\n".getBytes(StandardCharsets.UTF_8))));
        assertEquals("a\ufeff", PromptArgument.read("-", stream("\ufeffa\ufeff\n".getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void arguments_that_the_locale_lost_are_read_again_from_the_command_line() {
        byte[] line = "java\0-cp\0ö.jar\0ask\0Wie spät?\0--json\0".getBytes(StandardCharsets.UTF_8);
        String[] lost = {"ask", "Wie sp\ufffd\ufffdt?", "--json"};
        assertArrayEquals(new String[] {"ask", "Wie spät?", "--json"}, RawArguments.restored(lost, line));
        String[] whole = {"ask", "Wie spät?"};
        assertSame(whole, RawArguments.restored(whole));
    }

    @Test
    void an_argument_that_is_not_utf_8_is_wrong_usage() {
        byte[] line = {'a', 's', 'k', 0, 'a', (byte) 0xff, 0};
        UsageException e =
                assertThrows(UsageException.class, () -> RawArguments.restored(new String[] {"ask", "a\ufffd"}, line));
        assertEquals("the argument 'a\ufffd' is not UTF-8 text: convert it first", e.getMessage());
    }

    private static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }
}
