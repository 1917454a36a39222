package dev.demur.fit;

import dev.demur.dataset.LabelledPrompt;
import dev.demur.policy.Labels;
import dev.demur.readout.Head;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What is read of the model: each chosen prompt as it is, and of a quarter of them, drawn at random, one harmless form too, where
 * there is one that the head's wording does not undo. The two rows of such a prompt share its weight, so that the shares of sources and labels stay as they are.
 */
final class FitRows {

    /** Every such row takes as long to read as a prompt of its own. */
    private static final double FORM_SHARE = 0.25;

    private static final int FEWEST_SOURCES = 3;

    private final Labels labels;
    private final List<FitRow> rows = new ArrayList<>();

    private FitRows(Labels labels) {
        this.labels = labels;
    }

    static FitRows of(FitData data, Labels labels, FitOptions options) {
        FitRows made = new FitRows(labels);
        List<Form> forms = new ArrayList<>(Arrays.asList(Form.values()));
        forms.remove(Form.PLAIN);
        if (options.sees() == Head.Sees.MESSAGE) {
            forms.removeIf(form -> !form.before().isEmpty()); // such a head does not see what stands before
        }
        Random random = new Random(options.seed());
        int next = random.nextInt(forms.size());
        for (Map.Entry<LabelledPrompt, Double> chosen :
                data.chosen(options.mostRows()).entrySet()) {
            LabelledPrompt prompt = chosen.getKey();
            int label = labels.indexOfLabel(FitData.categoryOf(prompt));
            int number = made.rows.size();
            FitRow plain = new FitRow(prompt, Form.PLAIN, options.wording(), number, number, label, chosen.getValue());
            FitRow other = null;
            if (random.nextDouble() < FORM_SHARE && options.forms()) {
                for (int tried = 0; tried < forms.size() && other == null; tried++) {
                    FitRow row = plain.in(forms.get(next));
                    other = row.messages().equals(plain.messages()) ? null : row;
                    next = (next + 1) % forms.size();
                }
            }
            made.rows.add(other == null ? plain : plain.atHalfWeight());
            if (other != null) {
                made.rows.add(other.atHalfWeight());
            }
        }
        return made;
    }

    Labels labels() {
        return labels;
    }

    int size() {
        return rows.size();
    }

    FitRow get(int row) {
        return rows.get(row);
    }

    List<FitRow> all() {
        return rows;
    }

    int[] labelIndices() {
        return rows.stream().mapToInt(FitRow::label).toArray();
    }

    double[] weights() {
        return rows.stream().mapToDouble(FitRow::weight).toArray();
    }

    /** Those rows that satisfy it, by their numbers. */
    int[] numbers(Predicate<FitRow> wanted) {
        return IntStream.range(0, rows.size())
                .filter(row -> wanted.test(rows.get(row)))
                .toArray();
    }

    /** For each row the name of its group, those of nearly the same prompts. */
    List<String> nearDuplicates() {
        return NearDuplicates.groups(
                rows.stream().map(row -> row.prompt().text()).toList());
    }

    /** For each row its source; empty if a row has none, or there are too few for what is left out to be another world. */
    List<String> sources() {
        List<String> sources = new ArrayList<>();
        for (FitRow row : rows) {
            String source = row.prompt().source();
            if (source == null) {
                return List.of();
            }
            sources.add(source);
        }
        return sources.stream().distinct().count() < FEWEST_SOURCES ? List.of() : sources;
    }
}
