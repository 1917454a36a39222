package dev.demur.policy;

/**
 * Decides from as little of a row as will do: from the control tokens' logits, else from bounds of the row's sum.
 *
 * <p>With e_i = exp((z_i - r) / &tau;), r the largest logit of a control token, p_i is e_i over the sum of that over the
 * row. The sum is at least that over the control tokens, which alone settles most prompts that are answered. What is
 * chosen is what {@link BoundPolicy#choose} chooses on the scalar kernel's numbers: the rules are asked at both ends of
 * the interval in which each probability lies, and only where they agree there is a choice. That suffices, because a
 * larger probability never makes a category fail.
 *
 * <p>For one thread at a time.
 */
public final class LazyChoice {

    /** What is returned where the numbers given so far do not settle the decision. */
    public static final int UNDECIDED = -2;

    /** More than what rounding does to e_i here, to p_i and to sums of them in the scalar kernel and in the rules. */
    private static final double SLACK = 1e-9;

    /** Below it relative bounds of probabilities are lost to underflow. */
    private static final double SMALLEST_THRESHOLD = 1e-290;

    private final Rules rules;
    private final boolean logitsSuffice;
    private final boolean comparable;
    private final double temperature;
    private final double[] logits;
    private final double[] terms;
    private final Numbers lowest = new Numbers();
    private final Numbers highest = new Numbers();
    private double largest;

    /**
     * Without a row yet.
     *
     * @throws PolicyException if the policy is not for the model of these tokens
     */
    public LazyChoice(RefusalPolicy policy, ControlTokens tokens) {
        policy.requireFits(tokens);
        rules = new Rules(policy, tokens);
        logitsSuffice = policy.rule() == Rule.RELATIVE || policy.rule() == Rule.LOGIT_BIAS;
        comparable = rules.smallestThreshold() >= SMALLEST_THRESHOLD;
        temperature = policy.temperature();
        logits = new double[tokens.respondIndex() + 1];
        terms = new double[logits.length];
    }

    /**
     * Begins a row with the logits of its K + 1 control tokens, in the order of {@link ControlTokens}; copied.
     *
     * @return as {@link BoundPolicy#choose}, or {@link #UNDECIDED}
     */
    public int begin(double[] controlLogits) {
        if (controlLogits.length != logits.length) {
            throw new IllegalArgumentException(
                    logits.length + " control tokens have as many logits, not " + controlLogits.length);
        }
        System.arraycopy(controlLogits, 0, logits, 0, logits.length);
        if (logitsSuffice) {
            return rules.choose(lowest);
        }
        largest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            largest = Math.max(largest, logit);
        }
        if (!boundsHelp()) {
            return UNDECIDED;
        }
        double sum = 0;
        for (int i = 0; i < terms.length; i++) {
            terms[i] = Math.exp((logits[i] - largest) / temperature);
            sum += terms[i];
        }
        return within(sum, Double.POSITIVE_INFINITY);
    }

    /** Whether bounds of the sum can settle this row: not where the model's own argmax would stand. */
    public boolean boundsHelp() {
        return comparable && largest > Double.NEGATIVE_INFINITY && !rules.isLeftToModel(lowest);
    }

    /** The sum of all e_i beyond which no category refuses: reading may stop there. */
    public double enough() {
        return rules.largestRefusingSum(lowest, terms) * (1 + 4 * SLACK);
    }

    /**
     * Goes on with bounds of the sum of all e_i.
     *
     * @param least at least 1, the largest control token's own e_i
     * @param most may be infinite
     * @return as {@link BoundPolicy#choose}, or {@link #UNDECIDED}
     */
    public int within(double least, double most) {
        if (!(least >= 1 && least <= most)) {
            return UNDECIDED;
        }
        lowest.factor = (1 - SLACK) / most;
        highest.factor = (1 + SLACK) / least;
        int chosen = rules.choose(lowest);
        return chosen == rules.choose(highest) ? chosen : UNDECIDED;
    }

    /** The row's numbers at one end of the interval. */
    private final class Numbers implements ControlNumbers {

        private double factor;

        @Override
        public double probability(int i) {
            return terms[i] * factor;
        }

        @Override
        public double logit(int i) {
            return logits[i];
        }

        /** Never asked for: where the argmax would decide, bounds do not help. */
        @Override
        public int argmax() {
            throw new IllegalStateException("the argmax is not known yet");
        }
    }
}
