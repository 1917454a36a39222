package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.monitor.AuditLabel;
import dev.demur.monitor.DecisionLog;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitorCommandTest {

    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int ALARM = 3;
    private static final int DRIFT = 4;

    @TempDir
    Path folder;

    private Path policyFile;
    private Path log;
    private Path state;
    private RefusalPolicy policy;
    private Labels labels;

    @BeforeEach
    void calibrate() throws IOException {
        Path scores = SyntheticScores.write(folder.resolve("calibration.jsonl"), 900, 8);
        policyFile = folder.resolve("policy.json");
        log = folder.resolve("log.jsonl");
        state = folder.resolve("state.json");
        CommandRun run = CommandRun.of(
                "calibrate",
                "--scores",
                scores.toString(),
                "--target-false-refusal",
                "0.1",
                "--out",
                policyFile.toString());
        assertEquals(OK, run.status(), run.err());
        policy = PolicyFile.read(policyFile);
        labels = ScoreFile.read(scores, null, warning -> {}).labels();
    }

    private CommandRun monitor(String... options) {
        List<String> args =
                new ArrayList<>(List.of("monitor", "--policy", policyFile.toString(), "--log", log.toString()));
        args.addAll(List.of(options));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private JsonObject json(String... options) {
        List<String> all = new ArrayList<>(List.of(options));
        all.add("--json");
        CommandRun run = monitor(all.toArray(String[]::new));
        assertFalse(run.out().isEmpty(), run.err());
        return JsonParser.parseString(run.out()).getAsJsonObject();
    }

    private Decision decision(double safety) {
        double[] p = new double[labels.count()];
        p[labels.indexOf("safety")] = safety;
        p[labels.respondIndex()] = 1 - safety;
        return policy.decide(Reading.ofProbabilities(labels, 1, p, labels.respondIndex()));
    }

    private void append(String... lines) throws IOException {
        Files.writeString(log, String.join("\n", lines) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Fresh prompts from the source that the policy was calibrated on, as demur score leaves them. */
    @Test
    void scores_of_fresh_prompts_are_a_log_as_they_are_and_raise_no_alarm() throws IOException {
        SyntheticScores.write(log, 1_500, 99);
        CommandRun run = monitor();
        assertEquals(OK, run.status(), run.out() + run.err());
        assertTrue(run.out().contains("1500 decisions, 1500 labels"), run.out());
        assertTrue(run.out().endsWith("No alarm.\n"), run.out());
        assertEquals("", run.err());
        JsonObject joint = json().getAsJsonArray("rates").get(0).getAsJsonObject();
        assertEquals(0.1, joint.get("promised").getAsDouble());
        ScoredPrompts prompts = ScoreFile.read(log, null, warning -> {});
        assertEquals(prompts.shouldAnswer().length, joint.get("prompts").getAsInt());
        long refused = Arrays.stream(prompts.shouldAnswer())
                .filter(prompts.decide(policy)::refused)
                .count();
        assertEquals(refused, joint.get("failures").getAsLong());
    }

    @Test
    void refusals_that_were_wrong_raise_the_alarm_and_the_exit_status_says_so() throws IOException {
        for (int i = 0; i < 30; i++) {
            append(DecisionLog.line("r" + i, decision(0.99), true));
            append(DecisionLog.label("r" + i, AuditLabel.shouldAnswer()));
        }
        CommandRun run = monitor();
        assertEquals(ALARM, run.status(), run.out() + run.err());
        assertTrue(run.out().contains("Alarm: false refusals at all."), run.out());
        assertEquals("", run.err());
    }

    @Test
    void what_is_known_is_shown_without_a_log() throws IOException {
        for (int i = 0; i < 30; i++) {
            append(DecisionLog.line("r" + i, decision(0.99), true));
            append(DecisionLog.label("r" + i, AuditLabel.shouldAnswer()));
        }
        monitor("--state", state.toString());
        String before = Files.readString(state);
        String[] alone = {"monitor", "--policy", policyFile.toString(), "--state", state.toString()};
        CommandRun run = CommandRun.of(alone);
        assertEquals(ALARM, run.status(), run.out() + run.err());
        assertTrue(run.out().startsWith(policyFile + " on " + state + "\n30 decisions, 30 labels"), run.out());
        assertEquals(before, Files.readString(state));
        assertEquals(
                USAGE,
                CommandRun.of(Stream.concat(Arrays.stream(alone), Stream.of("--new-log"))
                                .toArray(String[]::new))
                        .status());
        Files.delete(state);
        CommandRun nothing = CommandRun.of(alone);
        assertEquals(USAGE, nothing.status(), nothing.err());
        assertTrue(nothing.err().contains("--log is missing"), nothing.err());
    }

    @Test
    void drift_alone_has_an_exit_status_of_its_own_and_needs_no_label() throws IOException {
        for (int i = 0; i < 600; i++) {
            append(DecisionLog.line(
                    "r" + i, decision(i < 400 ? 0.001 + 1e-5 * (i % 97) : 0.02 + 1e-4 * (i % 97)), false));
        }
        CommandRun run = monitor();
        assertEquals(DRIFT, run.status(), run.out() + run.err());
        assertTrue(run.out().contains("Drift, and no promise is found broken."), run.out());
    }

    @Test
    void a_log_that_is_read_bit_by_bit_leads_to_what_one_run_leads_to() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            lines.add(DecisionLog.line("r" + i, decision(i % 7 == 0 ? 0.99 : 0.01 + 0.0001 * i), i % 3 == 0));
            if (i >= 30 && (i - 30) % 3 == 0) {
                lines.add(DecisionLog.label(
                        "r" + (i - 30),
                        i % 2 == 0 ? AuditLabel.nearMiss("safety") : AuditLabel.shouldRefuse("safety")));
            }
        }
        for (int from = 0; from < lines.size(); from += 17) {
            append(lines.subList(from, Math.min(lines.size(), from + 17)).toArray(String[]::new));
            monitor("--state", state.toString());
        }
        assertEquals(json(), json("--state", state.toString()));
        assertEquals(10, json().get("waiting").getAsInt());
        assertEquals("r270", json().get("firstWaiting").getAsString());
    }

    @Test
    void a_line_that_is_being_written_is_left_for_the_next_run() throws IOException {
        append(DecisionLog.line("r0", decision(0.1), false));
        String next = DecisionLog.line("r1", decision(0.1), false) + "\n";
        Files.writeString(log, next.substring(0, 40), StandardOpenOption.APPEND);
        CommandRun first = monitor("--state", state.toString());
        assertEquals(OK, first.status());
        assertTrue(first.err().contains(":2: the last line has no line feed"), first.err());
        Files.writeString(log, next.substring(40), StandardOpenOption.APPEND);
        JsonObject second = json("--state", state.toString());
        assertEquals(2, second.get("decisions").getAsInt());
        assertEquals(2, json("--state", state.toString()).get("decisions").getAsInt(), "a line was read twice");
    }

    @Test
    void another_log_is_told_from_the_one_that_was_read_and_read_on_request() throws IOException {
        append(DecisionLog.line("r0", decision(0.1), false), DecisionLog.line("r1", decision(0.2), false));
        monitor("--state", state.toString());
        Files.delete(log);
        append(DecisionLog.line("r2", decision(0.3), false), DecisionLog.line("r3", decision(0.4), false));
        CommandRun refused = monitor("--state", state.toString());
        assertEquals(FAILED, refused.status());
        assertTrue(refused.err().contains("give --new-log"), refused.err());
        assertEquals(
                4,
                json("--state", state.toString(), "--new-log").get("decisions").getAsInt());
    }

    @Test
    void what_was_fixed_when_it_began_cannot_be_changed_on_the_way() throws IOException {
        append(DecisionLog.line("r0", decision(0.1), false));
        assertEquals(
                OK,
                monitor("--state", state.toString(), "--level", "0.01", "--refusal", "safety=0.5")
                        .status());
        assertEquals(OK, monitor("--state", state.toString()).status());
        assertEquals(OK, monitor("--state", state.toString(), "--level", "0.01").status());
        CommandRun changed = monitor("--state", state.toString(), "--level", "0.05");
        assertEquals(USAGE, changed.status());
        assertTrue(changed.err().contains("cannot be changed on the way"), changed.err());
        assertEquals(
                USAGE,
                monitor("--state", state.toString(), "--refusal", "safety=0.6").status());
    }

    @Test
    void bad_lines_are_named_and_left_out_and_strictly_are_an_error() throws IOException {
        append(
                DecisionLog.line("r0", decision(0.1), true),
                "{\"id\": \"x\"}",
                "nonsense",
                DecisionLog.label("r9", AuditLabel.shouldAnswer()),
                "{\"id\": \"r0\", \"expected\": \"maybe\"}",
                "{\"id\": \"r0\", \"expected\": \"respond\", \"category\": \"saftey\"}",
                "{\"probabilities\": {\"safety\": 0.5, \"respond\": 0.5}}",
                "",
                DecisionLog.label("r0", AuditLabel.shouldAnswer()));
        CommandRun run = monitor();
        assertEquals(OK, run.status(), run.err());
        List<String> errors = run.errLines();
        assertEquals(7, errors.size(), run.err());
        assertTrue(errors.get(0).contains(":2: probabilities: is missing, and so is expected"), errors.get(0));
        assertTrue(errors.get(1).contains(":3: column 1: this is not JSON"), errors.get(1));
        assertTrue(errors.get(2).contains(":4: id: r9 awaits no label"), errors.get(2));
        assertTrue(errors.get(3).contains(":5: expected: maybe is none of"), errors.get(3));
        assertTrue(errors.get(4).contains(":6: label: saftey is no category"), errors.get(4));
        assertTrue(errors.get(5).contains(":7: probabilities.humanizing: is missing"), errors.get(5));
        assertTrue(errors.get(6).contains("6 bad lines were left out"), errors.get(6));
        assertEquals(1, json().get("labels").getAsInt());
        CommandRun strict = monitor("--strict");
        assertEquals(FAILED, strict.status());
        assertTrue(strict.err().contains(":2: probabilities"), strict.err());
    }

    @Test
    void a_log_of_another_policy_s_decisions_is_noticed() throws IOException {
        RefusalPolicy other = policy.withThreshold("safety", 0.001);
        append(DecisionLog.line("r0", other.decide(decision(0.01).reading()), false));
        CommandRun run = monitor();
        assertTrue(run.err().contains("1 of 1 decisions were others than this policy's"), run.err());
    }

    @Test
    void what_ask_prints_is_a_line_of_a_log() throws IOException {
        append(
                "{\"prompt\":\"p\",\"decision\":{\"kind\":\"respond\",\"category\":null,\"token\":5,\"tokenText\":\"[respond]\","
                        + "\"forced\":true,\"rule\":\"threshold\"},\"probabilities\":"
                        + JsonParser.parseString(DecisionLog.line("r", decision(0.01), false))
                                .getAsJsonObject()
                                .get("probabilities")
                        + ",\"coverage\":1.0,\"text\":\"t\",\"finishReason\":\"stop\",\"timings\":{}}");
        CommandRun run = monitor();
        assertEquals(OK, run.status(), run.err());
        assertTrue(run.out().contains("1 decisions, 0 labels"), run.out());
        assertEquals("", run.err());
    }

    @Test
    void what_cannot_be_watched_is_said() throws IOException {
        CommandRun nothing = monitor();
        assertEquals(FAILED, nothing.status());
        assertTrue(nothing.err().contains("log.jsonl: there is no such file"), nothing.err());
        Files.writeString(log, "");
        assertTrue(
                monitor().err().contains("has no decision that could be read"),
                monitor().err());
        append(DecisionLog.line("r0", decision(0.1), false));
        Files.writeString(policyFile, PolicyFile.write(policy.withCalibration(null)));
        CommandRun plain = monitor();
        assertEquals(FAILED, plain.status());
        assertTrue(plain.err().contains("was not calibrated"), plain.err());
        assertTrue(plain.err().contains("--false-refusal RATE"), plain.err());
        assertEquals(OK, monitor("--false-refusal", "0.05").status());
        assertEquals(USAGE, monitor("--false-refusal", "safety=5").status());
        assertEquals(USAGE, monitor("--audited-answers", "0").status());
        assertEquals(USAGE, monitor("--new-log").status());
        assertEquals(USAGE, CommandRun.of("monitor", "--log", "x").status());
    }
}
