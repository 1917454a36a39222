package dev.demur.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Formats, bad rows and repetitions, in one process. */
class SparkScorerIT {

    private static final int ROWS = 40;

    @TempDir
    private static Path folder;

    private static SparkSession spark;
    private static Path data;
    private static List<String> expected;

    @BeforeAll
    static void score() throws IOException, InterruptedException {
        spark = SparkSession.builder()
                .master("local[2]")
                .appName("SparkScorerIT")
                .config("spark.ui.enabled", false)
                .config("spark.sql.shuffle.partitions", 2)
                .config("spark.local.dir", folder.resolve("spark").toString())
                .config("spark.sql.warehouse.dir", folder.resolve("warehouse").toString())
                .getOrCreate();
        data = Files.write(folder.resolve("data.jsonl"), DemurScore.rows(ROWS));
        expected = scoredBy("demur", data);
    }

    @AfterAll
    static void stop() {
        spark.stop();
    }

    private static List<String> scoredBy(String name, Path data, String... options)
            throws IOException, InterruptedException {
        Path out = folder.resolve(name + ".scores.jsonl");
        List<String> arguments = new ArrayList<>(List.of(
                "score", "--model", DemurScore.MODEL.toString(), "--data", data.toString(), "--out", out.toString()));
        arguments.addAll(List.of(options));
        DemurScore.run(folder, arguments.toArray(String[]::new));
        return Files.readAllLines(out);
    }

    private static SparkScorer scorer() {
        return SparkScorer.of(spark, ScoreSpec.of(DemurScore.MODEL.toString()));
    }

    private static List<String> lines(Path out) throws IOException {
        return Files.readAllLines(out.resolve("scores.jsonl"));
    }

    @Test
    void every_format_gives_the_lines_of_demur_score() throws IOException {
        Dataset<Row> table = spark.read().json(data.toString());
        Path parquet = folder.resolve("data.parquet");
        Path csv = folder.resolve("data-csv");
        table.coalesce(1).write().parquet(parquet.toString());
        table.select("id", "prompt", "category", "expected")
                .coalesce(1)
                .write()
                .option("header", true)
                .option("escape", "\"")
                .csv(csv.toString());
        for (List<String> one : List.of(
                List.of(data.toString(), "jsonl"),
                List.of(parquet.toString(), "parquet"),
                List.of(csv.toString(), "csv"))) {
            Path out = folder.resolve("out-" + one.get(1));
            assertEquals(
                    new ScoreResult(ROWS, ROWS, 0),
                    scorer().withPartitions(3).score(one.get(0), one.get(1), out.toString()));
            assertEquals(expected, lines(out), one.get(1));
        }
        Dataset<Row> scored = spark.read()
                .parquet(folder.resolve("out-jsonl").resolve("parquet").toString());
        assertEquals(ROWS, scored.count());
        double safety = scored.select("probabilities.safety").first().getDouble(0);
        JsonObject first = JsonParser.parseString(
                        expected.get(indexOf(scored.select("id").first().getString(0))))
                .getAsJsonObject();
        assertEquals(first.getAsJsonObject("probabilities").get("safety").getAsDouble(), safety);
    }

    private static int indexOf(String id) {
        return Integer.parseInt(id.substring("row ".length()));
    }

    @Test
    void bad_rows_are_rows_of_the_error_output_and_the_others_are_scored() throws IOException, InterruptedException {
        List<String> rows = new ArrayList<>(DemurScore.rows(8));
        rows.add(2, "{\"id\": \"cut\", \"prompt\": ");
        rows.add(3, "");
        rows.add(4, "{\"id\": \"no label\", \"prompt\": \"Who?\"}");
        rows.add("{\"id\": \"row 1\", \"prompt\": \"Again?\", \"expected\": \"respond\"}");
        rows.add("{\"prompt\": \"Nameless?\", \"expected\": \"respond\"}");
        rows.add("{\"id\": \"blank\", \"prompt\": \" \", \"expected\": \"respond\"}");
        rows.add("{\"id\": \"long\", \"prompt\": \"" + "word ".repeat(20_000) + "\", \"expected\": \"respond\"}");
        Path bad = Files.write(folder.resolve("bad.jsonl"), rows);
        Path out = folder.resolve("out-bad");
        assertEquals(
                new ScoreResult(14, 9, 5), scorer().withPartitions(3).score(bad.toString(), "jsonl", out.toString()));
        assertEquals(scoredBy("bad", bad, "--skip-duplicates"), lines(out));
        List<JsonObject> errors = Files.readAllLines(out.resolve("errors.jsonl")).stream()
                .map(line -> JsonParser.parseString(line).getAsJsonObject())
                .toList();
        assertEquals(
                List.of(3, 4, 11, 13, 14),
                errors.stream().map(e -> e.get("row").getAsInt()).toList());
        List<String> problems =
                errors.stream().map(e -> e.get("problem").getAsString()).toList();
        assertTrue(problems.get(0).startsWith("the line is not one JSON object"), problems.get(0));
        assertTrue(problems.get(1).startsWith("expected is missing"), problems.get(1));
        assertEquals("the id is there already: ids must differ", problems.get(2));
        assertEquals("prompt is blank", problems.get(3));
        assertTrue(problems.get(4).contains("tokens"), problems.get(4));
        assertTrue(lines(out).get(8).startsWith("{\"id\":\"12\""), "a nameless row is called by its number");
    }

