package dev.demur.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two executors in processes of their own, one of which is killed while it scores. */
class ClusterIT {

    private static final int TASKS = 24;
    private static final int TASKS_BEFORE_THE_KILL = 5;

    @TempDir
    private Path folder;

    private static int rows() {
        return Boolean.getBoolean("demur.test.long") ? 100_000 : 360;
    }

    private SparkSession cluster() throws IOException {
        // What a worker looks for before it starts an executor.
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        return SparkSession.builder()
                .master("local-cluster[2,1,1024]")
                .appName("ClusterIT")
                .config("spark.ui.enabled", false)
                // Tasks begin when both executors are there: one that comes late would find all of them done.
                .config("spark.cores.max", 2)
                .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "10min")
                .config("spark.files", DemurScore.MODEL.toString())
                .config("spark.executor.memory", "1g")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config(
                        "spark.executor.extraJavaOptions",
                        "-XX:+IgnoreUnrecognizedVMOptions --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC"
                                + " -Ddemur.native.dir=" + System.getProperty("demur.native.dir")
                                + " -D" + SharedFile.PROPERTY + "=" + folder.resolve("shared"))
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.local.dir", folder.resolve("spark").toString())
                .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
                .getOrCreate();
    }

    /** The processes of the executors that are alive. */
    private static List<ProcessHandle> executors() {
        return ProcessHandle.current()
                .descendants()
                .filter(process -> process.isAlive() && commandLine(process).contains("CoarseGrainedExecutorBackend"))
                .toList();
    }

    /** Java's own view of a process leaves out command lines as long as these. */
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return ""; // it ended meanwhile
        }
    }

    /** The model files that a process has mapped, with their inodes. */
    private static Set<String> models(ProcessHandle process) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "maps")).stream()
                    .filter(line -> line.endsWith(".gguf"))
                    .map(line -> line.split("\\s+", 6))
                    .map(fields -> fields[4] + " " + fields[5])
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            return Set.of(); // it ended meanwhile
        }
    }

    /** Kills one of the executors when some tasks have ended and both have loaded the model. */
    private static final class Killer extends SparkListener {

        final AtomicInteger ended = new AtomicInteger();
        final AtomicInteger removed = new AtomicInteger();
        final Set<String> hosts = new TreeSet<>();
        final List<Set<String>> mapped = new ArrayList<>();
        int endedAtTheKill = -1;

        @Override
        public synchronized void onTaskEnd(SparkListenerTaskEnd task) {
            hosts.add(task.taskInfo().executorId());
            int count = ended.incrementAndGet();
            List<ProcessHandle> alive = executors();
            if (endedAtTheKill < 0 && count >= TASKS_BEFORE_THE_KILL && hosts.size() == 2 && alive.size() == 2) {
                alive.forEach(process -> mapped.add(models(process)));
                endedAtTheKill = count;
                alive.get(0).destroyForcibly();
            }
        }

        @Override
        public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            removed.incrementAndGet();
        }
    }

    @Test
    void a_cluster_that_loses_an_executor_writes_the_lines_of_demur_score() throws Exception {
        Path data = Files.write(folder.resolve("data.jsonl"), DemurScore.rows(rows()));
        Path expected = folder.resolve("expected.jsonl");
        DemurScore.run(
                folder,
                "score",
                "--model",
                DemurScore.MODEL.toString(),
                "--data",
                data.toString(),
                "--out",
                expected.toString());

        Killer killer = new Killer();
        Path out = folder.resolve("out");
        ScoreResult result;
        SparkSession spark = cluster();
        try {
            spark.sparkContext().addSparkListener(killer);
            result = SparkScorer.of(spark, ScoreSpec.of("demur-tiny.gguf"))
                    .withPartitions(TASKS)
                    .score(data.toString(), "jsonl", out.toString());
        } finally {
            spark.stop();
        }

        assertTrue(killer.endedAtTheKill > 0 && killer.endedAtTheKill < TASKS, "killed after " + killer.endedAtTheKill);
        assertTrue(killer.removed.get() >= 1, "no executor was lost");
        assertEquals(new ScoreResult(rows(), rows(), 0), result);
        assertEquals(Files.readAllLines(expected), Files.readAllLines(out.resolve("scores.jsonl")));
        assertEquals("", Files.readString(out.resolve("errors.jsonl")));
        assertEquals(meta(expected), meta(out.resolve("scores.jsonl")));
        // One file is mapped by both, whose pages the machine has once.
        assertEquals(1, killer.mapped.get(0).size(), killer.mapped.toString());
        assertEquals(killer.mapped.get(0), killer.mapped.get(1));
        DemurScore.run(
                folder,
                "calibrate",
                "--scores",
                out.resolve("scores.jsonl").toString(),
                "--target-false-refusal",
                "0.2",
                "--out",
                folder.resolve("policy.json").toString());
    }

    /** All but the hash of the data, which a cluster makes in another way. */
    private static JsonObject meta(Path scores) throws IOException {
        Path file = scores.resolveSibling(scores.getFileName() + ".meta.json");
        JsonObject json = JsonParser.parseString(Files.readString(file, StandardCharsets.UTF_8))
                .getAsJsonObject();
        assertTrue(json.remove("dataHash").getAsString().length() > 20);
        return json;
    }
}
