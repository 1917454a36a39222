package dev.demur.policy;

import dev.demur.arguments.Given;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A policy for one set of labels, to decide many prompts with: the six decision rules. The line that decides a refusal
 * is in {@link #passes}.
 *
 * <p>Categories are meant by their index in {@link Labels}. The decision on exact numbers is the specification; on
 * inexact ones it is the same where {@link #isCertain} says so. The numbers must have been computed with the policy's
 * &tau; and lie in the order of the labels; of a {@link Reading} that is checked, of other {@link LabelNumbers} not.
 * Immutable.
 */
public final class Rules {

    private static final int NONE = LabelNumbers.NO_LABEL;

    private final RefusalPolicy policy;
    private final Labels labels;
    private final Rule rule;
    private final double temperature;
    private final int[] declared; // all categories in the order that breaks ties: the policy's, then the model's
    private final double[] thresholds; // what each category's score is compared with; NaN: nothing reaches it
    private final double[] biases;
    private final LogisticMap.@Nullable Matrix map; // of the rule refit

    /** For a policy whose categories are all among these labels. */
    Rules(RefusalPolicy policy, Labels labels) {
        int count = labels.respondIndex();
        this.policy = policy;
        this.labels = labels;
        rule = policy.rule();
        temperature = policy.temperature();
        declared = new int[count];
        thresholds = new double[count];
        biases = new double[count];
        boolean[] named = new boolean[count];
        Arrays.fill(thresholds, Double.NaN);
        int next = 0;
        for (CategoryPolicy category : policy.categories()) {
            int c = labels.indexOf(category.id());
            declared[next++] = c;
            named[c] = true;
            Double threshold = category.threshold();
            thresholds[c] = threshold == null ? Double.NaN : threshold;
            Double bias = category.bias();
            biases[c] = bias == null ? 0 : bias;
        }
        for (int c = 0; c < count; c++) {
            if (!named[c]) {
                declared[next++] = c;
            }
        }
        if (rule == Rule.SUM) {
            Double sumThreshold = policy.sumThreshold();
            Arrays.fill(thresholds, sumThreshold == null ? Double.NaN : sumThreshold);
        } else if (rule == Rule.LOGIT_BIAS) {
            Arrays.fill(thresholds, 0);
        }
        LogisticMap fitted = policy.map();
        map = rule == Rule.REFIT && fitted != null ? fitted.in(labels) : null;
    }

    /** The policy. */
    public RefusalPolicy policy() {
        return policy;
    }

    /** The labels that it decides between. */
    public Labels labels() {
        return labels;
    }

    /** T_c of a category, NaN where it has none; what the rule compares its score with. */
    public double threshold(int c) {
        return thresholds[c];
    }

    /** The indices of the categories in the order in which they are declared, the first of which wins a tie; a copy. */
    public int[] declared() {
        return declared.clone();
    }

    /**
     * The decision on a reading, on its numbers as they are; ask {@link #isCertain} first where they are inexact.
     *
     * @throws IllegalArgumentException if it was made with another &tau; or is of other labels
     */
    public Decision decide(Reading reading) {
        Given.value(reading, "reading");
        requireMine(reading);
        int chosen = choose(reading);
        boolean forced = !isLeftToModel(reading);
        if (chosen == NONE) {
            return new Decision.Model(rule, reading);
        }
        return chosen == labels.respondIndex()
                ? new Decision.Respond(forced, rule, reading)
                : new Decision.Refuse(labels.categories().get(chosen), forced, rule, reading);
    }

    private void requireMine(Reading reading) {
        if (reading.temperature() != temperature) {
            throw new IllegalArgumentException("temperature: the policy's is " + temperature
                    + ", but the probabilities were read with " + reading.temperature());
        }
        if (!reading.labels().equals(labels)) {
            throw new IllegalArgumentException("The reading is of other labels than the policy was bound to");
        }
    }

    /** The index of the label that is decided on, or {@link LabelNumbers#NO_LABEL} where the model goes on by itself. */
    public int choose(LabelNumbers numbers) {
        Given.value(numbers, "numbers");
        if (isLeftToModel(numbers)) {
            return numbers.choice();
        }
        int refused = strongest(numbers, rule != Rule.TOP_CATEGORY);
        return refused == NONE || !passes(numbers, refused) ? labels.respondIndex() : refused;
    }

    /** Whether the model's own choice stands. */
    private boolean isLeftToModel(LabelNumbers numbers) {
        return rule == Rule.TOP_CATEGORY && Double.isNaN(thresholds[strongest(numbers, false)]);
    }

    /** Whether the category's score reaches its threshold, which includes equality, whatever the other thresholds. */
    public boolean passes(LabelNumbers numbers, int c) {
        Given.value(numbers, "numbers");
        return score(numbers, c) >= thresholds[c];
    }

    /**
     * The score of a category: what the rule compares with its threshold.
     *
     * @return p_c ({@code threshold}), r_c ({@code relative}, and {@code refit} of what its map makes of p), p_c of the most
     *     probable category and 0 of all others ({@code top-category}); for every category alike &Sigma; p_c ({@code sum}) or max_c(z_c + b_c) - z_respond
     *     ({@code logit-bias}, which compares it with 0)
     */
    public double score(LabelNumbers numbers, int c) {
        Given.value(numbers, "numbers");
        Objects.checkIndex(c, declared.length);
        return switch (rule) {
            case THRESHOLD -> numbers.probability(c);
            case TOP_CATEGORY -> c == strongest(numbers, false) ? numbers.probability(c) : 0;
            case RELATIVE -> relative(numbers, c);
            case SUM -> sum(numbers);
            case LOGIT_BIAS -> lead(numbers);
            case REFIT -> share(logOdds(numbers, c));
        };
    }

    /** What the map of the rule {@code refit} gives a category against respond, in log-odds. */
    private double logOdds(LabelNumbers numbers, int c) {
        return Objects.requireNonNull(map, "a policy by refit has a map").logOdds(numbers, c);
    }

    private static double share(double logOdds) {
        return 1 / (1 + StrictMath.exp(-logOdds));
    }

    /**
     * p_c / (p_c + p_respond), from logits: right where both probabilities underflow, and free of the kernel's error.
     * StrictMath, because the last bit of Math.exp may differ between machines.
     */
    private double relative(LabelNumbers numbers, int c) {
        double z = numbers.logit(c);
        if (z == Double.NEGATIVE_INFINITY) {
            return 0;
        }
        double zRespond = numbers.logit(labels.respondIndex());
        return 1 / (1 + StrictMath.exp((zRespond - z) / temperature));
    }

    /** Added up in the order of the labels, so that the result does not depend on the policy. */
    private double sum(LabelNumbers numbers) {
        double sum = 0;
        for (int c = 0; c < declared.length; c++) {
            sum += numbers.probability(c);
        }
        return sum;
    }

    /** How far the strongest category lies above respond; 0, a tie, if all of them are -inf. */
    private double lead(LabelNumbers numbers) {
        double strongest = strength(numbers, strongest(numbers, false));
        double respond = numbers.logit(labels.respondIndex());
        return strongest == respond ? 0 : strongest - respond;
    }

    /**
     * Among all categories, or those that pass, the one with the largest logit, of equals the one declared first; or NONE. Of
     * those that pass by a threshold of their own one that {@linkplain Category#isCare cares} goes first.
     */
    private int strongest(LabelNumbers numbers, boolean passing) {
        boolean caring = passing && (rule == Rule.THRESHOLD || rule == Rule.RELATIVE);
        int strongest = NONE;
        for (int c : declared) {
            if (passing && !passes(numbers, c)) {
                continue;
            }
            boolean caresMore = caring && strongest != NONE && isCare(c) && !isCare(strongest);
            boolean caresLess = caring && strongest != NONE && !isCare(c) && isCare(strongest);
            if (strongest == NONE || caresMore || !caresLess && strength(numbers, c) > strength(numbers, strongest)) {
                strongest = c;
            }
        }
        return strongest;
    }

    private boolean isCare(int c) {
        return labels.categories().get(c).isCare();
    }

    /** What competing categories are compared by: probabilities tie, by rounding, where logits do not. */
    private double strength(LabelNumbers numbers, int c) {
        return switch (rule) {
            case LOGIT_BIAS -> numbers.logit(c) + biases[c];
            case REFIT -> logOdds(numbers, c);
            default -> numbers.logit(c);
        };
    }

    /**
     * Whether exact numbers would lead to the same decision: whether every category passes, or fails, at both ends of the
     * interval that contains the exact probabilities. That settles the rest: scores never fall when a probability rises,
     * also as rounded, and logits and the choice are exact in every kernel. Scores made from logits alone are the same at
     * both ends.
     *
     * @throws IllegalArgumentException as for {@link #decide}
     */
    public boolean isCertain(Reading reading) {
        Given.value(reading, "reading");
        requireMine(reading);
        if (reading.relativeError() == 0) {
            return true;
        }
        if (rule == Rule.REFIT) {
            return isCertainlyMapped(reading);
        }
        End low = new End(reading, false);
        End high = new End(reading, true);
        for (int c : declared) {
            if (passes(low, c) != passes(high, c)) {
                return false;
            }
        }
        return true;
    }

    /** A map's log-odds may rise or fall with a probability, and are what categories compete by: both must be settled. */
    private boolean isCertainlyMapped(Reading reading) {
        int chosen = strongest(reading, true);
        for (int c : declared) {
            double d = logOdds(reading, c);
            double error = error(reading, c);
            boolean surely = share(d - error) >= thresholds[c];
            if (surely != share(d + error) >= thresholds[c]) {
                return false;
            }
            if (surely && c != chosen && !(logOdds(reading, chosen) - error(reading, chosen) > d + error)) {
                return false;
            }
        }
        return true;
    }

    private double error(Reading reading, int c) {
        return Objects.requireNonNull(map).error(reading, c, End.widenedError(reading));
    }

    /** A reading with every probability at one end of its interval. */
    private record End(Reading reading, boolean high) implements LabelNumbers {

        @Override
        public double probability(int i) {
            double p = reading.probability(i);
            double error = widenedError(reading);
            if (error == 0) {
                return p;
            }
            if (high) {
                return error < 1 ? Math.min(1, p / (1 - error) + Double.MIN_NORMAL) : 1;
            }
            return Math.max(0, p * (1 - error) - Double.MIN_NORMAL);
        }

        @Override
        public double logit(int i) {
            return reading.logit(i);
        }

        @Override
        public int choice() {
            return reading.choice();
        }

        /** Wider by what computing with it may round away; subnormal numbers need the absolute margin besides. */
        static double widenedError(Reading reading) {
            double error = reading.relativeError();
            return error == 0 ? 0 : Math.min(1, error + 4 * Math.ulp(0.5));
        }
    }
}
