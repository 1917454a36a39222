package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusalPolicyTest {

    private static final Labels PAPER = PaperTokens.CATEGORIES.labels();
    private static final ReadoutIdentity TOKENS = PaperTokens.CATEGORIES.identity();
    private static final RefusalPolicy HALVES = RefusalPolicy.defaults(PAPER, TOKENS, Rule.THRESHOLD);
    private static final double[] LOGITS = {0.5, -1, -2, 2, 1, 1.5};
    private static final double[] PROBABILITIES = {0.1, 0.03, 0.01, 0.4, 0.15, 0.25};
    private static final Reading READOUT = Reading.of(PAPER, 1, PROBABILITIES, LOGITS, 3, 0);

    @ParameterizedTest
    @EnumSource
    void a_rule_named_without_thresholds_uses_one_half(Rule rule) {
        RefusalPolicy policy = RefusalPolicy.defaults(PAPER, TOKENS, rule);
        assertEquals(rule, policy.rule());
        assertEquals(1, policy.temperature());
        assertEquals(TOKENS, policy.readout());
        assertEquals(0.5, policy.sumThreshold());
        assertNull(policy.calibration());
        assertEquals(
                PAPER.categories().stream()
                        .map(c -> new CategoryPolicy(c.id(), c.name(), 0.5, null, null))
                        .toList(),
                policy.categories());
        policy.requireFits(PAPER, TOKENS, "p.json");
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
        assertEquals(RefusalPolicy.defaults(PAPER, TOKENS, Rule.THRESHOLD), HALVES);
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
        Calibration promise = Calibration.parse("{\"falseRefusal\": 0.05}");
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
        List<CategoryPolicy> categories = new ArrayList<>(HALVES.categories());
        RefusalPolicy policy = new RefusalPolicy(Rule.SUM, 1, TOKENS, 0.5, categories, null);
        categories.clear();
        assertEquals(HALVES.categories(), policy.categories());
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
                "rule: \"SUM\" is not one of threshold, top-category, relative, sum, logit-bias, refit",
                () -> Rule.of("SUM"));
    }

    private static RefusalPolicy madeFor(@Nullable ReadoutIdentity readout, String... ids) {
        List<CategoryPolicy> categories = Arrays.stream(ids)
                .map(id -> new CategoryPolicy(id, null, 0.5, null, null))
                .toList();
        return new RefusalPolicy(Rule.THRESHOLD, 1, readout, null, categories, null);
    }

    @Test
    void a_policy_for_another_model_is_refused_by_name() {
        assertRefused(
                "p.json: categories[1].id: \"safety\" is not a category of this model, which has refuse",
                () -> madeFor(null, "refuse", "safety")
                        .requireFits(PaperTokens.ONE_TOKEN.labels(), PaperTokens.ONE_TOKEN.identity(), "p.json"));
        assertRefused(
                "policy: categories[0].id: \"mischief\" is not a category of this model, which has humanizing,"
                        + " incomplete, indeterminate, safety, unsupported",
                () -> madeFor(null, "mischief").decide(READOUT));
    }

    @Test
    void a_policy_for_other_control_tokens_is_refused_by_label() {
        // Spaces around a token's text do not matter, nor do ids.
        Map<String, String> same = Map.of("safety", " [Requests with safety concerns]", "respond", "[respond] ");
        madeFor(new ReadoutIdentity("tokens", "other", same), "safety").requireFits(PAPER, TOKENS, "p.json");
        ReadoutIdentity category = new ReadoutIdentity("tokens", null, Map.of("humanizing", "[Humanising requests]"));
        assertRefused(
                "p.json: readout: \"humanizing\" has the token \"[Humanising requests]\", which in this model is"
                        + " \"[Humanizing requests]\": calibrate with this model",
                () -> madeFor(category, "humanizing").requireFits(PAPER, TOKENS, "p.json"));
        ReadoutIdentity respond = new ReadoutIdentity("tokens", null, Map.of("respond", "[answer]"));
        assertRefused(
                "p.json: readout: \"respond\" has the token \"[answer]\", which in this model is \"[respond]\""
                        + ": calibrate with this model",
                () -> madeFor(respond).requireFits(PAPER, TOKENS, "p.json"));
    }

    @Test
    void a_policy_for_another_kind_of_readout_is_refused_by_name() {
        RefusalPolicy policy = madeFor(new ReadoutIdentity("head", "abc", Map.of()), "safety");
        assertRefused(
                "p.json: readout: was made for the readout \"head\", and \"tokens\" is used, whose numbers mean something"
                        + " else: score and calibrate with that one",
                () -> policy.requireFits(PAPER, TOKENS, "p.json"));
        madeFor(null, "safety").requireFits(PAPER, TOKENS, "p.json");
    }

    @ParameterizedTest
    @EnumSource
    void a_readout_at_another_temperature_is_refused(Rule rule) {
        RefusalPolicy policy =
                HALVES.withMap(LogisticMap.identity(PAPER)).withRule(rule).withTemperature(2);
        String message = "temperature: the policy's is 2.0, but the probabilities were read with 1.0";
        assertMessage(message, () -> policy.decide(READOUT));
        assertMessage(message, () -> policy.bind(PAPER).isCertain(READOUT));
    }

    @Test
    void scores_are_what_the_rule_compares() {
        assertEquals(0.1, score(HALVES, 0));
        assertEquals(0.4, score(HALVES, 3));
        assertEquals(0, score(HALVES.withRule(Rule.TOP_CATEGORY), 0));
        assertEquals(0.4, score(HALVES.withRule(Rule.TOP_CATEGORY), 3));
        assertEquals(1 / (1 + Math.exp(-0.5)), score(HALVES.withRule(Rule.RELATIVE), 3), 1e-15);
        assertEquals(1 / (1 + Math.exp(1)), score(HALVES.withRule(Rule.RELATIVE), 0), 1e-15);
        RefusalPolicy biased = HALVES.withRule(Rule.LOGIT_BIAS).withBias("unsupported", 2);
        for (int c = 0; c < 5; c++) {
            assertEquals(0.1 + 0.03 + 0.01 + 0.4 + 0.15, score(HALVES.withRule(Rule.SUM), c));
            assertEquals(1.5, score(biased, c));
        }
        assertThrows(IndexOutOfBoundsException.class, () -> score(HALVES, 5));
    }

    private static double score(RefusalPolicy policy, int category) {
        return policy.bind(PAPER).score(READOUT, category);
    }

    @Test
    void a_reply_belongs_to_a_refusal() {
        RefusalPolicy policy = HALVES.withThreshold("safety", 0.4).withReply("safety", "No.");
        assertEquals("No.", policy.reply(policy.decide(READOUT)));
        assertNull(HALVES.reply(policy.decide(READOUT)));
        assertNull(policy.reply(HALVES.decide(READOUT)));
    }

    @Test
    void a_decision_carries_what_it_was_made_from() {
        Decision decision = HALVES.withThreshold("safety", 0.4).decide(READOUT);
        assertEquals(new Decision.Refuse(PAPER.categories().get(3), true, Rule.THRESHOLD, READOUT), decision);
        assertSame(READOUT, decision.reading());
        assertEquals(new Decision.Respond(true, Rule.THRESHOLD, READOUT), HALVES.decide(READOUT));
        assertNotEquals(decision, HALVES.decide(READOUT));
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    private static void assertRefused(String message, Executable call) {
        assertEquals(message, assertThrows(PolicyException.class, call).getMessage());
    }
}
