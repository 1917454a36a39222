package dev.demur.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The job as spark-submit starts it, which gives it the master in a system property. */
class ScoreJobIT {

    private static final List<String> SETTINGS =
            List.of("spark.master", "spark.ui.enabled", "spark.files", "spark.local.dir", "spark.sql.warehouse.dir");

    @TempDir
    private Path folder;

    @BeforeEach
    void submit() {
        System.setProperty("spark.master", "local[2]");
        System.setProperty("spark.ui.enabled", "false");
        System.setProperty("spark.files", DemurScore.MODEL.toString());
        System.setProperty("spark.local.dir", folder.resolve("spark").toString());
        System.setProperty(
                "spark.sql.warehouse.dir", folder.resolve("warehouse").toString());
    }

    @AfterEach
    void forget() {
        SETTINGS.forEach(System::clearProperty);
    }

    @Test
    void the_job_scores_with_the_model_that_travelled_with_it() throws Exception {
        Path data = Files.write(folder.resolve("data.jsonl"), DemurScore.rows(12));
        Path expected = folder.resolve("expected.jsonl");
        DemurScore.run(
                folder,
                "score",
                "--model",
                DemurScore.MODEL.toString(),
                "--data",
                data.toString(),
                "--system",
                "Be brief.",
                "--tau",
                "0.75",
                "--out",
                expected.toString());
        Path out = folder.resolve("out");
        ScoreJob.main(new String[] {
            "--model", "demur-tiny.gguf",
            "--data", data.toString(),
            "--system", "Be brief.",
            "--tau", "0.75",
            "--partitions", "5",
            "--out", out.toString()
        });
        assertEquals(Files.readAllLines(expected), Files.readAllLines(out.resolve("scores.jsonl")));
        assertEquals("{\"rows\":12,\"scored\":12,\"bad\":0}\n", Files.readString(out.resolve("summary.json")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--model m --data d.jsonl | --out is missing",
                "--model m --out o --data d.txt | --format is missing",
                "--model m --out o --data d.csv --tau | --tau has no value",
                "--model m --out o --data d.csv --tau hot | 'hot' is no number",
                "--model m --out o --data d.csv --partitions 1.5 | --partitions is '1.5'",
                "--model m --out o --data d.csv --tua 1 | --tua is no option",
            })
    void what_is_wrong_in_the_arguments_is_said_before_anything_runs(String arguments, String problem) {
        String message = assertThrows(IllegalArgumentException.class, () -> ScoreJob.main(arguments.split(" ")))
                .getMessage();
        assertTrue(message.startsWith(problem), message);
        assertTrue(message.contains("usage: spark-submit"), message);
    }
}
