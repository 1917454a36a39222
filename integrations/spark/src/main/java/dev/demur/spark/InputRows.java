package dev.demur.spark;

import dev.demur.DemurException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** Reads data of any format into rows. */
final class InputRows {

    private static final String PROMPT = "prompt";
    private static final String EXPECTED = "expected";

    private InputRows() {}

    /**
     * The rows of a path.
     *
     * @param format {@code parquet}, {@code csv} or {@code jsonl}
     */
    static JavaRDD<InputRow> read(SparkSession spark, String path, String format) {
        return switch (format.toLowerCase(Locale.ROOT)) {
            // A line of JSONL is read by what reads it for demur score, so that the same rows are bad for the same
            // reasons.
            case "jsonl" ->
                spark.read()
                        .option("lineSep", "\n")
                        .textFile(path)
                        .javaRDD()
                        .filter(line -> !line.isBlank())
                        .map(InputRow::ofJson);
            case "csv" ->
                of(spark.read()
                        .option("header", true)
                        .option("multiLine", true)
                        .option("escape", "\"")
                        .option("encoding", "UTF-8")
                        .csv(path));
            case "parquet" -> of(spark.read().parquet(path));
            default ->
                throw new IllegalArgumentException(
                        "format: " + format + " is none of parquet, csv, jsonl: name the one that the data have");
        };
    }

    /** The rows of a table with the columns prompt and expected, and perhaps id and category. */
    static JavaRDD<InputRow> of(Dataset<Row> table) {
        List<String> columns = Arrays.asList(table.columns());
        for (String needed : List.of(PROMPT, EXPECTED)) {
            if (!columns.contains(needed)) {
                throw new DemurException(
                        "data: there is no column " + needed + "; the columns are " + String.join(", ", columns));
            }
        }
        boolean hasId = columns.contains("id");
        boolean hasCategory = columns.contains("category");
        return table.select(
                        hasId
                                ? functions.col("id").cast("string")
                                : functions.lit(null).cast("string").as("id"),
                        functions.col(PROMPT).cast("string"),
                        hasCategory
                                ? functions.col("category").cast("string")
                                : functions.lit(null).cast("string").as("category"),
                        functions.col(EXPECTED).cast("string"))
                .javaRDD()
                .map(row -> new InputRow(null, text(row, 0), text(row, 1), text(row, 2), text(row, 3)));
    }

    private static @Nullable String text(Row row, int column) {
        return row.isNullAt(column) ? null : row.getString(column);
    }
}
