package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BoundPolicyTest {

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_bound_policy_decides_and_scores_as_the_policy_does(Rule rule) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int refusals = 0;
        for (int i = 0; i < 2_000; i++) {
            RandomCase given = RandomCase.of(random, 8 + random.nextInt(20), rule);
            Readout readout = Float64Oracle.readout(
                    given.row(), given.tokens(), given.policy().temperature());
            BoundPolicy bound = given.policy().bind(given.tokens());
            Decision decision = given.policy().decide(readout);
            String context = "seed " + seed + ", case " + i + ": " + given;
            int expected = given.tokens().indexOfToken(decision.token());
            assertEquals(expected, bound.choose(readout), context);
            assertEquals(decision instanceof Decision.Refuse, bound.refuses(readout), context);
            for (int c = 0; c < given.tokens().respondIndex(); c++) {
                assertEquals(given.policy().score(readout, c), bound.score(readout, c), context);
            }
            refusals += decision instanceof Decision.Refuse ? 1 : 0;
        }
        assertTrue(refusals > 100 && refusals < 1_900, "seed " + seed + ": " + refusals + " refusals");
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_policy_for_another_model_cannot_be_bound(Rule rule) {
        RefusalPolicy policy = RefusalPolicy.defaults(PaperTokens.ONE_TOKEN, rule);
        PolicyException e = assertThrows(PolicyException.class, () -> policy.bind(PaperTokens.CATEGORIES));
        assertTrue(e.getMessage().contains("\"refuse\" is not a category of this model"), e.getMessage());
    }
}
