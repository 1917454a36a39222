package dev.demur.scoring;

import dev.demur.arguments.Given;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.policy.Labels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks through a data set before it is scored: how many rows there are, and what is wrong with it as a whole. Holds the ids
 * of all rows, 22 to 43 bytes each. For one thread.
 */
public final class DataCheck {

    /** So many names that no model has are kept; data of other columns would bring in millions. */
    private static final int MOST_NAMES = 100;

    private final Labels labels;
    private final RowIds ids = new RowIds();
    private final Map<String, Unknown> unknown = new LinkedHashMap<>();
    private long good;
    private long bad;
    private long repeatedIds;
    private @Nullable LabelledPrompt firstRepeated;
    private @Nullable BadRowException firstBad;

    /**
     * A category that the model does not have.
     *
     * @param name as the data have it
     * @param line where it is first, counted from 1
     * @param rows how many rows have it
     */
    public record Unknown(String name, long line, long rows) {
        public Unknown {
            Given.value(name, "name");
        }
    }

    /** For data of these labels. */
    public DataCheck(Labels labels) {
        this.labels = Given.value(labels, "labels");
    }

    /** Looks at a row. */
    public void add(LabelledPrompt prompt) {
        Given.value(prompt, "prompt");
        good++;
        if (ids.read(prompt.id()) == RowIds.State.REPEATED) {
            repeatedIds++;
            firstRepeated = firstRepeated == null ? prompt : firstRepeated;
        }
        String category = prompt.category();
        if (category != null
                && labels.indexOf(category) < 0
                && (unknown.size() < MOST_NAMES || unknown.containsKey(category))) {
            unknown.merge(
                    category,
                    new Unknown(category, prompt.line(), 1),
                    (before, now) -> new Unknown(before.name(), before.line(), before.rows() + 1));
        }
    }

    /** Notes a row that cannot be used. */
    public void add(BadRowException problem) {
        Given.value(problem, "problem");
        bad++;
        firstBad = firstBad == null ? problem : firstBad;
    }

    /** The number of rows, good and bad. */
    public long rows() {
        return good + bad;
    }

    /** The first row that cannot be used, where none can; else null. */
    public @Nullable BadRowException nothingButBad() {
        return good == 0 ? firstBad : null;
    }

    /** The first row with the id of an earlier one; null where ids differ. */
    public @Nullable LabelledPrompt firstRepeated() {
        return firstRepeated;
    }

    /** How many rows have the id of an earlier one. */
    public long repeatedIds() {
        return repeatedIds;
    }

    /** The categories that are none of the labels', as they come. */
    public List<Unknown> unknownCategories() {
        return new ArrayList<>(unknown.values());
    }
}