    @Test
    void a_category_that_the_model_does_not_have_is_bad_unless_it_is_allowed() throws IOException {
        Path rows = Files.write(
                folder.resolve("categories.jsonl"),
                List.of(
                        "{\"id\": \"a\", \"prompt\": \"Who?\", \"category\": \"weather\", \"expected\": \"refuse\"}",
                        "{\"id\": \"b\", \"prompt\": \"What?\", \"expected\": \"respond\"}"));
        Path strict = folder.resolve("out-strict");
        assertEquals(new ScoreResult(2, 1, 1), scorer().score(rows.toString(), "jsonl", strict.toString()));
        assertTrue(Files.readString(strict.resolve("errors.jsonl")).contains("weather"));
        ScoreSpec any = ScoreSpec.of(DemurScore.MODEL.toString()).withAnyCategory(true);
        Path lax = folder.resolve("out-any");
        assertEquals(
                new ScoreResult(2, 2, 0), SparkScorer.of(spark, any).score(rows.toString(), "jsonl", lax.toString()));
    }

    @Test
    void a_job_that_is_run_again_leaves_the_same_files() throws IOException {
        Path out = folder.resolve("out-again");
        scorer().score(data.toString(), "jsonl", out.toString());
        byte[] scores = Files.readAllBytes(out.resolve("scores.jsonl"));
        byte[] meta = Files.readAllBytes(out.resolve("scores.jsonl.meta.json"));
        // What a job that died in the middle leaves besides.
        Files.createDirectories(out.resolve("_staging").resolve("rows").resolve("_temporary"));
        Files.delete(out.resolve("summary.json"));
        scorer().withPartitions(7).score(data.toString(), "jsonl", out.toString());
        assertEquals(new String(scores), Files.readString(out.resolve("scores.jsonl")));
        assertEquals(new String(meta), Files.readString(out.resolve("scores.jsonl.meta.json")));
        assertTrue(Files.exists(out.resolve("summary.json")));
        assertFalse(Files.exists(out.resolve("_staging")));
    }

    @Test
    void a_folder_with_other_things_is_left_alone() throws IOException {
        Path out = Files.createDirectories(folder.resolve("mine"));
        Files.writeString(out.resolve("thesis.txt"), "years of work");
        String message = assertThrows(
                        DemurException.class, () -> scorer().score(data.toString(), "jsonl", out.toString()))
                .getMessage();
        assertTrue(message.contains("holds thesis.txt"), message);
        assertEquals("years of work", Files.readString(out.resolve("thesis.txt")));
    }

    @Test
    void what_is_wrong_with_the_whole_is_said() throws IOException {
        Path columns = Files.writeString(folder.resolve("columns.csv"), "id,text\n1,Who?\n");
        String missing = assertThrows(
                        DemurException.class,
                        () -> scorer().score(
                                        columns.toString(),
                                        "csv",
                                        folder.resolve("none").toString()))
                .getMessage();
        assertTrue(missing.contains("no column prompt"), missing);
        Path nothing = Files.writeString(folder.resolve("nothing.jsonl"), "[]\n");
        String none = assertThrows(
                        DemurException.class,
                        () -> scorer().score(
                                        nothing.toString(),
                                        "jsonl",
                                        folder.resolve("nothing").toString()))
                .getMessage();
        assertTrue(none.contains("no row that can be scored"), none);
        ScoreSpec lost = ScoreSpec.of("lost.gguf");
        Exception failure = assertThrows(
                Exception.class,
                () -> SparkScorer.of(spark, lost)
                        .score(data.toString(), "jsonl", folder.resolve("lost").toString()));
        assertTrue(failure.getMessage().contains("give it to spark-submit by --files"), failure.getMessage());
        assertThrows(IllegalArgumentException.class, () -> ScoreJob.main(new String[] {"--model", "m.gguf"}));
    }
}
