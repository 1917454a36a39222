package dev.demur.evaluation;

import dev.demur.arguments.Given;
import dev.demur.policy.Category;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What should have been decided against what was, six-way for a model of five categories.
 *
 * @param expected row names: the categories' ids, {@code respond}, and {@code none} for should-refuse rows that are
 *     labelled with no category of the model
 * @param decided column names: the categories' ids, {@code respond}, and {@code model} for what the model did by itself
 * @param counts rows of counts
 */
public record Confusion(List<String> expected, List<String> decided, List<List<Integer>> counts) {

    public Confusion {
        expected = Given.list(expected, "expected");
        decided = Given.list(decided, "decided");
        counts = Given.list(counts, "counts").stream().map(List::copyOf).toList();
    }

    static Confusion of(ScoredPrompts prompts, Decisions decisions) {
        Labels labels = prompts.labels();
        int respond = labels.respondIndex();
        int other = respond + 1;
        int[][] counts = new int[other + 1][other + 1];
        for (int row : prompts.distinct()) {
            int label = prompts.label(row).map(labels::indexOf).orElse(-1);
            int expected = !prompts.shouldRefuse(row) ? respond : label < 0 ? other : label;
            int chosen = decisions.chosen(row);
            counts[expected][chosen == LabelNumbers.NO_LABEL ? other : chosen]++;
        }
        List<List<Integer>> lists = new ArrayList<>();
        for (int[] row : counts) {
            lists.add(Arrays.stream(row).boxed().toList());
        }
        return new Confusion(names(labels, "none"), names(labels, "model"), lists);
    }

    private static List<String> names(Labels labels, String last) {
        List<String> names =
                new ArrayList<>(labels.categories().stream().map(Category::id).toList());
        names.add(Labels.RESPOND);
        names.add(last);
        return names;
    }
}
