package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyCommandTest {

    private static final String TINY = "models/demur-tiny.gguf";
    private static final String SMALL = "models/demur-small.gguf";

    @TempDir
    private Path folder;

    private static CommandRun policy(String model, String... options) {
        List<String> args = new ArrayList<>(List.of("policy", "--model", model));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static RefusalPolicy printed(CommandRun run) {
        assertEquals(0, run.status(), run.err());
        return PolicyFile.parse(run.out(), "printed");
    }

    @Test
    void the_models_own_policy_is_printed_and_can_be_given_back() throws IOException {
        CommandRun run = policy(SMALL);
        RefusalPolicy own = printed(run);
        assertEquals("", run.err());
        assertTrue(own.calibration() != null);
        assertEquals(6, own.categories().size());
        Path file = Files.writeString(folder.resolve("own.json"), run.out());
        assertEquals(run.out(), policy(SMALL, "--policy", file.toString()).out());
        RefusalPolicy halves = printed(policy(TINY));
        assertEquals(Rule.THRESHOLD, halves.rule());
        assertEquals(0.5, halves.category("safety").orElseThrow().threshold());
    }

    @Test
    void changes_are_saved_and_drop_the_calibration_which_is_said() throws IOException {
        Path out = folder.resolve("p.json");
        CommandRun run = policy(SMALL, "--threshold", "safety=0.3", "--reply", "safety=No = no.", "--out", out + "");
        assertEquals(0, run.status(), run.err());
        assertEquals("", run.out());
        assertTrue(run.err().contains("the change drops its calibration: nothing is promised any more"), run.err());
        assertTrue(run.err().endsWith("Wrote " + out + "\n"), run.err());
        RefusalPolicy saved = PolicyFile.read(out);
        assertEquals(0.3, saved.category("safety").orElseThrow().threshold());
        assertEquals("No = no.", saved.category("safety").orElseThrow().reply());
        assertEquals(null, saved.calibration());
        RefusalPolicy without = printed(policy(SMALL, "--policy", out.toString(), "--reply", "safety="));
        assertEquals(null, without.category("safety").orElseThrow().reply());
        RefusalPolicy reply = printed(policy(SMALL, "--reply", "safety=No."));
        assertTrue(reply.calibration() != null, "a reply changes no decision");
    }

    @Test
    void a_file_that_is_no_policy_is_not_replaced() throws IOException {
        Path out = Files.writeString(folder.resolve("notes.txt"), "mine");
        CommandRun run = policy(TINY, "--out", out.toString());
        assertEquals(1, run.status());
        assertEquals("mine", Files.readString(out));
        assertFalse(Files.exists(folder.resolve("none")));
        assertEquals(
                1,
                policy(TINY, "--out", folder.resolve("none/p.json").toString()).status());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--reply none=x            | --reply names 'none', which is no category of this model",
                "--reply safety            | --reply is 'safety': it must be an id, =, and a text",
                "--threshold x=1           | --threshold names 'x'",
                "--control-token a=[a]     | --control-token names no respond token: add --control-token respond=TEXT",
                "--control-token respond=a | --control-token names no category: add --control-token ID=TEXT",
                "--control-token a         | --control-token is 'a': it must be an id",
                "--control-token a=        | --control-token a has no text",
            })
    void wrong_options_are_one_line_and_status_2(String options, String says) {
        CommandRun run = policy(TINY, options.strip().split(" "));
        assertEquals(2, run.status(), run.err());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains(says), run.err());
    }

    @Test
    void control_tokens_can_be_named_and_one_that_is_not_there_is_told_with_the_option() {
        CommandRun run = policy(
                TINY,
                "--control-token",
                "danger=[Requests with safety concerns]",
                "--control-token",
                "respond=[respond]");
        assertEquals(1, printed(run).categories().size());
        assertEquals("danger", printed(run).categories().get(0).id());
        CommandRun wrong = policy(TINY, "--control-token", "danger=[nothing]", "--control-token", "respond=[respond]");
        assertEquals(1, wrong.status());
        assertTrue(wrong.err().contains("by --control-token ID=TEXT for each category"), wrong.err());
        assertFalse(wrong.err().contains("LoadOptions"), wrong.err());
    }
}
