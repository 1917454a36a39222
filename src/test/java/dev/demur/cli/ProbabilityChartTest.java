package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.ask.DecisionText;
import dev.demur.cli.ask.ProbabilityChart;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Style;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProbabilityChartTest {

    private static final Style UNICODE = new Style(false, true);
    private static final double[] SAFETY = {0.001, 0.02, 0.00003, 0.75, 0.1, 0.12};
    private static final double[] RESPOND = {0.001, 0.02, 0.00003, 0.25, 0.1, 0.62};

    private static final int SAFETY_INDEX = 3;

    private static String chart(double[] probabilities, RefusalPolicy policy, Style style) {
        Decision decision = decision(probabilities, policy, LabelNumbers.NO_LABEL);
        return String.join("\n", DecisionText.lines(decision, policy, style, 80)) + "\n";
    }

    private static Decision decision(double[] probabilities, RefusalPolicy policy, int choice) {
        return policy.decide(
                Reading.ofProbabilities(PaperTokens.CATEGORIES.labels(), policy.temperature(), probabilities, choice));
    }

    private static RefusalPolicy defaults(Rule rule) {
        return PaperTokens.defaults(PaperTokens.CATEGORIES, rule);
    }

    @Test
    void a_refusal_shows_which_probability_reached_which_threshold() {
        assertEquals("""
                refuse: Requests with safety concerns (rule threshold)
                  humanizing    ▏               │                 0.0010  < 0.5
                  incomplete    ▋               │                 0.0200  < 0.5
                  indeterminate ▏               │                <0.0001  < 0.5
                  safety        ████████████████│███████          0.7500  ≥ 0.5 ◀
                  unsupported   ███▎            │                 0.1000  < 0.5
                  respond       ███▉                              0.1200
                """, chart(SAFETY, defaults(Rule.THRESHOLD), UNICODE));
    }

    @Test
    void an_answer_points_at_respond_and_a_category_may_have_no_threshold() {
        RefusalPolicy policy =
                defaults(Rule.THRESHOLD).withoutThreshold("incomplete").withThreshold("safety", 1);
        assertEquals("""
                respond (rule threshold)
                  humanizing    ▏               │                 0.0010  < 0.5
                  incomplete    ▋                                 0.0200  no threshold
                  indeterminate ▏               │                <0.0001  < 0.5
                  safety        ████████                       │  0.2500  < 1
                  unsupported   ███▎            │                 0.1000  < 0.5
                  respond       ███████████████████▉              0.6200 ◀
                """, chart(RESPOND, policy, UNICODE));
    }

    @Test
    void without_unicode_bars_are_of_hashes() {
        assertEquals("""
                refuse: Requests with safety concerns (rule threshold)
                  humanizing                    |                 0.0010  < 0.5
                  incomplete    #               |                 0.0200  < 0.5
                  indeterminate                 |                <0.0001  < 0.5
                  safety        ################|#######          0.7500  >= 0.5 <--
                  unsupported   ###             |                 0.1000  < 0.5
                  respond       ####                              0.1200
                """, chart(SAFETY, defaults(Rule.THRESHOLD), Style.PLAIN));
    }

    @Test
    void the_rule_sum_has_a_bar_for_the_sum() {
        assertTrue(
                chart(SAFETY, defaults(Rule.SUM), UNICODE)
                        .endsWith("  sum           ████████████████│██████████▉      0.8710  ≥ 0.5\n"),
                chart(SAFETY, defaults(Rule.SUM), UNICODE));
    }

    @Test
    void the_rule_relative_shows_the_score_that_it_compares() {
        String chart = chart(SAFETY, defaults(Rule.RELATIVE), UNICODE);
        assertTrue(chart.contains("safety        ████████████████████████          0.7500  r 0.8621 ≥ 0.5 ◀"), chart);
        assertTrue(chart.contains("unsupported   ███▎                              0.1000  r 0.4545 < 0.5"), chart);
    }

    @Test
    void the_rule_top_category_compares_the_most_probable_category_only() {
        String chart = chart(SAFETY, defaults(Rule.TOP_CATEGORY), UNICODE);
        assertEquals(
                1,
                chart.lines()
                        .filter(line -> line.contains("≥") || line.contains("<  "))
                        .count(),
                chart);
        assertTrue(chart.contains("0.7500  ≥ 0.5 ◀"), chart);
    }

    @Test
    void the_rule_logit_bias_shows_the_biases() {
        RefusalPolicy policy =
                defaults(Rule.LOGIT_BIAS).withBias("unsupported", 3).withBias("safety", -1.25);
        String chart = chart(SAFETY, policy, UNICODE);
        assertTrue(chart.contains("0.1000  bias +3 ◀"), chart);
        assertTrue(chart.contains("0.7500  bias -1.25\n"), chart);
    }

    @Test
    void what_the_model_does_by_itself_is_said_and_no_row_is_pointed_at() {
        RefusalPolicy policy = defaults(Rule.TOP_CATEGORY).withoutThreshold("safety");
        Decision decision = decision(SAFETY, policy, LabelNumbers.NO_LABEL);
        assertEquals("model", decision.kind());
        String text = String.join("\n", DecisionText.lines(decision, policy, UNICODE, 80));
        assertEquals(
                "model: neither answers nor refuses by a label (rule top-category, not forced)",
                text.lines().findFirst().orElseThrow());
        assertTrue(!text.contains("◀"), text);
    }

    @Test
    void colours_mark_the_decision_and_leave_nothing_switched_on() {
        String chart = chart(SAFETY, defaults(Rule.THRESHOLD), new Style(true, true));
        assertTrue(chart.contains("\u001b[1;31mrefuse\u001b[0m"), chart);
        assertTrue(chart.contains("\u001b[1;31msafety       \u001b[0m"), chart);
        assertTrue(chart(RESPOND, defaults(Rule.THRESHOLD), new Style(true, true))
                .contains("\u001b[1;32mrespond\u001b[0m"));
        for (String line : chart.split("\n")) {
            int last = line.lastIndexOf("\u001b[");
            assertTrue(last < 0 || line.startsWith("\u001b[0m", last), line);
        }
        String plain = chart.replaceAll("\u001b\\[[0-9;]*m", "");
        assertEquals(chart(SAFETY, defaults(Rule.THRESHOLD), UNICODE), plain);
    }

    @Test
    void no_line_is_wider_than_a_terminal_of_80_columns() {
        for (Rule rule : Rule.values()) {
            chart(SAFETY, defaults(rule), Style.PLAIN).lines().forEach(line -> assertTrue(line.length() <= 80, line));
        }
    }

    @Test
    void thresholds_are_brief_and_the_chart_fits_a_narrow_terminal_too() {
        for (Rule rule : Rule.values()) {
            RefusalPolicy policy = defaults(rule);
            for (String id : List.of("humanizing", "incomplete", "indeterminate", "safety", "unsupported")) {
                policy = policy.withThreshold(id, 0.48016888980772654).withBias(id, 0.48016888980772654);
            }
            for (Style style : List.of(UNICODE, Style.PLAIN)) {
                for (int width : new int[] {40, 60, 80}) {
                    boolean longNotes = rule == Rule.RELATIVE || rule == Rule.REFIT || rule == Rule.LOGIT_BIAS;
                    int most = longNotes ? Math.max(width, 50) : width;
                    Decision decision = decision(SAFETY, policy, LabelNumbers.NO_LABEL);
                    for (String line : ProbabilityChart.lines(decision, policy, style, width)) {
                        assertTrue(line.length() <= most, width + " columns: " + line);
                        assertTrue(!line.contains("0.48016"), line);
                    }
                }
            }
        }
    }

    @Test
    void low_coverage_names_the_likely_causes_and_what_to_do_about_them() {
        RefusalPolicy policy = defaults(Rule.THRESHOLD);
        assertNull(DecisionText.coverageWarning(decision(SAFETY, policy, SAFETY_INDEX)));
        String warning = DecisionText.coverageWarning(
                decision(new double[] {0, 0, 0, 0.1, 0, 0.3}, policy, LabelNumbers.NO_LABEL));
        assertNotNull(warning);
        assertEquals(
                "what is decided between (humanizing, incomplete, indeterminate, safety, unsupported, respond) has only"
                        + " 0.4000 of the probability: the chat template, the readout or the model is probably the wrong one,"
                        + " try --chat-template NAME, --readout NAME|FILE, --control-token ID=TEXT or --model FILE",
                warning);
    }

    @Test
    void a_probability_that_is_not_0_or_1_never_looks_like_it() {
        assertEquals(" 0.0000", Decimal.probability(0));
        assertEquals("<0.0001", Decimal.probability(1e-300));
        assertEquals(" 0.0001", Decimal.probability(0.00005));
        assertEquals(" 0.5000", Decimal.probability(0.5));
        assertEquals(">0.9999", Decimal.probability(Math.nextDown(1.0)));
        assertEquals(" 1.0000", Decimal.probability(1));
    }
}
