package dev.demur.scoring;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What rows ask, as the hashes of their prompts: two numbers for each row, both zero where it is not known. */
final class RowHashes {

    private static final int FIRST_CAPACITY = 1024;

    private final Set<HashKey> known;
    private long[] halves;
    private int rows;
    private boolean repeats;

    /** Of no rows yet. */
    RowHashes() {
        this(new HashSet<>(), new long[2 * FIRST_CAPACITY], 0, false);
    }

    private RowHashes(Set<HashKey> known, long[] halves, int rows, boolean repeats) {
        this.known = known;
        this.halves = halves;
        this.rows = rows;
        this.repeats = repeats;
    }

    /** Adds the next row. */
    void add(@Nullable String hash) {
        if (2 * rows == halves.length) {
            halves = Arrays.copyOf(halves, 2 * halves.length);
        }
        if (hash != null) {
            HashKey key = HashKey.of(hash);
            halves[2 * rows] = key.high();
            halves[2 * rows + 1] = key.low();
            repeats |= !known.add(key);
        }
        rows++;
    }

    /** The rows so far; to be read only. */
    RowHashes copy() {
        return new RowHashes(Set.of(), Arrays.copyOf(halves, 2 * rows), rows, repeats);
    }

    boolean has(int row) {
        return halves[2 * row] != 0 || halves[2 * row + 1] != 0;
    }

    /** The hash of a row that has one. */
    HashKey get(int row) {
        return new HashKey(halves[2 * row], halves[2 * row + 1]);
    }

    /** Of the rows that are chosen, the first of each prompt. */
    int[] first(IntPredicate chosen) {
        IntStream all = IntStream.range(0, rows).filter(chosen);
        if (!repeats) {
            return all.toArray();
        }
        Set<HashKey> seen = new HashSet<>();
        return all.filter(row -> !has(row) || seen.add(get(row))).toArray();
    }

    /** How many of these rows ask what one of those asks. */
    int common(int[] these, int[] those) {
        if (!repeats) {
            return 0;
        }
        Set<HashKey> asked = new HashSet<>();
        Arrays.stream(those).filter(this::has).forEach(row -> asked.add(get(row)));
        return (int) Arrays.stream(these)
                .filter(row -> has(row) && asked.contains(get(row)))
                .count();
    }
}
