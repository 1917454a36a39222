package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.Request;
import dev.demur.calibration.Promise;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.langchain4j.model.moderation.Moderation;
import dev.langchain4j.model.moderation.ModerationModel;
import dev.langchain4j.model.moderation.ModerationRequest;
import dev.langchain4j.model.moderation.ModerationResponse;
import dev.langchain4j.model.moderation.listener.ModerationModelListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A moderation model that flags what its policy refuses. Each text is decided as a user's message by itself.
 *
 * <p>The metadata has, under {@link #DECISIONS}, for each text in its order what was decided ({@code kind}, {@code category},
 * {@code rule}, {@code probabilities} by label, {@code coverage}), under {@link #SCORES} the highest probability of each
 * category over all texts, and under {@link #PROMISE} the {@link Promise}.
 *
 * <p>Thread-safe.
 */
public final class DemurModerationModel implements ModerationModel {

    /** The key of a {@code List<Map<String, Object>>}, one for each text. */
    public static final String DECISIONS = "decisions";

    /** The key of a {@code Map<String, Double>} from categories to probabilities. */
    public static final String SCORES = "scores";

    /** The key of the {@link Promise}. */
    public static final String PROMISE = "promise";

    private final Demur demur;
    private final AppliedPolicy policy;
    private final String modelName;
    private final List<ModerationModelListener> listeners;

    private DemurModerationModel(Builder builder) {
        this.demur = builder.requireDemur();
        this.policy = builder.appliedPolicy();
        this.modelName = ModelName.ofDeciding(builder.modelName(), demur);
        this.listeners = builder.listeners();
        Judging.requireJudgesPrompts(demur);
    }

    /** Begins with nothing; {@code demur} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** What the policy promises on this model. */
    public Promise promise() {
        return policy.promise();
    }

    @Override
    public ModerationResponse doModerate(ModerationRequest request) {
        ModelName.require(request.modelName(), modelName);
        List<String> texts = request.texts();
        return response(texts, Failures.ofRequest("", () -> decide(texts)));
    }

    private List<Decision> decide(List<String> texts) {
        RefusalPolicy applied = policy.policy();
        List<Request> requests =
                texts.stream().map(text -> Request.of(text).withPolicy(applied)).toList();
        return requests.size() == 1 ? List.of(demur.decide(requests.get(0))) : demur.decideAll(requests);
    }

    private ModerationResponse response(List<String> texts, List<Decision> decisions) {
        List<Map<String, Object>> told = new ArrayList<>();
        Map<String, Double> scores = new LinkedHashMap<>();
        Moderation moderation = null;
        for (int i = 0; i < decisions.size(); i++) {
            Decision decision = decisions.get(i);
            told.add(DecisionFacts.of(decision));
            decision.reading()
                    .labels()
                    .categories()
                    .forEach(category ->
                            scores.merge(category.id(), decision.reading().probability(category.id()), Math::max));
            if (moderation == null && decision instanceof Decision.Refuse) {
                moderation = Moderation.flagged(texts.get(i));
            }
        }
        return ModerationResponse.builder()
                .moderation(moderation == null ? Moderation.notFlagged() : moderation)
                .metadata(Map.of(DECISIONS, told, SCORES, scores, PROMISE, policy.promise()))
                .build();
    }

    @Override
    public List<ModerationModelListener> listeners() {
        return listeners;
    }

    @Override
    public String modelName() {
        return modelName;
    }

    /** Builds the model. */
    public static final class Builder extends ModelBuilder<Builder, ModerationModelListener> {

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * The model.
         *
         * @throws IllegalArgumentException if {@code demur} is missing, or judges replies and no prompts
         * @throws dev.demur.policy.PolicyException if the policy is not for it
         */
        public DemurModerationModel build() {
            return new DemurModerationModel(this);
        }
    }
}
