package dev.demur.spring.ai;

import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.ai.chat.model.ChatResponse;

/**
 * The names under which a decision stands in Spring AI's metadata, as plain values that any JSON writer takes: in that of a
 * {@link ChatResponse} and of its message, and in the context of an advised request.
 */
public final class DecisionMetadata {

    /** {@code refuse}, {@code respond} or {@code model}: a text. */
    public static final String DECISION = "demur.decision";

    /** The id of the category that was refused: a text; not there where nothing was. */
    public static final String CATEGORY = "demur.category";

    /** The probability of each label by its id, {@code respond} the last: a map of texts to doubles. */
    public static final String PROBABILITIES = "demur.probabilities";

    /** How much of the probability the labels have together: a double. Below 0.5 the decision stands on little. */
    public static final String COVERAGE = "demur.coverage";

    /** The rule that decided: a text. */
    public static final String RULE = "demur.rule";

    /** Whether the policy chose, and not the model by itself: a boolean. */
    public static final String FORCED = "demur.forced";

    /** Demur's own finish reason, which tells more than Spring AI's: a text. */
    public static final String FINISH_REASON = "demur.finish-reason";

    private DecisionMetadata() {}

    /** A decision under these names. */
    public static Map<String, Object> of(Decision decision) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put(DECISION, decision.kind());
        if (decision instanceof Decision.Refuse refuse) {
            metadata.put(CATEGORY, refuse.category().id());
        }
        Reading reading = decision.reading();
        Map<String, Double> probabilities = new LinkedHashMap<>();
        Labels labels = reading.labels();
        for (int i = 0; i < labels.count(); i++) {
            probabilities.put(labels.id(i), reading.probability(i));
        }
        metadata.put(PROBABILITIES, probabilities);
        metadata.put(COVERAGE, reading.coverage());
        metadata.put(RULE, decision.rule().id());
        metadata.put(FORCED, decision.forced());
        return metadata;
    }

    /** Whether Demur refused what this is the response to. */
    public static boolean isRefusal(ChatResponse response) {
        return "refuse".equals(response.getMetadata().get(DECISION));
    }

    /** The id of the category as which Demur refused what this is the response to; empty where it did not. */
    public static Optional<String> refusedCategory(ChatResponse response) {
        return response.getMetadata().get(CATEGORY) instanceof String category
                ? Optional.of(category)
                : Optional.empty();
    }
}
