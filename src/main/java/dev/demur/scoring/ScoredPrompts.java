package dev.demur.scoring;

import dev.demur.arguments.Given;
import dev.demur.dataset.PromptHash;
import dev.demur.json.ForeignText;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyException;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.words.Frame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Labelled prompts with the probabilities of labels that a model gave them, in columns.
 *
 * <p>n rows; column {@code i} of probabilities follows {@link Labels}. A row is one of two kinds: should-refuse,
 * labelled with the category that it belongs to, or should-answer, labelled with the category that it is a near miss of.
 * Labels may be missing, and may name no category of the model.
 *
 * <p>Several rows may ask the same, as their {@link PromptHash} tells. Whatever lists rows lists one of them only, the first,
 * so that a prompt counts once in every rate and every promise. Immutable.
 */
public final class ScoredPrompts {

    private static final int NO_LABEL = -1;

    private final Labels labels;
    private final double temperature;
    private final @Nullable ScoreMeta meta;
    private final String scoresHash;
    private final String[] ids;
    private final List<String> labelNames;
    private final int[] rowLabels;
    private final boolean[] shouldRefuse;
    private final int[] choice;
    private final boolean choicesKnown;
    private final RowHashes hashes;
    private final boolean[] fitted;
    private final double[][] probabilities;
    private final double[][] logits;
    private final double @Nullable [] coverages; // null: the sums of the probabilities

