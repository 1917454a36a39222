package dev.demur.policy;

import java.util.Objects;

/**
 * A policy bound to the control tokens of one model, for deciding many prompts without an object for each.
 *
 * <p>It decides exactly as {@link RefusalPolicy#decide} does. The numbers it is given must have been computed with the
 * policy's &tau; and lie in the order of the control tokens it was bound to; of a {@link Readout} that is checked, of
 * other {@link ControlNumbers} not.
 */
public final class BoundPolicy {

    /** What {@link #choose} returns where the model goes on with a token of its own that is no control token. */
    public static final int MODEL_TOKEN = Rules.NONE;

    private final RefusalPolicy policy;
    private final ControlTokens tokens;
    private final int categories;
    private final Rules rules;

    BoundPolicy(RefusalPolicy policy, ControlTokens tokens) {
        policy.requireFits(tokens);
        this.policy = policy;
        this.tokens = tokens;
        categories = tokens.respondIndex();
        rules = new Rules(policy, tokens);
    }

    /** The policy that was bound. */
    public RefusalPolicy policy() {
        return policy;
    }

    /** The control tokens that it was bound to. */
    public ControlTokens tokens() {
        return tokens;
    }

    /** T_c of the category at an index, NaN where it has none; what the rule compares its score with. */
    public double threshold(int category) {
        Objects.checkIndex(category, categories);
        return rules.threshold(category);
    }

    /** The indices of the categories in the order in which they are declared, the first of which wins a tie. */
    public int[] declared() {
        return rules.declared();
    }

    /** As {@link RefusalPolicy#decide}. */
    public Decision decide(Readout readout) {
        requireMine(readout);
        return rules.decide(readout);
    }

    /** As {@link RefusalPolicy#isCertain}. */
    public boolean isCertain(Readout readout) {
        requireMine(readout);
        return rules.isCertain(readout);
    }

    private void requireMine(Readout readout) {
        policy.requireTemperatureOf(readout);
        if (!readout.tokens().equals(tokens)) {
            throw new IllegalArgumentException("The readout is of other control tokens than the policy was bound to");
        }
    }

    /**
     * The decision.
     *
     * @return the index of the category that is refused, K for the respond token, or {@link #MODEL_TOKEN}
     */
    public int choose(ControlNumbers numbers) {
        return rules.choose(numbers);
    }

    /** Whether any category is refused. */
    public boolean refuses(ControlNumbers numbers) {
        int chosen = rules.choose(numbers);
        return chosen != MODEL_TOKEN && chosen < categories;
    }

    /** Whether the score of a category reaches its threshold, whatever the other thresholds. */
    public boolean reaches(ControlNumbers numbers, int category) {
        Objects.checkIndex(category, categories);
        return rules.passes(numbers, category);
    }

    /** The score of a category, as {@link RefusalPolicy#score} has it. */
    public double score(ControlNumbers numbers, int category) {
        Objects.checkIndex(category, categories);
        return rules.score(numbers, category);
    }
}
