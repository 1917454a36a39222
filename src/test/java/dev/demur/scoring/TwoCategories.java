package dev.demur.scoring;

import dev.demur.policy.Category;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.DecisionTokens;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scored prompts of a model with the categories {@code a} and {@code b}, written row by row. */
public final class TwoCategories {

    public static final Labels LABELS = new Labels(List.of(new Category("a", "Kind A"), new Category("b", "Kind B")));
    public static final DecisionTokens TOKENS =
            new DecisionTokens(LABELS, List.of("[a]", "[b]", "[respond]"), List.of(10, 11, 12));
    public static final ScoreMeta META = new ScoreMeta(
            "model-1",
            "chatml",
            null,
            1,
            LABELS,
            TOKENS.identity(),
            "data-1",
            new InferenceBackend("old", "CPU"),
            null,
            null);

    /** The model's own choice. */
    public static final int A = 0;

    public static final int B = 1;
    public static final int RESPOND = 2;
    public static final int NO_LABEL = LabelNumbers.NO_LABEL;

    private final ScoredPrompts.Builder builder;
    private int rows;

    public TwoCategories() {
        this(META);
    }

    public TwoCategories(ScoreMeta meta) {
        builder = ScoredPrompts.builder(meta);
    }

    public TwoCategories answer(double a, double b) {
        return answer(null, a, b);
    }

    public TwoCategories answer(@Nullable String nearMiss, double a, double b) {
        return add(nearMiss, false, a, b, Math.max(0, 1 - a - b), RESPOND);
    }

    public TwoCategories refuse(@Nullable String category, double a, double b) {
        return add(category, true, a, b, Math.max(0, 1 - a - b), RESPOND);
    }

    public TwoCategories add(@Nullable String label, boolean refuse, double a, double b, double respond, int choice) {
        builder.add("r" + rows++, label, refuse, new double[] {a, b, respond}, choice);
        return this;
    }

    public ScoredPrompts build() {
        return builder.build();
    }

    /** The policy where nothing is calibrated, for this model. */
    public static RefusalPolicy defaults(Rule rule) {
        return RefusalPolicy.defaults(LABELS, TOKENS.identity(), rule);
    }

    public static @Nullable Double threshold(RefusalPolicy policy, String id) {
        return policy.category(id).orElseThrow().threshold();
    }
}
