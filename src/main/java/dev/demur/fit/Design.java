package dev.demur.fit;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What is known of the rows besides their features.
 *
 * @param labels of each row the index of its label; that of respond is the last
 * @param weights of each row, in the fit
 * @param labelCount how many labels there are
 * @param rows those that could be read, ascending; nothing else is fitted on or scored
 * @param plain those of them that are prompts as they are
 * @param alike of each row the name of its group of near-duplicates
 * @param sources of each row its source; empty: they are not known, or too few
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record Design(
        int[] labels,
        double[] weights,
        int labelCount,
        int[] rows,
        int[] plain,
        List<String> alike,
        List<String> sources) {

    static Design of(FitRows rows, FeatureFile.Mapped features) {
        boolean[] read = new boolean[rows.size()];
        for (int row = 0; row < read.length; row++) {
            FitRow here = rows.get(row);
            read[row] = features.isRead(row) && features.isRead(here.plain());
        }
        int[] readable =
                IntStream.range(0, read.length).filter(row -> read[row]).toArray();
        int[] plain = IntStream.of(readable)
                .filter(row -> rows.get(row).form() == Form.PLAIN)
                .toArray();
        return new Design(
                rows.labelIndices(),
                rows.weights(),
                rows.labels().count(),
                readable,
                plain,
                rows.nearDuplicates(),
                rows.sources());
    }

    int respond() {
        return labelCount - 1;
    }

    /** Folds of near-duplicates: what is left out comes from the same sources. */
    Folds folds() {
        return Folds.of(alike);
    }

    /**
     * Folds of sources, where rows have enough of them for a head to see prompts of both kinds without any one fold; else
     * {@link #folds}.
     */
    Folds foldsBySource() {
        return Folds.of(hasSources() ? sources : alike);
    }

    /** Whether there are such sources. */
    boolean hasSources() {
        return !sources.isEmpty() && Folds.of(sources).leaveBoth(plain, labels, respond());
    }
}
