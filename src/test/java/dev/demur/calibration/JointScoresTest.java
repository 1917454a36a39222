package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JointScoresTest {

    private static final ScoredPrompts PROMPTS = new TwoCategories()
            .answer(0.5, 0.25)
            .answer(0.25, 0.125)
            .refuse("a", 0.75, 0.125)
            .refuse("b", 0.125, 0.8)
            .build();
    private static final int[] ALL = {0, 1, 2, 3};

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_prompt_is_refused_at_all_exactly_from_the_boundary_on(Rule rule) {
        RefusalPolicy policy = TwoCategories.defaults(rule).withThreshold("b", 0.2);
        Double sum = policy.sumThreshold();
        double boundary = rule == Rule.SUM && sum != null ? sum : 0;
        double[] scores = JointScores.of(PROMPTS, policy, ALL);
        Decisions decisions = PROMPTS.decide(policy);
        for (int row : ALL) {
            assertEquals(decisions.refused(row), scores[row] >= boundary, rule.id() + ", row " + row);
        }
    }

    @Test
    void the_score_is_the_largest_distance_from_a_threshold_in_log_odds() {
        RefusalPolicy policy = TwoCategories.defaults(Rule.THRESHOLD).withThreshold("b", 0.2);
        double[] expected = {Math.log(4.0 / 3), Math.log(4.0 / 7), Math.log(3), Math.log(16)};
        assertArrayEquals(expected, JointScores.of(PROMPTS, policy, ALL), 1e-12);
    }

    @Test
    void thresholds_of_0_and_1_stand_still_and_what_they_refuse_scores_beyond_every_shift() {
        RefusalPolicy policy =
                TwoCategories.defaults(Rule.THRESHOLD).withThreshold("a", 1).withThreshold("b", 0);
        double[] always = new double[ALL.length];
        Arrays.fill(always, Double.POSITIVE_INFINITY);
        assertArrayEquals(always, JointScores.of(PROMPTS, policy, ALL));
    }
}
