package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.scoring.ScoreMeta;
import dev.demur.suites.Repetitions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ends real processes that score by SIGKILL at random moments and starts them again. {@code demur.test.kills} sets how
 * many are ended, {@code demur.test.seed} repeats a run.
 */
class ScoreKillIT {

    private static final int KILLS = Integer.getInteger("demur.test.kills", Repetitions.of(3, 10));
    /** Processes that were ended too early or too late are no test. */
    private static final int MOST_KILLS = 20;

    private static final int INTERRUPTS = Repetitions.of(4, 12);
    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final Path PROMPTS = Path.of("examples", "prompts.jsonl");
    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");
    private static final int COPIES = Repetitions.of(2, 3);
    private static final int MOST_WAIT_MILLIS = 60;

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);

    @Test
    void a_file_that_was_killed_and_taken_up_again_equals_one_that_was_not() throws Exception {
        Path data = data();
        Path whole = folder.resolve("whole.jsonl");
        assertEquals(0, CommandRun.of(arguments(data, whole)).status());
        String expected = Files.readString(whole);

        Path out = folder.resolve("s.jsonl");
        int inTheMiddle = 0;
        for (int kill = 0; kill < KILLS || inTheMiddle == 0 && kill < MOST_KILLS; kill++) {
            killWhileItWrites(CommandRun.start(folder, arguments(data, out)), out, expected.length(), kill == 0);
            String there = Files.exists(out) ? Files.readString(out, StandardCharsets.US_ASCII) : "";
            assertTrue(expected.startsWith(there), "seed " + SEED + ", kill " + kill + ": " + there.length());
            if (there.equals(expected)) {
                Files.delete(out);
                Files.delete(ScoreMeta.beside(out));
            } else {
                inTheMiddle += there.isEmpty() ? 0 : 1;
            }
        }
        Process last = CommandRun.start(folder, arguments(data, out));
        assertTrue(last.waitFor(30, TimeUnit.MINUTES));
        assertEquals(0, last.exitValue(), Files.readString(folder.resolve("err.txt")));
        assertEquals(expected, Files.readString(out), "seed " + SEED);
        assertTrue(inTheMiddle > 0, "no process was ended while it wrote, seed " + SEED);
    }

    /** At any moment from the start on; twice as the file appears. */
    @Test
    void what_is_interrupted_before_its_first_row_leaves_nothing_behind() throws Exception {
        Path data = data();
        for (int run = 0; run < INTERRUPTS; run++) {
            Path out = folder.resolve("i" + run + ".jsonl");
            Process process = CommandRun.start(folder, arguments(data, out));
            while (process.isAlive() && !Files.exists(out)) {
                Thread.sleep(1);
            }
            Thread.sleep(run < 2 ? 0 : random.nextInt(MOST_WAIT_MILLIS));
            process.destroy(); // SIGTERM, whose hooks are those of Ctrl-C
            assertTrue(process.waitFor(30, TimeUnit.MINUTES));
            boolean rows = size(out) > 0;
            String where = "seed " + SEED + ", run " + run;
            assertEquals(rows, Files.exists(out), where);
            assertEquals(rows, Files.exists(ScoreMeta.beside(out)), where);
        }
    }

    /**
     * Mostly while it writes, sometimes before it has written anything.
     *
     * @param something whether it is to have written something
     */
    private void killWhileItWrites(Process process, Path out, int whole, boolean something) throws Exception {
        long before = size(out);
        long until = before + (long) ((whole - before) * Math.max(0, random.nextDouble() - 0.2) / 2);
        until = something ? Math.max(until, 1) : until;
        while (process.isAlive() && size(out) < until) {
            Thread.sleep(1);
        }
        Thread.sleep(random.nextInt(MOST_WAIT_MILLIS));
        process.destroyForcibly();
        assertTrue(process.waitFor(30, TimeUnit.MINUTES));
    }

    private static long size(Path file) throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** The repository's prompts several times over, each a little different. */
    private Path data() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int copy = 1; copy <= COPIES; copy++) {
            for (String line : Files.readAllLines(PROMPTS)) {
                JsonObject row = JsonParser.parseString(line).getAsJsonObject();
                row.addProperty("id", row.get("id").getAsString() + "/" + copy);
                row.addProperty("prompt", copy + ". " + row.get("prompt").getAsString());
                lines.add(row.toString());
            }
        }
        return Files.write(folder.resolve("data.jsonl"), lines);
    }

    private static String[] arguments(Path data, Path out) {
        return new String[] {"score", "--model", MODEL.toString(), "--data", data.toString(), "--out", out.toString()};
    }
}
