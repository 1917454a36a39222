package dev.demur.spark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** The job for {@code spark-submit}: scores files into a folder. docs/SPARK.md describes its options. */
public final class ScoreJob {

    private static final String ANY_CATEGORY = "--any-category";

    private static final List<String> OPTIONS = List.of(
            "--model", "--data", "--format", "--out", "--readout", "--llama", "--system", "--tau", "--partitions");

    private static final String USAGE = "usage: spark-submit --class dev.demur.spark.ScoreJob --files MODEL.gguf JAR"
            + " --model MODEL.gguf --data PATH --out FOLDER [--format parquet|csv|jsonl] [--readout NAME|FILE]"
            + " [--llama FILE] [--system TEXT] [--tau T] [--partitions N] [--any-category]";

    private ScoreJob() {}

    /** Runs the job in the session that spark-submit configured. */
    public static void main(String[] args) {
        Arguments arguments = Arguments.parse(args);
        SparkSession spark = SparkSession.builder().appName("demur score").getOrCreate();
        try {
            SparkScorer scorer = SparkScorer.of(spark, arguments.spec);
            if (arguments.partitions > 0) {
                scorer = scorer.withPartitions(arguments.partitions);
            }
            ScoreResult result = scorer.score(arguments.data, arguments.format, arguments.out);
            System.err.println("demur: scored " + result.scored() + " of " + result.rows() + " rows into "
                    + arguments.out + (result.bad() == 0 ? "" : "; " + result.bad() + " bad ones are in errors.jsonl"));
        } finally {
            spark.stop();
        }
    }

    /** Reads the arguments as the job does, and does nothing else. */
    static void check(String[] args) {
        Arguments.parse(args);
    }

    /** What the job was told. */
    private record Arguments(ScoreSpec spec, String data, String format, String out, int partitions) {

        static Arguments parse(String[] args) {
            Map<String, String> values = new HashMap<>();
            boolean any = false;
            List<String> rest = new ArrayList<>(List.of(args));
            while (!rest.isEmpty()) {
                String option = rest.remove(0);
                if (option.equals(ANY_CATEGORY)) {
                    any = true;
                } else if (!OPTIONS.contains(option)) {
                    throw wrong(option + " is no option of this job");
                } else if (rest.isEmpty()) {
                    throw wrong(option + " has no value");
                } else {
                    values.put(option, rest.remove(0));
                }
            }
            String data = required(values, "--data");
            ScoreSpec spec = ScoreSpec.of(required(values, "--model"))
                    .withReadout(values.get("--readout"))
                    .withLlama(values.get("--llama"))
                    .withSystem(values.get("--system"))
                    .withTemperature(number(values.get("--tau"), 1))
                    .withAnyCategory(any);
            double partitions = number(values.get("--partitions"), 0);
            if (partitions != Math.rint(partitions) || partitions < 0 || partitions > Integer.MAX_VALUE) {
                throw wrong("--partitions is '" + values.get("--partitions")
                        + "': it must be a whole number of at least 1");
            }
            String format = values.get("--format");
            return new Arguments(
                    spec, data, format == null ? formatOf(data) : format, required(values, "--out"), (int) partitions);
        }

        private static String required(Map<String, String> values, String option) {
            String value = values.get(option);
            if (value == null || value.isBlank()) {
                throw wrong(option + " is missing");
            }
            return value;
        }

        private static double number(@Nullable String value, double otherwise) {
            if (value == null) {
                return otherwise;
            }
            try {
                return Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw wrong("'" + value + "' is no number");
            }
        }

        /** By the ending of the name. */
        private static String formatOf(String data) {
            String name = data.toLowerCase(Locale.ROOT);
            for (String format : List.of("parquet", "csv", "jsonl")) {
                if (name.endsWith("." + format)) {
                    return format;
                }
            }
            throw wrong("--format is missing, and " + data + " ends in none of .parquet, .csv, .jsonl");
        }

        private static IllegalArgumentException wrong(String problem) {
            return new IllegalArgumentException(problem + " (" + USAGE + ")");
        }
    }
}
