package dev.demur.policy;

import java.util.Arrays;

/**
 * The five decision rules, for one policy and one model. The line that decides a refusal is in {@link #passes}.
 *
 * <p>Categories are meant by their index in the readout. The decision on exact numbers is the specification; on inexact
 * ones it is the same where {@link #isCertain} says so.
 */
final class Rules {

    static final int NONE = -1;

    private final ControlTokens tokens;
    private final Rule rule;
    private final double temperature;
    private final int[] declared; // all categories in the order that breaks ties: the policy's, then the model's
    private final double[] thresholds; // what each category's score is compared with; NaN: nothing reaches it
    private final double[] biases;

    /** For a policy that {@linkplain RefusalPolicy#requireFits fits} these tokens. */
    Rules(RefusalPolicy policy, ControlTokens tokens) {
        int count = tokens.respondIndex();
        this.tokens = tokens;
        rule = policy.rule();
        temperature = policy.temperature();
        declared = new int[count];
        thresholds = new double[count];
        biases = new double[count];
        boolean[] named = new boolean[count];
        Arrays.fill(thresholds, Double.NaN);
        int next = 0;
        for (CategoryPolicy category : policy.categories()) {
            int c = tokens.indexOf(category.id());
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
    }

    double threshold(int c) {
        return thresholds[c];
    }

    int[] declared() {
        return declared.clone();
    }

    Decision decide(Readout readout) {
        int chosen = choose(readout);
        boolean forced = !isLeftToModel(readout);
        if (chosen == NONE) {
            return new Decision.ModelToken(readout.argmax(), rule, readout);
        }
        int token = tokens.token(chosen);
        return chosen == tokens.respondIndex()
                ? new Decision.Respond(token, forced, rule, readout)
                : new Decision.Refuse(tokens.categories().get(chosen), token, forced, rule, readout);
    }

    /** The index of the control token that is decided on, or NONE where a token of the model's own stands. */
    int choose(ControlNumbers numbers) {
        if (isLeftToModel(numbers)) {
            return tokens.indexOfToken(numbers.argmax());
        }
        int refused = strongest(numbers, rule != Rule.TOP_CATEGORY);
        return refused == NONE || !passes(numbers, refused) ? tokens.respondIndex() : refused;
    }

    /** Whether the argmax over the whole vocabulary stands. */
    boolean isLeftToModel(ControlNumbers numbers) {
        return rule == Rule.TOP_CATEGORY && Double.isNaN(thresholds[strongest(numbers, false)]);
    }

    /** Whether the category's score reaches its threshold, which includes equality. */
    boolean passes(ControlNumbers numbers, int c) {
        return score(numbers, c) >= thresholds[c];
    }

    double score(ControlNumbers numbers, int c) {
        return switch (rule) {
            case THRESHOLD -> numbers.probability(c);
            case TOP_CATEGORY -> c == strongest(numbers, false) ? numbers.probability(c) : 0;
            case RELATIVE -> relative(numbers, c);
            case SUM -> sum(numbers);
            case LOGIT_BIAS -> lead(numbers);
        };
    }

    /**
     * p_c / (p_c + p_respond), from logits: right where both probabilities underflow, and free of the kernel's error.
     * StrictMath, because the last bit of Math.exp may differ between machines.
     */
    private double relative(ControlNumbers numbers, int c) {
        double z = numbers.logit(c);
        if (z == Double.NEGATIVE_INFINITY) {
            return 0;
        }
        double zRespond = numbers.logit(tokens.respondIndex());
        return 1 / (1 + StrictMath.exp((zRespond - z) / temperature));
    }

    /** Added up in the order of the readout, so that the result does not depend on the policy. */
    private double sum(ControlNumbers numbers) {
        double sum = 0;
        for (int c = 0; c < declared.length; c++) {
            sum += numbers.probability(c);
        }
        return sum;
    }

    /** How far the strongest category lies above the respond token; 0, a tie, if all of them are -inf. */
    private double lead(ControlNumbers numbers) {
        double strongest = strength(numbers, strongest(numbers, false));
        double respond = numbers.logit(tokens.respondIndex());
        return strongest == respond ? 0 : strongest - respond;
    }

    /** Among all categories, or those that pass, the one with the largest logit, of equals the one declared first; or NONE. */
    private int strongest(ControlNumbers numbers, boolean passing) {
        int strongest = NONE;
        for (int c : declared) {
            if ((!passing || passes(numbers, c))
                    && (strongest == NONE || strength(numbers, c) > strength(numbers, strongest))) {
                strongest = c;
            }
        }
        return strongest;
    }

    /** What competing categories are compared by: probabilities tie, by rounding, where logits do not. */
    private double strength(ControlNumbers numbers, int c) {
        return rule == Rule.LOGIT_BIAS ? numbers.logit(c) + biases[c] : numbers.logit(c);
    }

    /**
     * Whether every category passes, or fails, at both ends of the interval that contains the exact probabilities. That
     * settles the rest: scores never fall when a probability rises, also as rounded, and logits and argmax are exact in
     * every kernel. Scores made from logits alone are the same at both ends.
     */
    boolean isCertain(Readout readout) {
        End low = new End(readout, false);
        End high = new End(readout, true);
        for (int c : declared) {
            if (passes(low, c) != passes(high, c)) {
                return false;
            }
        }
        return true;
    }

    /** A readout with every probability at one end of its interval. */
    private record End(Readout readout, boolean high) implements ControlNumbers {

        @Override
        public double probability(int i) {
            double p = readout.probability(i);
            double error = widenedError(readout);
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
            return readout.logit(i);
        }

        @Override
        public int argmax() {
            return readout.argmax();
        }

        /** Wider by what computing with it may round away; subnormal numbers need the absolute margin besides. */
        private static double widenedError(Readout readout) {
            double error = readout.relativeError();
            return error == 0 ? 0 : Math.min(1, error + 4 * Math.ulp(0.5));
        }
    }
}
