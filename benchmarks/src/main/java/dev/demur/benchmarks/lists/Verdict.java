package dev.demur.benchmarks.lists;

import dev.demur.policy.Decision;
import dev.demur.policy.Labels;

/**
 * A decision, as far as the measurements ask for it.
 *
 * @param label the category that it refuses as, {@code respond}, or {@code model} where the model went on by itself
 * @param refusal 1 − p(respond), what prompts are ranked by
 */
record Verdict(String label, double refusal) {

    static Verdict of(Decision decision) {
        double refusal = 1 - decision.reading().probability(Labels.RESPOND);
        return decision instanceof Decision.Refuse refuse
                ? new Verdict(refuse.category().id(), refusal)
                : new Verdict(decision.kind(), refusal);
    }

    boolean refuses() {
        return !label.equals(Labels.RESPOND) && !label.equals("model");
    }
}
