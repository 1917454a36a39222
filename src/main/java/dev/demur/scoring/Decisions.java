package dev.demur.scoring;

import dev.demur.arguments.Given;
import dev.demur.policy.LabelNumbers;

/** What a policy decides for every row of {@link ScoredPrompts}. Immutable. */
public final class Decisions {

    private final int[] chosen;
    private final int respondIndex;

    Decisions(int[] chosen, int respondIndex) {
        this.chosen = chosen;
        this.respondIndex = respondIndex;
    }

    /** The index of the refused category, K for respond, or {@link LabelNumbers#NO_LABEL}. */
    public int chosen(int row) {
        return chosen[row];
    }

    /** Whether the row is refused, as any category. */
    public boolean refused(int row) {
        return chosen[row] != LabelNumbers.NO_LABEL && chosen[row] < respondIndex;
    }

    /** How many of the rows are refused. */
    public int refusals(int[] rows) {
        Given.value(rows, "rows");
        int count = 0;
        for (int row : rows) {
            count += refused(row) ? 1 : 0;
        }
        return count;
    }

    /** How many of all rows are refused as this category. */
    public int refusalsAs(int category) {
        int count = 0;
        for (int c : chosen) {
            count += c == category ? 1 : 0;
        }
        return count;
    }
}