    private ScoredPrompts(Builder builder, String scoresHash) {
        int n = builder.ids.size();
        labels = builder.labels;
        temperature = builder.temperature;
        meta = builder.meta;
        this.scoresHash = scoresHash;
        ids = builder.ids.toArray(String[]::new);
        labelNames = List.copyOf(builder.labelNumbers.keySet());
        rowLabels = Arrays.copyOf(builder.rowLabels, n);
        shouldRefuse = Arrays.copyOf(builder.shouldRefuse, n);
        choice = Arrays.copyOf(builder.choice, n);
        choicesKnown = builder.choicesKnown;
        hashes = builder.hashes.copy();
        coverages = builder.hasOwnCoverage() ? Arrays.copyOf(builder.coverages, n) : null;
        fitted = Arrays.copyOf(builder.fitted, n);
        probabilities = new double[labels.count()][];
        logits = new double[probabilities.length][n];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = Arrays.copyOf(builder.probabilities[i], n);
            for (int row = 0; row < n; row++) {
                logits[i][row] = temperature * StrictMath.log(probabilities[i][row]); // as Reading.ofProbabilities
            }
        }
    }

    /** For prompts scored with what the meta data say. */
    public static Builder builder(ScoreMeta meta) {
        return new Builder(Given.value(meta, "meta").labels(), meta.temperature(), meta);
    }

    /** For prompts whose origin is not recorded. */
    public static Builder builder(Labels labels, double temperature) {
        Given.value(labels, "labels");
        return new Builder(labels, temperature, null);
    }

    /** Collects rows; not thread-safe. */
    public static final class Builder {

        private static final int FIRST_CAPACITY = 1024;

        private final Labels labels;
        private final double temperature;
        private final @Nullable ScoreMeta meta;
        private final List<String> ids = new ArrayList<>();
        private final Set<String> known = new HashSet<>();
        private final Map<String, Integer> labelNumbers = new LinkedHashMap<>();
        private int[] rowLabels = new int[FIRST_CAPACITY];
        private boolean[] shouldRefuse = new boolean[FIRST_CAPACITY];
        private int[] choice = new int[FIRST_CAPACITY];
        private boolean choicesKnown = true;
        private final RowHashes hashes = new RowHashes();
        private boolean[] fitted = new boolean[FIRST_CAPACITY];
        private final double[][] probabilities;
        private double[] coverages = new double[FIRST_CAPACITY];

        private Builder(Labels labels, double temperature, @Nullable ScoreMeta meta) {
            if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("temperature: " + temperature + " is not a finite number above 0");
            }
            this.labels = labels;
            this.temperature = temperature;
            this.meta = meta;
            probabilities = new double[labels.count()][FIRST_CAPACITY];
        }

        Labels labels() {
            return labels;
        }

        /** Adds a row whose prompt is not known, and so is taken for one of its own. */
        public Builder add(String id, @Nullable String label, boolean refuse, double[] p, @Nullable Integer ownChoice) {
            return add(id, label, refuse, p, ownChoice, null);
        }

        /**
         * Adds a row.
         *
         * @param label a category's id; null: none
         * @param p K + 1 probabilities in [0, 1], respond's last
         * @param ownChoice the index of the label that the model by itself would choose, or {@link LabelNumbers#NO_LABEL};
         *     null: not known
         * @param promptHash the {@link PromptHash} of the prompt; null: not known
         * @throws IllegalArgumentException if the id is already there, a number out of its range or the hash none
         */
        public Builder add(
                String id,
                @Nullable String label,
                boolean refuse,
                double[] p,
                @Nullable Integer ownChoice,
                @Nullable String promptHash) {
            Given.value(id, "id");
            Given.value(p, "p");
            if (promptHash != null && !PromptHash.isHash(promptHash)) {
                throw new IllegalArgumentException(
                        "promptHash: " + ForeignText.quoted(promptHash) + " is not 32 hexadecimal digits");
            }
            if (p.length != probabilities.length) {
                throw new IllegalArgumentException(
                        probabilities.length + " labels need as many probabilities, not " + p.length);
            }
            for (double value : p) {
                if (!(value >= 0 && value <= 1)) {
                    throw new IllegalArgumentException("probabilities: " + value + " is not in [0, 1]");
                }
            }
            if (!known.add(id)) {
                throw new IllegalArgumentException("id: " + ForeignText.quoted(id) + " is already there");
            }
            int row = ids.size();
            if (row == rowLabels.length) {
                grow();
            }
            ids.add(id);
            rowLabels[row] = label == null ? NO_LABEL : labelNumbers.computeIfAbsent(label, l -> labelNumbers.size());
            shouldRefuse[row] = refuse;
            choice[row] = ownChoice == null ? LabelNumbers.NO_LABEL : ownChoice;
            choicesKnown &= ownChoice != null;
            hashes.add(promptHash);
            for (int i = 0; i < p.length; i++) {
                probabilities[i][row] = p[i];
            }
            return this;
        }

        /** Whether rows have a coverage of their own, beside probabilities that were normalised over the labels. */
        boolean hasOwnCoverage() {
            return meta != null && meta.readout().kind().equals(Frame.KIND);
        }

        /** Sets the coverage of the row that was added last. */
        void coverage(double coverage) {
            if (!(coverage >= 0 && coverage <= 1)) {
                throw new IllegalArgumentException("coverage: " + coverage + " is not in [0, 1]");
            }
            coverages[ids.size() - 1] = coverage;
        }

        /** The row that was added last asks what the head that scored it was fitted on. */
        Builder noteFitted() {
            fitted[ids.size() - 1] = true;
            return this;
        }

        private void grow() {
            int capacity = rowLabels.length * 2;
            coverages = Arrays.copyOf(coverages, capacity);
            fitted = Arrays.copyOf(fitted, capacity);
            rowLabels = Arrays.copyOf(rowLabels, capacity);
            shouldRefuse = Arrays.copyOf(shouldRefuse, capacity);
            choice = Arrays.copyOf(choice, capacity);
            for (int i = 0; i < probabilities.length; i++) {
                probabilities[i] = Arrays.copyOf(probabilities[i], capacity);
            }
        }

        /** The rows so far. */
        public ScoredPrompts build() {
            return build("");
        }

        ScoredPrompts build(String scoresHash) {
            return new ScoredPrompts(this, scoresHash);
        }
    }

    /** n, the number of rows. */
    public int size() {
        return ids.length;
    }

    /** What the columns belong to, in their order. */
    public Labels labels() {
        return labels;
    }

    /** What the probabilities were read by; null where that is not recorded. */
    public @Nullable ReadoutIdentity readout() {
        return meta == null ? null : meta.readout();
    }

    /** The &tau; that the probabilities were computed with. */
    public double temperature() {
        return temperature;
    }

    /** What the prompts were scored with and from; empty where that is not recorded. */
    public Optional<ScoreMeta> meta() {
        return Optional.ofNullable(meta);
    }

    /** SHA-256 of the score file in hexadecimal digits; empty where the rows came from no file. */
    public String scoresHash() {
        return scoresHash;
    }

    /** The id of a row, counted from 0. */
    public String id(int row) {
        return ids[row];
    }

    /** The category that a should-refuse row belongs to or a should-answer row is a near miss of; empty: none. */
    public Optional<String> label(int row) {
        return rowLabels[row] == NO_LABEL ? Optional.empty() : Optional.of(labelNames.get(rowLabels[row]));
    }

    /** Whether a row should be refused; else it should be answered. */
    public boolean shouldRefuse(int row) {
        return shouldRefuse[row];
    }

    /** Whether it is known what the row asks, so that its repetitions are seen. */
    public boolean hasPromptHash(int row) {
        return hashes.has(row);
    }

    /** How many rows ask what the head that scored them was fitted on, so that their scores are better than fresh ones'. */
    public int fitted() {
        return (int)
                IntStream.range(0, fitted.length).filter(row -> fitted[row]).count();
    }

    /** The {@link PromptHash} of what the row asks; empty where it is not known. */
    public Optional<String> promptHash(int row) {
        return hashes.has(row) ? Optional.of(hashes.get(row).digits()) : Optional.empty();
    }

    /**
     * The first half of {@link #promptHash}, as {@link PromptHash#leading} gives it; of a row that {@linkplain #hasPromptHash
     * has one}.
     */
    public long leadingPromptHash(int row) {
        return hashes.get(row).high();
    }

    /**
     * Some of these rows, in the order given, with all that is known of them.
     *
     * @throws IllegalArgumentException if a row is named twice
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public ScoredPrompts only(int[] rows) {
        Given.value(rows, "rows");
        Builder builder = new Builder(labels, temperature, meta);
        for (int row : rows) {
            double[] p = new double[probabilities.length];
            Arrays.setAll(p, i -> probabilities[i][row]);
            builder.add(
                    ids[row],
                    label(row).orElse(null),
                    shouldRefuse[row],
                    p,
                    choicesKnown ? Integer.valueOf(choice[row]) : null,
                    promptHash(row).orElse(null));
            if (coverages != null) {
                builder.coverage(coverages[row]);
            }
            if (fitted[row]) {
                builder.noteFitted();
            }
        }
        return builder.build(scoresHash);
    }

    /** The rows that should be answered and those that should be refused, each prompt once in either. */
    public int[] distinct() {
        return IntStream.concat(Arrays.stream(shouldAnswer()), Arrays.stream(shouldRefuse()))
                .sorted()
                .toArray();
    }

    /** How many rows repeat the prompt of an earlier one that should be dealt with likewise, and so do not count. */
    public int repeated() {
        return ids.length - distinct().length;
    }

    /** How many prompts are labelled to be answered in one row and to be refused in another. */
    public int contradictions() {
        return hashes.common(shouldAnswer(), shouldRefuse());
    }

    /** The probability of the label at index {@code i}. */
    public double probability(int row, int i) {
        return probabilities[i][row];
    }

    /** How much of the probability the labels have: the sum of the row's, unless the readout normalises them. */
    public double coverage(int row) {
        if (coverages != null) {
            return coverages[row];
        }
        double sum = 0;
        for (double[] column : probabilities) {
            sum += column[row];
        }
        return sum;
    }

    /** The rows that should be answered; a new array, as from all methods below. */
    public int[] shouldAnswer() {
        return hashes.first(row -> !shouldRefuse[row]);
    }

    /** The should-answer rows with a label: near misses of any category. */
    public int[] nearMisses() {
        return hashes.first(row -> !shouldRefuse[row] && rowLabels[row] != NO_LABEL);
    }

    /** The should-answer rows that are near misses of this category. */
    public int[] nearMisses(String category) {
        Given.value(category, "category");
        int label = labelNames.indexOf(category);
        return hashes.first(row -> !shouldRefuse[row] && label >= 0 && rowLabels[row] == label);
    }

    /** The rows that should be refused. */
    public int[] shouldRefuse() {
        return hashes.first(row -> shouldRefuse[row]);
    }

    /** The should-refuse rows that belong to this category. */
    public int[] shouldRefuse(String category) {
        Given.value(category, "category");
        int label = labelNames.indexOf(category);
        return hashes.first(row -> shouldRefuse[row] && label >= 0 && rowLabels[row] == label);
    }

    /**
     * Checks that a policy can decide these prompts.
     *
     * @param source where the policy came from, as a file name, for messages
     * @throws PolicyException if it has another &tau; or is for another readout, or if it leaves decisions to the model and
     *     nothing records what that would choose
     */
    public void requireFits(RefusalPolicy policy, String source) {
        requireTemperature(policy, source);
        requireReadout(policy, source);
        if (!choicesKnown && policy.rule() == Rule.TOP_CATEGORY && thresholds(policy) < labels.respondIndex()) {
            throw new PolicyException(source + ": rule: top-category leaves a category without a threshold to the"
                    + " model's own choice, which is not recorded here; score the"
                    + " prompts again: PromptScorer");
        }
    }

    /**
     * Checks that a policy is for what these prompts were read by.
     *
     * @param source where the policy came from, as a file name, for messages
     * @throws PolicyException if it is not
     */
    public void requireReadout(RefusalPolicy policy, String source) {
        Given.value(policy, "policy");
        if (meta != null) {
            policy.requireFits(labels, meta.readout(), source);
        } else {
            policy.requireCategories(labels, source);
        }
    }

    /**
     * Checks that a policy has the &tau; that these prompts were scored with.
     *
     * @param source where the policy came from, as a file name, for messages
     * @throws PolicyException if it has another one
     */
    public void requireTemperature(RefusalPolicy policy, String source) {
        Given.value(policy, "policy");
        Given.value(source, "source");
        if (policy.temperature() != temperature) {
            throw new PolicyException(source + ": temperature: " + policy.temperature()
                    + ", but the prompts were scored with " + temperature
                    + "; score them again: PromptScorer with the temperature " + policy.temperature());
        }
    }

    private static long thresholds(RefusalPolicy policy) {
        return policy.categories().stream().filter(c -> c.threshold() != null).count();
    }

    /** Decides all rows, each as {@link RefusalPolicy#decide} would; errors as {@link #requireFits}. */
    public Decisions decide(RefusalPolicy policy) {
        Rules bound = bind(policy);
        int[] chosen = new int[ids.length];
        Row row = new Row();
        for (row.index = 0; row.index < chosen.length; row.index++) {
            chosen[row.index] = bound.choose(row);
        }
        return new Decisions(chosen, labels.respondIndex());
    }

    /** The scores of a category in the given rows: what the policy's rule compares with its threshold. */
    public double[] scores(RefusalPolicy policy, int category, int[] rows) {
        Given.value(rows, "rows");
        Rules bound = bind(policy);
        double[] scores = new double[rows.length];
        Row row = new Row();
        for (int i = 0; i < rows.length; i++) {
            row.index = rows[i];
            scores[i] = bound.score(row, category);
        }
        return scores;
    }

    /** How many of the rows have a score of this category that reaches its threshold. */
    public int reaching(RefusalPolicy policy, int category, int[] rows) {
        Given.value(rows, "rows");
        Rules bound = bind(policy);
        int count = 0;
        Row row = new Row();
        for (int r : rows) {
            row.index = r;
            count += bound.passes(row, category) ? 1 : 0;
        }
        return count;
    }

    private Rules bind(RefusalPolicy policy) {
        requireFits(policy, "policy");
        return policy.bind(labels);
    }

    /** A view of one row after the other. */
    private final class Row implements LabelNumbers {

        int index;

        @Override
        public double probability(int i) {
            return probabilities[i][index];
        }

        @Override
        public double logit(int i) {
            return logits[i][index];
        }

        @Override
        public int choice() {
            return choice[index];
        }
    }
}
