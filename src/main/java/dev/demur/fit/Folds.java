package dev.demur.fit;

import dev.demur.DemurException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Parts of the rows for cross-validation: each is left out once. Rows of one group lie in one fold.
 *
 * @param count how many folds there are, at least 2
 * @param of each row: its fold
 */
record Folds(int count, int[] of) {

    /** More folds cost more fits, and change the numbers little. */
    static final int MOST = 5;

    /**
     * Puts groups into folds of like size: the largest first, each to the fold with the fewest rows.
     *
     * @param groups of each row
     * @throws DemurException if there are fewer than two groups
     */
    static Folds of(List<String> groups) {
        Map<String, Integer> sizes = new HashMap<>();
        groups.forEach(group -> sizes.merge(group, 1, Integer::sum));
        if (sizes.size() < 2) {
            throw new DemurException("cross-validation needs prompts of two groups, but all are alike");
        }
        List<String> order = new ArrayList<>(sizes.keySet());
        order.sort(Comparator.comparing((String group) -> -sizes.getOrDefault(group, 0))
                .thenComparing(Comparator.naturalOrder()));
        int count = Math.min(MOST, order.size());
        int[] filled = new int[count];
        Map<String, Integer> folds = new HashMap<>();
        for (String group : order) {
            int least = 0;
            for (int fold = 1; fold < count; fold++) {
                least = filled[fold] < filled[least] ? fold : least;
            }
            folds.put(group, least);
            filled[least] += sizes.getOrDefault(group, 0);
        }
        return new Folds(
                count,
                groups.stream().mapToInt(group -> folds.getOrDefault(group, 0)).toArray());
    }

    /** Those of the rows that lie in a fold. */
    int[] in(int fold, int[] rows) {
        return IntStream.of(rows).filter(row -> of[row] == fold).toArray();
    }

    /** Those of the rows that lie in other folds. */
    int[] outside(int fold, int[] rows) {
        return IntStream.of(rows).filter(row -> of[row] != fold).toArray();
    }

    /** Whether what is fitted without any one of the folds sees prompts to refuse and prompts to answer. */
    boolean leaveBoth(int[] rows, int[] labels, int respond) {
        for (int fold = 0; fold < count; fold++) {
            int[] rest = outside(fold, rows);
            long answers =
                    IntStream.of(rest).filter(row -> labels[row] == respond).count();
            if (answers == 0 || answers == rest.length) {
                return false;
            }
        }
        return true;
    }
}
