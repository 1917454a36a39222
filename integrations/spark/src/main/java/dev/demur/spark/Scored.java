package dev.demur.spark;

import java.util.Objects;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What became of a row: a line of a score file, or what is wrong with it.
 *
 * @param row its number, from 1
 * @param id as the data have it, or the row's number; null: the row is too broken to have one
 * @param line null: it could not be scored
 * @param problem null: there is none
 * @param hash of what was scored, which all rows together make the data's
 */
record Scored(
        long row,
        @Nullable String id,
        @Nullable String line,
        @Nullable String problem,
        long hash) {

    static final StructType SCHEMA = new StructType(new StructField[] {
        new StructField("row", DataTypes.LongType, false, Metadata.empty()),
        new StructField("id", DataTypes.StringType, true, Metadata.empty()),
        new StructField("line", DataTypes.StringType, true, Metadata.empty()),
        new StructField("problem", DataTypes.StringType, true, Metadata.empty()),
        new StructField("hash", DataTypes.LongType, false, Metadata.empty())
    });

    static Scored line(long row, String id, String line, long hash) {
        return new Scored(row, id, Objects.requireNonNull(line), null, hash);
    }

    static Scored bad(long row, @Nullable String id, String problem, long hash) {
        return new Scored(row, id, null, problem, hash);
    }

    Row toRow() {
        return RowFactory.create(row, id, line, problem, hash);
    }
}
