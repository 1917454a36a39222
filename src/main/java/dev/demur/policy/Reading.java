package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import java.util.Arrays;

/**
 * What was read of one prompt: probability and logit of every label, and the model's own choice.
 *
 * <p>Index {@code i} follows {@link Labels}: 0..K-1 the categories, K respond.
 */
public final class Reading implements LabelNumbers {

    private static final double LOW_COVERAGE = 0.5;

    private final Labels labels;
    private final double temperature;
    private final double[] numbers; // the probabilities, then the logits
    private final int choice;
    private final double relativeError;
    private final double coverage; // NaN: the sum of the probabilities

    private Reading(Labels labels, double temperature, double[] numbers, int choice, double relativeError) {
        RefusalPolicy.requireTemperature(temperature);
        this.labels = labels;
        this.temperature = temperature;
        this.numbers = numbers;
        this.choice = choice;
        this.relativeError = relativeError;
        this.coverage = Double.NaN;
        if (choice < NO_LABEL || choice > labels.respondIndex()) {
            throw new IllegalArgumentException(
                    "The choice must be the index of a label or " + NO_LABEL + " for none," + " not " + choice);
        }
        if (!(relativeError >= 0)) {
            throw new IllegalArgumentException("The relative error must be at least 0, not " + relativeError);
        }
        int count = numbers.length / 2;
        for (int i = 0; i < count; i++) {
            double p = numbers[i];
            if (!(p >= 0 && p <= 1 + relativeError)) {
                throw new IllegalArgumentException(
                        "The probability of " + ForeignText.quoted(labels.id(i)) + " is " + p + ", not in [0, 1]");
            }
            double z = numbers[count + i];
            if (Double.isNaN(z) || z == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("The logit of " + ForeignText.quoted(labels.id(i)) + " is " + z);
            }
            numbers[i] = Math.min(1, p);
        }
    }

    /** Another coverage for the numbers of a reading. */
    private Reading(Reading of, double coverage) {
        this.labels = of.labels;
        this.temperature = of.temperature;
        this.numbers = of.numbers;
        this.choice = of.choice;
        this.relativeError = of.relativeError;
        this.coverage = coverage;
        if (!(coverage >= 0 && coverage <= 1)) {
            throw new IllegalArgumentException("The coverage is " + coverage + ", not in [0, 1]");
        }
    }

    /**
     * The same with a coverage of its own, for probabilities that were normalised over the labels, or come from several
     * questions.
     *
     * @param newCoverage in [0, 1]: how much of the whole vocabulary's probability the labels had
     */
    public Reading withCoverage(double newCoverage) {
        return new Reading(this, newCoverage);
    }

    /**
     * A reading of K + 1 numbers each, copied.
     *
     * @param temperature the &tau; that the probabilities were computed with
     * @param probabilities in [0, 1], where a value above 1 by no more than {@code relativeError} becomes 1
     * @param logits z of the labels; may be -inf
     * @param choice the label that the model by itself would choose, or {@link #NO_LABEL}
     * @param relativeError bound on the relative distance of every probability from the exact one, 0 for that itself
     * @throws IllegalArgumentException if a number is out of its range; it names the label
     */
    public static Reading of(
            Labels labels,
            double temperature,
            double[] probabilities,
            double[] logits,
            int choice,
            double relativeError) {
        Given.value(labels, "labels");
        Given.value(probabilities, "probabilities");
        Given.value(logits, "logits");
        int count = labels.count();
        if (probabilities.length != count || logits.length != count) {
            throw new IllegalArgumentException(count + " labels need as many probabilities and logits, not "
                    + probabilities.length + " and " + logits.length);
        }
        double[] numbers = Arrays.copyOf(probabilities, 2 * count);
        System.arraycopy(logits, 0, numbers, count, count);
        return new Reading(labels, temperature, numbers, choice, relativeError);
    }

    /**
     * A reading of numbers at the beginning of an array: K + 1 probabilities, then as many logits; copied. Nothing else is
     * allocated than what the reading consists of.
     *
     * @param written at least 2 (K + 1) numbers
     * @throws IllegalArgumentException as for {@link #of(Labels, double, double[], double[], int, double)}
     */
    public static Reading of(Labels labels, double temperature, double[] written, int choice, double relativeError) {
        Given.value(labels, "labels");
        Given.value(written, "written");
        if (written.length < 2 * labels.count()) {
            throw new IllegalArgumentException(labels.count() + " labels need as many probabilities and logits, not "
                    + written.length + " numbers");
        }
        double[] numbers = Arrays.copyOf(written, 2 * labels.count());
        return new Reading(labels, temperature, numbers, choice, relativeError);
    }

    /**
     * A reading from stored probabilities, whose logits are gone: &tau;&middot;ln p stands for z, which differs from it
     * by a shift that all labels share and no rule sees.
     */
    public static Reading ofProbabilities(Labels labels, double temperature, double[] probabilities, int choice) {
        Given.value(probabilities, "probabilities");
        double[] logits = new double[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = temperature * StrictMath.log(probabilities[i]);
        }
        return of(labels, temperature, probabilities, logits, choice, 0);
    }

    /** What the numbers belong to. */
    public Labels labels() {
        return labels;
    }

    /** The &tau; that the probabilities were computed with. */
    public double temperature() {
        return temperature;
    }

    @Override
    public double probability(int i) {
        return numbers[labels.requireIndex(i)];
    }

    /**
     * The probability of a label by its id: a category's, or {@code respond}.
     *
     * @throws IllegalArgumentException if there is no such label
     */
    public double probability(String id) {
        int i = labels.indexOfLabel(id);
        if (i < 0) {
            throw new IllegalArgumentException(ForeignText.quoted(id) + " is no label; the labels are "
                    + labels.categoryIds() + ", " + Labels.RESPOND);
        }
        return numbers[i];
    }

    @Override
    public double logit(int i) {
        return numbers[numbers.length / 2 + labels.requireIndex(i)];
    }

    @Override
    public int choice() {
        return choice;
    }

    /** Bound on the relative distance of every probability from the exact one; 0: exact. */
    public double relativeError() {
        return relativeError;
    }

    /**
     * How much of the probability the labels have: near 1 where the model, its template and the readout fit. The sum of their
     * probabilities, but where these are normalised ({@link #withCoverage}).
     */
    public double coverage() {
        if (!Double.isNaN(coverage)) {
            return coverage;
        }
        double sum = 0;
        for (int i = 0; i < numbers.length / 2; i++) {
            sum += numbers[i];
        }
        return sum;
    }

    /**
     * Whether the labels have so little of the probability that they are no basis for a decision: less than half. A model
     * that was asked as it was trained nearly always chooses one of them.
     */
    public boolean hasLowCoverage() {
        return isLowCoverage(coverage());
    }

    /** As {@link #hasLowCoverage}, of a coverage that was kept. */
    public static boolean isLowCoverage(double coverage) {
        return !(coverage >= LOW_COVERAGE);
    }

    @Override
    public String toString() {
        return "Reading[" + labels.categoryIds() + ", respond: p="
                + Arrays.toString(Arrays.copyOf(numbers, numbers.length / 2)) + ", z="
                + Arrays.toString(Arrays.copyOfRange(numbers, numbers.length / 2, numbers.length)) + ", choice="
                + choice + ", temperature=" + temperature + ", relativeError=" + relativeError + "]";
    }
}
