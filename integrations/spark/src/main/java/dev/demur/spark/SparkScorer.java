package dev.demur.spark;

import com.google.gson.JsonObject;
import dev.demur.DemurException;
import dev.demur.policy.Labels;
import dev.demur.scoring.ScoreMeta;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Scores labelled prompts on a cluster. The results are those of {@code demur score}, line for line, in the order of the data.
 *
 * <p>The data have the columns, or fields, {@code prompt} and {@code expected}, and perhaps {@code id} and {@code category}, as
 * those of {@code demur score} have; a missing id is the row's number. A folder of results has:
 *
 * <ul>
 *   <li>{@code scores.jsonl} and {@code scores.jsonl.meta.json}, which {@code demur calibrate} and {@code demur eval} read,
 *   <li>{@code parquet}, the same as a table, with a column {@code probabilities} that has a field for each label,
 *   <li>{@code errors.jsonl}, an object for each row that could not be scored: {@code row}, {@code id}, {@code problem},
 *   <li>{@code summary.json}, which is written last: with it the results are whole.
 * </ul>
 *
 * <p>A job that is run again replaces what it left, by the same results. For any thread of the driver.
 */
public final class SparkScorer {

    private static final String LINES = Output.STAGING + "/lines";
    private static final String PROBLEMS = Output.STAGING + "/problems";
    private static final String ROWS = Output.STAGING + "/rows";

    private final SparkSession spark;
    private final ScoreSpec spec;
    private final int partitions;

    private SparkScorer(SparkSession spark, ScoreSpec spec, int partitions) {
        this.spark = spark;
        this.spec = spec;
        this.partitions = partitions;
    }

    /** A scorer that spreads the data over at least as many tasks as run at once. */
    public static SparkScorer of(SparkSession spark, ScoreSpec spec) {
        return new SparkScorer(Objects.requireNonNull(spark, "spark"), Objects.requireNonNull(spec, "spec"), 0);
    }

    /**
     * The same with another number of tasks.
     *
     * @param newPartitions at least 1
     */
    public SparkScorer withPartitions(int newPartitions) {
        if (newPartitions < 1) {
            throw new IllegalArgumentException("partitions: " + newPartitions + " is not at least 1");
        }
        return new SparkScorer(spark, spec, newPartitions);
    }

    /**
     * Scores files.
     *
     * @param path a file, folder or pattern that Spark can read
     * @param format {@code parquet}, {@code csv} (with a header) or {@code jsonl}
     * @param out the folder of the results
     * @throws DemurException if the data lack a column, no row can be scored, or the folder holds something else
     */
    public ScoreResult score(String path, String format, String out) {
        return score(InputRows.read(spark, path, format), out);
    }

    /**
     * Scores a table with the columns {@code prompt} and {@code expected}, and perhaps {@code id} and {@code category}.
     *
     * @param data whose rows come in the same order whenever they are read, as those of files do
     * @param out the folder of the results
     * @throws DemurException if the data lack a column, no row can be scored, or the folder holds something else
     */
    public ScoreResult score(Dataset<Row> data, String out) {
        return score(InputRows.of(data), out);
    }

    private ScoreResult score(JavaRDD<InputRow> rows, String out) {
        try {
            Output output = new Output(out, spark.sparkContext().hadoopConfiguration());
            output.begin();
            ScoreMeta meta = meta();
            stage(rows, output.path(ROWS));
            ScoreResult result = arrange(output, meta);
            output.delete(Output.STAGING);
            JsonObject summary = new JsonObject();
            summary.addProperty("rows", result.rows());
            summary.addProperty("scored", result.scored());
            summary.addProperty("bad", result.bad());
            output.write(Output.SUMMARY, summary + "\n");
            return result;
        } catch (IOException e) {
            throw new DemurException(out + ": the results cannot be written: " + e.getMessage(), e);
        }
    }

    /** What an executor scores with: the driver needs no model, and no native code. */
    private ScoreMeta meta() {
        ScoreSpec wanted = spec;
        String json = JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(List.of(wanted), 1)
                .map(one -> {
                    ExecutorModel model = ExecutorModel.acquire(one);
                    try {
                        return model.meta("").toJson();
                    } finally {
                        model.release();
                    }
                })
                .first();
        return ScoreMeta.parse(json, "the executor's meta data");
    }

