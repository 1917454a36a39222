package dev.demur.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitorFileTest {

    private static final RefusalPolicy POLICY = Simulated.perCategory(0.05);
    private static final MonitorOptions OPTIONS = MonitorOptions.DEFAULTS
            .withAudit(new AuditPlan(0.9, 0.3))
            .withLevel(0.01)
            .withDriftLevel(0.2)
            .withSeed(7)
            .withMostWaiting(50)
            .withLimit(WatchedRate.refusalAtLeast("b", 0.7));

    @TempDir
    private Path folder;

    /** One step of a life: decisions that await labels, labels that come late or never, drift. */
    private static void step(Monitor monitor, int i, Random random) {
        double a = random.nextInt(8) == 0 ? 0.6 + 0.1 * random.nextDouble() : 0.2 * random.nextDouble();
        Decision decision = Simulated.decision(a, i < 700 ? 0.1 * random.nextDouble() : 0.2);
        monitor.observe("r" + i, decision);
        int labelled = random.nextInt(i + 1);
        if (monitor.awaits("r" + labelled)) {
            monitor.label(
                    "r" + labelled, random.nextInt(3) == 0 ? AuditLabel.shouldRefuse("b") : AuditLabel.nearMiss("a"));
        }
    }

    @Test
    void a_monitor_that_is_restarted_after_every_step_ends_like_one_that_never_was() throws IOException {
        Monitor through = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        Monitor restarted = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        Path file = folder.resolve("monitor.json");
        Random one = new Random(3);
        Random other = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            step(through, i, one);
            step(restarted, i, other);
            restarted.save(file);
            restarted = Monitor.read(file, POLICY);
        }
        assertEquals(through.report(), restarted.report());
        assertEquals(through.toJson(), restarted.toJson());
        assertTrue(through.report().overdue() > 0, "nothing was overdue");
        assertTrue(through.report().waiting() > 0, "nothing waits");
        assertNotEquals(1, through.report().eValue());
        try (var files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    /** A promise that is broken for long makes numbers that no double holds, and one that is kept for long the smallest. */
    @Test
    void the_largest_and_the_smallest_capitals_are_kept_too() {
        Monitor broken = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        Monitor kept = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        for (int i = 0; i < 2_000; i++) {
            broken.observe(Simulated.refusedAsA(), AuditLabel.shouldAnswer());
            kept.observe(Simulated.answered(), AuditLabel.shouldAnswer());
        }
        assertEquals(Bets.MOST, broken.report().rates().get(0).eValue());
        for (Monitor monitor : List.of(broken, kept)) {
            String text = new MonitorFile(monitor, null).toJson();
            Monitor read = MonitorFile.parse(text, "m", POLICY).monitor();
            assertEquals(monitor.report(), read.report());
            assertEquals(text, new MonitorFile(read, null).toJson());
        }
    }

    @Test
    void the_place_in_a_log_is_kept_besides() {
        Monitor monitor = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        LogPlace place = new LogPlace(12_345_678_901L, 17, "ab");
        assertEquals(
                place,
                MonitorFile.parse(new MonitorFile(monitor, place).toJson(), "m", POLICY)
                        .log());
    }

    private static String message(String text) {
        return assertThrows(MonitorException.class, () -> MonitorFile.parse(text, "m.json", POLICY))
                .getMessage();
    }

    private static String changed(Consumer<JsonObject> change) {
        Monitor monitor = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        monitor.observeAudited("r1", Simulated.answered());
        JsonObject json =
                JsonParser.parseString(new MonitorFile(monitor, null).toJson()).getAsJsonObject();
        change.accept(json);
        return message(json.toString());
    }

    @Test
    void another_policy_s_file_is_refused() {
        String text = new MonitorFile(Monitor.of(POLICY, Simulated.LABELS, OPTIONS), null).toJson();
        RefusalPolicy other = Simulated.joint("false-refusal", 0.05);
        String anew = assertThrows(MonitorException.class, () -> MonitorFile.parse(text, "m.json", other))
                .getMessage();
        assertTrue(anew.startsWith("m.json: rates[0]: is not what this policy promises"), anew);
        RefusalPolicy changed = POLICY.withThreshold("a", 0.2);
        String otherPolicy = assertThrows(MonitorException.class, () -> MonitorFile.parse(text, "m.json", changed))
                .getMessage();
        assertTrue(otherPolicy.startsWith("m.json: policy: another policy"), otherPolicy);
    }

    @Test
    void whatever_is_wrong_in_a_file_is_named() {
        assertTrue(message("[]").startsWith("m.json: must be an object"), message("[]"));
        assertTrue(message("{").startsWith("m.json: line 1"), message("{"));
        String version = changed(json -> json.addProperty("version", 2));
        assertTrue(version.startsWith("m.json: version: 2 is not 1"), version);
        String unknown = changed(json -> json.addProperty("colour", "red"));
        assertTrue(unknown.startsWith("m.json: colour: is not a known field"), unknown);
        String level = changed(json -> json.addProperty("level", 1.5));
        assertTrue(level.startsWith("m.json: level: 1.5 is not between 0 and 1"), level);
        String missing = changed(json -> json.remove("decisions"));
        assertTrue(missing.startsWith("m.json: decisions: is missing"), missing);
        String capital = changed(json -> json.getAsJsonArray("rates")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("bets")
                .getAsJsonArray("capitals")
                .set(1, new JsonPrimitive(-1)));
        assertTrue(capital.startsWith("m.json: rates[0].bets.capitals: -1.0 is below 0"), capital);
        String counts = changed(json -> json.getAsJsonArray("drift")
                .get(2)
                .getAsJsonObject()
                .getAsJsonArray("counts")
                .set(0, new JsonPrimitive(0.5)));
        assertTrue(counts.startsWith("m.json: drift[2].counts[0]: 0.5 is not a whole number"), counts);
        String verdict = changed(
                json -> json.getAsJsonArray("waiting").get(0).getAsJsonObject().addProperty("verdict", "maybe"));
        assertTrue(verdict.startsWith("m.json: waiting[0].verdict: maybe is none of"), verdict);
    }

    @Test
    void a_file_that_is_cut_anywhere_is_refused_in_a_sentence() {
        Monitor monitor = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        monitor.observeAudited("r1", Simulated.answered());
        String text = new MonitorFile(monitor, new LogPlace(3, 1, "00")).toJson();
        for (int end = 0; end < text.length() - 2; end += 7) {
            String cut = text.substring(0, end);
            assertTrue(message(cut).startsWith("m.json: "), cut);
        }
    }

    @Test
    void a_file_that_is_not_there_or_cannot_be_written_is_named() {
        Path none = folder.resolve("none.json");
        assertEquals(
                none + ": there is no such file",
                assertThrows(MonitorException.class, () -> Monitor.read(none, POLICY))
                        .getMessage());
        Path nowhere = folder.resolve("no folder").resolve("m.json");
        Monitor monitor = Monitor.of(POLICY, Simulated.LABELS, OPTIONS);
        assertEquals(
                nowhere + ": cannot be written: there is no such folder",
                assertThrows(MonitorException.class, () -> monitor.save(nowhere))
                        .getMessage());
    }
}
