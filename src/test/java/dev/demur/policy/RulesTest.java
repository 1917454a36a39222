package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RulesTest {

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_bound_policy_decides_and_scores_as_the_policy_does(Rule rule) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int refusals = 0;
        for (int i = 0; i < 2_000; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(20), rule);
            Reading readout = Float64Oracle.readout(
                    given.row(), given.tokens(), given.policy().temperature());
            Labels labels = given.tokens().labels();
            Rules bound = given.policy().bind(labels);
            Decision decision = given.policy().decide(readout);
            String context = "seed " + seed + ", case " + i + ": " + given;
            assertEquals(decision, bound.decide(readout), context);
            assertEquals(expected(decision, labels), bound.choose(readout), context);
            for (int c = 0; c < labels.respondIndex(); c++) {
                double threshold = bound.threshold(c);
                assertEquals(bound.score(readout, c) >= threshold, bound.passes(readout, c), context);
            }
            refusals += decision instanceof Decision.Refuse ? 1 : 0;
        }
        assertTrue(refusals > 100 && refusals < 1_900, "seed " + seed + ": " + refusals + " refusals");
    }

    private static int expected(Decision decision, Labels labels) {
        if (decision instanceof Decision.Refuse refuse) {
            return labels.indexOf(refuse.category().id());
        }
        return decision instanceof Decision.Respond ? labels.respondIndex() : LabelNumbers.NO_LABEL;
    }

    @Test
    void a_reading_of_other_labels_is_not_decided() {
        Rules rules =
                PaperTokens.defaults(PaperTokens.CATEGORIES, Rule.THRESHOLD).bind(PaperTokens.CATEGORIES.labels());
        Reading other = Reading.of(PaperTokens.ONE_TOKEN.labels(), 1, new double[2], new double[2], 0, 0);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> rules.decide(other));
        assertEquals("The reading is of other labels than the policy was bound to", e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_policy_for_another_model_cannot_be_bound(Rule rule) {
        RefusalPolicy policy = PaperTokens.defaults(PaperTokens.ONE_TOKEN, rule);
        PolicyException e = assertThrows(PolicyException.class, () -> policy.bind(PaperTokens.CATEGORIES.labels()));
        assertTrue(e.getMessage().contains("\"refuse\" is not a category of this model"), e.getMessage());
    }
}