    /** Every task writes what it scored; Spark takes each task's results once, however often the task was run. */
    private void stage(JavaRDD<InputRow> rows, String path) {
        ScoreSpec wanted = spec;
        int wantedPartitions =
                partitions > 0 ? partitions : spark.sparkContext().defaultParallelism();
        var numbered = rows.zipWithIndex();
        if (partitions > 0 || numbered.getNumPartitions() < wantedPartitions) {
            numbered = numbered.repartition(wantedPartitions);
        }
        JavaRDD<Row> scored = numbered.mapPartitions(part -> {
            PartitionScorer scorer = new PartitionScorer(wanted, part);
            TaskContext.get()
                    .addTaskCompletionListener((TaskCompletionListener & Serializable) ended -> scorer.close());
            return scorer;
        });
        spark.createDataFrame(scored, Scored.SCHEMA)
                .write()
                .mode(SaveMode.Overwrite)
                .parquet(path);
    }

    private ScoreResult arrange(Output output, ScoreMeta meta) throws IOException {
        Dataset<Row> staged = spark.read().schema(Scored.SCHEMA).parquet(output.path(ROWS));
        Dataset<Row> lines = staged.filter(functions.col("line").isNotNull());
        Dataset<Row> repeated = lines.groupBy("id")
                .agg(functions.min("row").as("first"), functions.count("row").as("times"))
                .filter(functions.col("times").gt(1));
        Dataset<Row> joined = lines.join(repeated, new String[] {"id"}, "left");
        Dataset<Row> good = joined.filter(
                functions.col("first").isNull().or(functions.col("first").equalTo(functions.col("row"))));
        Dataset<Row> again = joined.filter(functions.col("first").lt(functions.col("row")))
                .select(
                        functions.col("row"),
                        functions.col("id"),
                        functions
                                .lit("the id is there already: ids must differ")
                                .as("problem"));
        Dataset<Row> bad = staged.filter(functions.col("problem").isNotNull())
                .select("row", "id", "problem")
                .union(again);

        good.orderBy("row").select("line").write().mode(SaveMode.Overwrite).text(output.path(LINES));
        bad.orderBy("row").write().mode(SaveMode.Overwrite).json(output.path(PROBLEMS));
        long rows = staged.count();
        long scored = good.count();
        output.join(PROBLEMS, Output.ERRORS);
        if (scored == 0) {
            throw new DemurException(
                    "data: there is no row that can be scored; " + output.path(Output.ERRORS) + " says why");
        }
        output.join(LINES, Output.SCORES);
        output.write(Output.META, withData(meta, hash(staged, rows)).toJson());
        spark.read()
                .schema(lineSchema(meta.labels()))
                .json(output.path(Output.SCORES))
                .write()
                .mode(SaveMode.Overwrite)
                .parquet(output.path(Output.PARQUET));
        return new ScoreResult(rows, scored, rows - scored);
    }

    /** Identifies the data, in whatever order they were scored. */
    private static String hash(Dataset<Row> staged, long rows) {
        Object sum = staged.agg(functions.sum(functions.col("hash").cast("decimal(38,0)")))
                .first()
                .get(0);
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest((rows + " " + sum).getBytes(StandardCharsets.UTF_8));
            return "rows-sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static ScoreMeta withData(ScoreMeta meta, String dataHash) {
        return meta.withDataHash(dataHash);
    }

    private static StructType lineSchema(Labels labels) {
        StructType probabilities = new StructType();
        for (int i = 0; i < labels.count(); i++) {
            probabilities = probabilities.add(labels.id(i), DataTypes.DoubleType);
        }
        return new StructType()
                .add("id", DataTypes.StringType)
                .add("category", DataTypes.StringType)
                .add("expected", DataTypes.StringType)
                .add("probabilities", probabilities)
                .add("coverage", DataTypes.DoubleType)
                .add("choice", DataTypes.StringType)
                .add("promptHash", DataTypes.StringType)
                .add("fitted", DataTypes.BooleanType);
    }
}
