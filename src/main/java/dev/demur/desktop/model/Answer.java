package dev.demur.desktop.model;

import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rules;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How an answer came about.
 *
 * @param label what was decided: a category's id, or {@code respond}; null: the model went on by itself
 * @param overruled whether a person had it answered although the policy refused
 * @param refusedAs the category that the policy refused it as, where a person overruled it; else null
 * @param rule the id of the rule that decided
 * @param thresholds T of each category at that time; those without one are not there
 * @param reading the numbers that it was made from
 * @param finish why it ended, as {@link dev.demur.FinishReason#id}, or {@link #WRITING}, {@link #INTERRUPTED} or {@link #FAILED}
 * @param tokens how many tokens the prompt and the answer have together; 0: not known
 * @param tokensPerSecond of the answer; 0: not known
 */
public record Answer(
        @Nullable String label,
        boolean overruled,
        @Nullable String refusedAs,
        String rule,
        Map<String, Double> thresholds,
        Reading reading,
        String finish,
        int tokens,
        double tokensPerSecond) {

    /** It is being written. */
    public static final String WRITING = "writing";

    /** The application ended before the answer did. */
    public static final String INTERRUPTED = "interrupted";

    /** Something went wrong while it was written. */
    public static final String FAILED = "failed";

    public Answer {
        thresholds = Collections.unmodifiableMap(new LinkedHashMap<>(thresholds));
    }

    /**
     * An answer that begins.
     *
     * @param policy what decided, or, where a person overruled it, what would have
     */
    static Answer begun(Decision decision, RefusalPolicy policy, boolean overruled) {
        Labels labels = decision.reading().labels();
        Rules rules = policy.bind(labels);
        Map<String, Double> thresholds = new LinkedHashMap<>();
        for (int c = 0; c < labels.respondIndex(); c++) {
            if (!Double.isNaN(rules.threshold(c))) {
                thresholds.put(labels.id(c), rules.threshold(c));
            }
        }
        String refusedAs = null;
        if (overruled
                && policy.temperature() == decision.reading().temperature()
                && policy.decide(decision.reading()) instanceof Decision.Refuse refuse) {
            refusedAs = refuse.category().id();
        }
        return new Answer(
                label(decision),
                overruled,
                refusedAs,
                policy.rule().id(),
                thresholds,
                decision.reading(),
                WRITING,
                0,
                0);
    }

    /** The id of what was decided; null where the model goes on by itself. */
    static @Nullable String label(Decision decision) {
        if (decision instanceof Decision.Refuse refuse) {
            return refuse.category().id();
        }
        return decision instanceof Decision.Respond ? Labels.RESPOND : null;
    }

    /** Whether the prompt was refused. */
    public boolean refused() {
        return label != null && !label.equals(Labels.RESPOND);
    }

    Answer ended(String newFinish, int newTokens, double newTokensPerSecond) {
        return new Answer(
                label, overruled, refusedAs, rule, thresholds, reading, newFinish, newTokens, newTokensPerSecond);
    }
}
