package dev.demur.langchain4j;

import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A policy's thresholds for LangChain4j's decision services and guardrails, which ask a provider for the threshold of a question
 * by its name: {@code context -> thresholds.of(context.questionName())}. Use it with a {@link DemurDecisionModel} by the same
 * policy.
 *
 * <p>LangChain4j compares each question's probability with its own threshold, which is what the rule {@code threshold} does; a
 * policy by another rule decides by more than that, and is for {@link DemurInputGuardrail}.
 */
public final class PolicyThresholds {

    private final Map<String, Double> thresholds;

    private PolicyThresholds(Map<String, Double> thresholds) {
        this.thresholds = thresholds;
    }

    /**
     * The thresholds of a policy.
     *
     * @throws IllegalArgumentException if its rule is another one than {@code threshold}
     */
    public static PolicyThresholds of(RefusalPolicy policy) {
        if (policy.rule() != Rule.THRESHOLD) {
            throw new IllegalArgumentException(
                    "the policy decides by the rule " + policy.rule().id()
                            + ", and only thresholds of the rule " + Rule.THRESHOLD.id()
                            + " can be compared with a question's probability: use DemurInputGuardrail");
        }
        Map<String, Double> thresholds = new LinkedHashMap<>();
        for (CategoryPolicy category : policy.categories()) {
            Double threshold = category.threshold();
            if (threshold != null) {
                thresholds.put(category.id(), threshold);
            }
        }
        return new PolicyThresholds(thresholds);
    }

    /**
     * The threshold of a question about a category: the probability from which the answer is yes.
     *
     * @param question its name, the category's id
     * @return in [0, 1]
     * @throws IllegalArgumentException if the policy has no threshold for it, so that it never refuses for it
     */
    public double of(String question) {
        Double threshold = thresholds.get(question);
        if (threshold == null) {
            throw new IllegalArgumentException("the policy has no threshold for '" + question + "', only for "
                    + thresholds.keySet().stream().collect(Collectors.joining(", "))
                    + ": leave the question out, or give it a threshold");
        }
        return threshold;
    }
}
