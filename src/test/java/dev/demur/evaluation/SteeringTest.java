package dev.demur.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SteeringTest {

    /** Moves odds by a factor of 4: a threshold of 1/2 to 1/5 and 4/5. */
    private static final double SHIFT = Math.log(4);

    private static ScoredPrompts prompts() {
        return new TwoCategories()
                .refuse("a", 0.7, 0.1)
                .refuse("a", 0.3, 0.1)
                .refuse("b", 0.4, 0.55) // b, until a's bias is raised
                .refuse("b", 0.1, 0.3)
                .answer(0.25, 0.1)
                .build();
    }

    @Test
    void moving_a_threshold_moves_the_refusals_of_its_category_and_leaves_the_stronger_one() {
        RefusalPolicy policy = TwoCategories.defaults(Rule.THRESHOLD);
        Steering steering = Steering.of(prompts(), policy, SHIFT);
        assertEquals(List.of("a", "b"), steering.categories());
        Steering.Move a = steering.moves().get(0);
        assertEquals("a", a.category());
        assertEquals(0.2, a.low(), 1e-15);
        assertEquals(0.8, a.high(), 1e-15);
        // At 0.2: a, a, b, respond, a. At 0.8: respond, respond, b, respond, respond.
        assertEquals(List.of(3 / 5.0, 0.0), a.refusedAs());
        assertEquals(Arrays.asList(1.0, 0.0), a.refusalRates());
        assertEquals(1.0, a.falseRefusalRate());
        // b at 0.2: a, respond, b, b, respond. At 0.8: a, and the rest responds.
        Steering.Move b = steering.moves().get(1);
        assertEquals(List.of(0.0, 2 / 5.0), b.refusedAs());
        assertEquals(Arrays.asList(0.0, 1.0), b.refusalRates());
        assertEquals(0.0, b.falseRefusalRate());
    }

    @Test
    void moving_a_bias_may_take_refusals_from_another_category() {
        RefusalPolicy policy = TwoCategories.defaults(Rule.LOGIT_BIAS);
        Steering.Move a = Steering.of(prompts(), policy, SHIFT).moves().get(0);
        assertEquals(SHIFT, a.low());
        assertEquals(-SHIFT, a.high());
        // Four times p_a: a, a, a for b, respond by 0.6 to 0.4, a. A quarter: 0.175, 0.075, 0.1, 0.025 and 0.0625 lose
        // to
        // 0.2, 0.6, b's 0.55, 0.6 and 0.65.
        assertEquals(List.of(4 / 5.0, -1 / 5.0), a.refusedAs());
        assertEquals(Arrays.asList(1.0, 0.0), a.refusalRates());
        assertEquals(1.0, a.falseRefusalRate());
    }

    @Test
    void thresholds_without_log_odds_are_not_moved_and_missing_rows_have_no_rate() {
        RefusalPolicy policy =
                TwoCategories.defaults(Rule.THRESHOLD).withThreshold("a", 0).withThreshold("b", 0.5);
        Steering steering =
                Steering.of(new TwoCategories().refuse("a", 0.5, 0.5).build(), policy, 1);
        assertEquals(1, steering.moves().size());
        Steering.Move b = steering.moves().get(0);
        assertEquals("b", b.category());
        assertEquals(Arrays.asList(0.0, null), b.refusalRates());
        assertEquals(null, b.falseRefusalRate());
    }
}
