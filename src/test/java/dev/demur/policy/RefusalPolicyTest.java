package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalPolicyTest {

    private static final ControlTokens PAPER = PaperTokens.CATEGORIES;
    private static final RefusalPolicy HALVES = RefusalPolicy.defaults(PAPER, Rule.THRESHOLD);
    private static final double[] LOGITS = {0.5, -1, -2, 2, 1, 1.5};
    private static final double[] PROBABILITIES = {0.1, 0.03, 0.01, 0.4, 0.15, 0.25};
    private static final Readout READOUT = Readout.of(PAPER, 1, PROBABILITIES, LOGITS, 103, 0);

    @ParameterizedTest
    @EnumSource
    void a_rule_named_without_thresholds_uses_one_half(Rule rule) {
        RefusalPolicy policy = RefusalPolicy.defaults(PAPER, rule);
        assertEquals(rule, policy.rule());
        assertEquals(1, policy.temperature());
        assertEquals("[respond]", policy.respond());
        assertEquals(0.5, policy.sumThreshold());
        assertNull(policy.calibration());
        assertEquals(
                PAPER.categories().stream()
                        .map(c -> new CategoryPolicy(c.id(), c.token(), c.name(), 0.5, null, null))
                        .toList(),
                policy.categories());
        policy.requireFits(PAPER);
    }

    @Test
    void changes_leave_the_policy_as_it_was() {
        RefusalPolicy changed = HALVES.withRule(Rule.RELATIVE)
                .withTemperature(2)
                .withSumThreshold(0.25)
                .withThreshold("safety", 0.75)
                .withoutThreshold("humanizing")
                .withBias("unsupported", -1)
                .withReply("safety", "No.");
        assertEquals(RefusalPolicy.defaults(PAPER, Rule.THRESHOLD), HALVES);
        assertEquals(Rule.RELATIVE, changed.rule());
        assertEquals(2, changed.temperature());
        assertEquals(0.25, changed.sumThreshold());
        assertEquals(0.75, changed.category("safety").orElseThrow().threshold());
        assertEquals("No.", changed.category("safety").orElseThrow().reply());
        assertNull(changed.category("humanizing").orElseThrow().threshold());
        assertEquals(-1, changed.category("unsupported").orElseThrow().bias());
        assertEquals(0.5, changed.category("unsupported").orElseThrow().threshold());
        assertNull(changed.withReply("safety", null)
                .category("safety")
                .orElseThrow()
                .reply());
    }

    @Test
    void a_change_that_can_alter_a_decision_drops_the_calibration() {
        JsonObject promise = new JsonObject();
        promise.addProperty("falseRefusal", 0.05);
        RefusalPolicy calibrated = HALVES.withCalibration(promise);
        assertEquals(promise, calibrated.withReply("safety", "No.").calibration());
        for (RefusalPolicy changed : List.of(
                calibrated.withRule(Rule.SUM),
                calibrated.withTemperature(2),
                calibrated.withSumThreshold(0.1),
                calibrated.withThreshold("safety", 0.1),
                calibrated.withoutThreshold("safety"),
                calibrated.withBias("safety", 1))) {
            assertNull(changed.calibration(), changed.toString());
        }
    }

    @Test
    void nothing_that_is_given_or_taken_can_change_a_policy() {
        JsonObject promise = new JsonObject();
        List<CategoryPolicy> categories = new ArrayList<>(HALVES.categories());
        RefusalPolicy policy = new RefusalPolicy(Rule.SUM, 1, "[respond]", 0.5, categories, promise);
        categories.clear();
        promise.addProperty("falseRefusal", 1);
        Objects.requireNonNull(policy.calibration()).addProperty("falseRefusal", 2);
        assertEquals(HALVES.categories(), policy.categories());
        assertEquals(new JsonObject(), policy.calibration());
    }

    @Test
    void an_unknown_category_is_an_error_that_lists_the_known_ones() {
        String message = "The policy has no category \"sefety\"; it has humanizing, incomplete, indeterminate, safety,"
                + " unsupported";
        assertMessage(message, () -> HALVES.withThreshold("sefety", 0.5));
        assertMessage(message, () -> HALVES.withoutThreshold("sefety"));
        assertMessage(message, () -> HALVES.withBias("sefety", 0.5));
        assertMessage(message, () -> HALVES.withReply("sefety", "No."));
    }

    @Test
    void numbers_out_of_range_are_errors() {
        for (double t : new double[] {-Double.MIN_VALUE, Math.nextUp(1.0), Double.NaN, Double.POSITIVE_INFINITY}) {
            assertMessage("threshold: " + t + " is not in [0, 1]", () -> HALVES.withThreshold("safety", t));
            assertMessage("sumThreshold: " + t + " is not in [0, 1]", () -> HALVES.withSumThreshold(t));
        }
        for (double tau : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertMessage("temperature: " + tau + " is not a finite number above 0", () -> HALVES.withTemperature(tau));
        }
        for (double b : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertMessage("bias: " + b + " is not a finite number", () -> HALVES.withBias("safety", b));
        }
    }

    @Test
    void a_rule_is_found_by_its_id_only() {
        for (Rule rule : Rule.values()) {
            assertSame(rule, Rule.of(rule.id()));
        }
        assertMessage(
                "rule: \"SUM\" is not one of threshold, top-category, relative, sum, logit-bias", () -> Rule.of("SUM"));
    }

    @Test
    void a_policy_for_another_model_is_refused_by_name() {
        RefusalPolicy policy = new RefusalPolicy(
                Rule.THRESHOLD,
                1,
                " [respond]", // spaces around a token's text do not matter
                null,
                List.of(
                        new CategoryPolicy("safety", " [Requests with safety concerns]", null, 0.5, null, null),
                        new CategoryPolicy("humanizing", "[Humanising requests]", null, 0.5, null, null)),
                null);
        String token =
                "categories[1].token: \"[Humanising requests]\" is not the token of \"humanizing\" in this model,"
                        + " which is \"[Humanizing requests]\"";
        assertMessage("p.json: " + token, () -> policy.requireFits(PAPER, "p.json"));
        assertMessage("policy: " + token, () -> policy.decide(READOUT));
        assertMessage(
                "p.json: categories[0].id: \"safety\" is not a category of this model, which has refuse",
                () -> policy.requireFits(PaperTokens.ONE_TOKEN, "p.json"));
        RefusalPolicy answer = new RefusalPolicy(Rule.SUM, 1, "[answer]", 0.5, List.of(), null);
        assertMessage(
                "p.json: respond: \"[answer]\" is not the respond token of this model, which is \"[respond]\"",
                () -> answer.requireFits(PAPER, "p.json"));
    }

    @ParameterizedTest
    @EnumSource
    void a_readout_at_another_temperature_is_refused(Rule rule) {
        RefusalPolicy policy = HALVES.withRule(rule).withTemperature(2);
        String message = "temperature: the policy's is 2.0, but the probabilities were read with 1.0";
        assertMessage(message, () -> policy.decide(READOUT));
        assertMessage(message, () -> policy.isCertain(READOUT));
        assertMessage(message, () -> policy.score(READOUT, 0));
    }

    @Test
    void scores_are_what_the_rule_compares() {
        assertEquals(0.1, HALVES.score(READOUT, 0));
        assertEquals(0.4, HALVES.score(READOUT, 3));
        assertEquals(0, HALVES.withRule(Rule.TOP_CATEGORY).score(READOUT, 0));
        assertEquals(0.4, HALVES.withRule(Rule.TOP_CATEGORY).score(READOUT, 3));
        assertEquals(1 / (1 + Math.exp(-0.5)), HALVES.withRule(Rule.RELATIVE).score(READOUT, 3), 1e-15);
        assertEquals(1 / (1 + Math.exp(1)), HALVES.withRule(Rule.RELATIVE).score(READOUT, 0), 1e-15);
        RefusalPolicy biased = HALVES.withRule(Rule.LOGIT_BIAS).withBias("unsupported", 2);
        for (int c = 0; c < 5; c++) {
            assertEquals(
                    0.1 + 0.03 + 0.01 + 0.4 + 0.15, HALVES.withRule(Rule.SUM).score(READOUT, c));
            assertEquals(1.5, biased.score(READOUT, c));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> HALVES.score(READOUT, 5));
    }

    @Test
    void a_decision_carries_what_it_was_made_from() {
        Decision decision = HALVES.withThreshold("safety", 0.4).decide(READOUT);
        assertEquals(new Decision.Refuse(PAPER.categories().get(3), 103, true, Rule.THRESHOLD, READOUT), decision);
        assertSame(READOUT, decision.readout());
        assertEquals(new Decision.Respond(105, true, Rule.THRESHOLD, READOUT), HALVES.decide(READOUT));
        assertNotEquals(decision, HALVES.decide(READOUT));
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
