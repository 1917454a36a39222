package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.GgufWriter;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.HeadFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are there and right, but given by the wrong option. */
class WrongFileTest {

    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");
    private static final Path PROMPTS = Path.of("examples", "prompts.jsonl");

    @TempDir
    private Path folder;

    private Path head;
    private Path policy;
    private Path scores;
    private Path csv;

    @BeforeEach
    void write() throws IOException {
        head = folder.resolve("any.head.gguf");
        GgufWriter writer = new GgufWriter();
        writer.string("general.architecture", HeadFile.ARCHITECTURE);
        writer.write(head);
        Labels labels = new Labels(List.of(new Category("safety", "Safety")));
        ReadoutIdentity readout = new ReadoutIdentity("head", null, Map.of());
        policy = Files.writeString(
                folder.resolve("p.json"), PolicyFile.write(RefusalPolicy.defaults(labels, readout, Rule.THRESHOLD)));
        scores = SyntheticScores.write(folder.resolve("s.jsonl"), 20, 1);
        csv = Files.writeString(folder.resolve("d.csv"), "question,label_type\nHow?,Respond\n");
    }

    private static void assertTold(String says, String... command) {
        CommandRun run = CommandRun.of(command);
        assertEquals(1, run.status(), run.err());
        assertEquals(1, run.errLines().size(), run.err());
        assertTrue(run.err().contains(says), run.err());
    }

    @Test
    void a_file_by_the_wrong_option_is_told_what_it_is_and_by_which_option_to_give_it() {
        String out = folder.resolve("out").toString();
        assertTold(head + ": holds a head", "ask", "--model", head.toString(), "hi");
        assertTold("--decider takes a model: give it by --policy", "ask", "--decider", policy.toString(), "hi");
        assertTold("--policy takes a policy: give it by --readout", "ask", "--policy", head.toString(), "hi");
        assertTold("give it by --model", "ask", "--policy", MODEL.toString(), "hi");
        assertTold("give it by --policy", "ask", "--readout", policy.toString(), "hi");
        assertTold(
                "--policy takes a policy: give it by --scores",
                "eval",
                "--scores",
                scores.toString(),
                "--policy",
                scores.toString());
        for (Path data : List.of(PROMPTS, csv)) {
            assertTold(
                    "holds labelled prompts, and --scores takes scores: give it by --data",
                    "calibrate",
                    "--scores",
                    data.toString(),
                    "--max-f1",
                    "--out",
                    out);
        }
        assertTold("--data takes labelled prompts", "score", "--data", scores.toString(), "--out", out);
        assertTold("--data takes labelled prompts", "fit", "--model", MODEL.toString(), "--data", MODEL.toString());
    }

    @Test
    void a_frame_on_one_line_and_rows_with_fields_of_their_own_are_what_they_are() throws IOException {
        Path frame = Files.writeString(folder.resolve("f.json"), "{\"prompt\":{},\"labels\":[]}");
        CommandRun run = CommandRun.of("inspect", MODEL.toString(), "--readout", frame.toString());
        assertFalse(run.err().contains("holds labelled prompts"), run.err());
        Path rows = Files.writeString(
                folder.resolve("own.jsonl"), "{\"prompt\":\"Hi\",\"expected\":\"respond\",\"probabilities\":[1]}\n");
        assertTold(
                "holds labelled prompts, and --scores takes scores",
                "calibrate",
                "--scores",
                rows.toString(),
                "--max-f1",
                "--out",
                folder.resolve("out").toString());
    }

    @Test
    void a_readout_that_is_neither_a_file_nor_a_frame_is_told_the_frames() {
        assertTold(
                "aks: there is no such frame: frames are ask, ",
                "ask",
                "--model",
                MODEL.toString(),
                "--readout",
                "aks",
                "hi");
    }
}
