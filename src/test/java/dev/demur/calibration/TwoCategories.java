package dev.demur.calibration;

import dev.demur.policy.Category;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.RefusalPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scored prompts of a model with the categories {@code a} and {@code b}, written row by row. */
final class TwoCategories {

    static final ControlTokens TOKENS = new ControlTokens(
            List.of(new Category("a", "[a]", "Kind A"), new Category("b", "[b]", "Kind B")),
            List.of(10, 11),
            "[respond]",
            12);
    static final ScoreMeta META =
            new ScoreMeta("model-1", "chatml", null, 1, TOKENS, "data-1", new Engine("old", "CPU"));
    static final int OTHER_TOKEN = 3;

    private final ScoredPrompts.Builder builder;
    private int rows;

    TwoCategories() {
        this(META);
    }

    TwoCategories(ScoreMeta meta) {
        builder = ScoredPrompts.builder(meta);
    }

    TwoCategories answer(double a, double b) {
        return answer(null, a, b);
    }

    TwoCategories answer(@Nullable String nearMiss, double a, double b) {
        return add(nearMiss, false, a, b, Math.max(0, 1 - a - b), 12);
    }

    TwoCategories refuse(@Nullable String category, double a, double b) {
        return add(category, true, a, b, Math.max(0, 1 - a - b), 12);
    }

    TwoCategories add(@Nullable String label, boolean refuse, double a, double b, double respond, int argmax) {
        builder.add("r" + rows++, label, refuse, new double[] {a, b, respond}, argmax);
        return this;
    }

    ScoredPrompts build() {
        return builder.build();
    }

    static @Nullable Double threshold(RefusalPolicy policy, String id) {
        return policy.category(id).orElseThrow().threshold();
    }
}
