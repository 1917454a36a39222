package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.ask.AnswerHint;
import dev.demur.cli.ask.DecisionText;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.terminal.Style;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AnswerHintTest {

    private static final Style STYLE = new Style(false, true);
    private static final Labels LABELS = PaperTokens.CATEGORIES.labels();
    private static final Pattern CHANGE = Pattern.compile("(?:--|/)(threshold|bias) (\\S+)=(\\S+)");

    private static Reading reading(double... probabilities) {
        return Reading.ofProbabilities(LABELS, 1, probabilities, LabelNumbers.NO_LABEL);
    }

    private static RefusalPolicy defaults(Rule rule) {
        return PaperTokens.defaults(PaperTokens.CATEGORIES, rule);
    }

    private static String hint(RefusalPolicy policy, Reading reading) {
        return AnswerHint.of(policy.decide(reading), policy, STYLE, false);
    }

    @Test
    void a_refusal_says_what_would_have_let_it_through() {
        RefusalPolicy policy = defaults(Rule.THRESHOLD).withThreshold("safety", 0.48016888980772654);
        assertEquals(
                "safety 0.61 ≥ 0.48; --threshold safety=0.7 answers",
                hint(policy, reading(0.1, 0.1, 0.05, 0.61, 0.04, 0.1)));
        assertEquals(
                "(safety 0.61 >= 0.48; /threshold safety=0.7 answers)",
                "(" + AnswerHint.of(policy.decide(reading(0.1, 0.1, 0.05, 0.61, 0.04, 0.1)), policy, Style.PLAIN, true)
                        + ")");
    }

    @Test
    void a_score_and_a_threshold_that_it_just_reaches_never_look_the_same() {
        RefusalPolicy policy = defaults(Rule.THRESHOLD).withThreshold("safety", 0.6954);
        assertEquals(
                "safety 0.697 ≥ 0.695; --threshold safety=0.7 answers",
                hint(policy, reading(0.1, 0.1, 0.0029, 0.6971, 0.04, 0.06)));
        assertEquals(
                "safety 0.5 ≥ 0.5; --threshold safety=0.6 answers",
                hint(policy.withThreshold("safety", 0.5), reading(0.1, 0.1, 0.1, 0.5, 0.1, 0.1)));
    }

    @Test
    void all_that_reach_their_thresholds_are_named() {
        RefusalPolicy policy =
                defaults(Rule.THRESHOLD).withThreshold("safety", 0.3).withThreshold("incomplete", 0.2);
        assertEquals(
                "incomplete 0.25 ≥ 0.2, safety 0.61 ≥ 0.3; --threshold incomplete=0.3 --threshold safety=0.7 answers",
                hint(policy, reading(0.02, 0.25, 0.02, 0.61, 0.05, 0.05)));
    }

    @Test
    void the_rule_sum_names_its_one_threshold() {
        assertEquals(
                "sum 0.83 ≥ 0.5; --threshold sum=0.9 answers",
                hint(defaults(Rule.SUM), reading(0.3, 0.2, 0.1, 0.2, 0.03, 0.17)));
    }

    @Test
    void the_rule_logit_bias_lowers_the_biases_of_all_that_lead() {
        RefusalPolicy policy = defaults(Rule.LOGIT_BIAS).withBias("unsupported", 2);
        Reading reading = reading(0.01, 0.01, 0.01, 0.7, 0.1, 0.17);
        assertEquals(
                "safety leads respond by 1.42, unsupported leads respond by 1.47; --bias safety=-1.5 --bias"
                        + " unsupported=0.5 answers",
                hint(policy, reading));
        assertNull(AnswerHint.of(policy.decide(reading), policy, STYLE, true), "a chat has no command for biases");
    }

    @Test
    void the_models_own_choice_gets_a_threshold() {
        RefusalPolicy policy = defaults(Rule.TOP_CATEGORY).withoutThreshold("safety");
        Reading reading = Reading.ofProbabilities(LABELS, 1, new double[] {0.01, 0.01, 0.01, 0.7, 0.1, 0.17}, 3);
        assertEquals("safety is the model's own choice; --threshold safety=0.8 answers", hint(policy, reading));
    }

    @Test
    void an_answer_has_no_hint_and_what_nothing_lets_through_has_none() {
        assertNull(hint(defaults(Rule.THRESHOLD), reading(0, 0, 0, 0.2, 0, 0.8)));
        assertEquals(
                "safety 1 ≥ 0.5; --threshold safety=none answers",
                hint(defaults(Rule.THRESHOLD), reading(0, 0, 0, 1, 0, 0)));
        assertNull(hint(defaults(Rule.LOGIT_BIAS), reading(0, 0, 0, 1, 0, 0)));
    }

    @Test
    void care_is_no_refusal_and_says_how_to_switch_it_off() {
        Labels labels = new Labels(List.of(
                new Category("safety", "Requests with safety concerns"),
                new Category(Category.DISTRESS, "Someone may need help")));
        RefusalPolicy policy = RefusalPolicy.defaults(labels, null, Rule.THRESHOLD)
                .withThreshold("distress", 0.2)
                .withReply("distress", "I am glad you wrote.");
        Decision decision =
                policy.decide(Reading.ofProbabilities(labels, 1, new double[] {0.6, 0.3, 0.1}, LabelNumbers.NO_LABEL));
        assertEquals(
                "distress",
                assertInstanceOf(Decision.Refuse.class, decision).category().id());
        assertEquals("care: Someone may need help (rule threshold)", DecisionText.headline(decision, STYLE));
        assertEquals(
                "someone may need help more than an answer; --threshold distress=none switches this off",
                AnswerHint.of(decision, policy, STYLE, false));
        assertTrue(DecisionText.headline(decision, new Style(true, true)).startsWith("\u001b[1;36mcare"));
    }

    @Test
    void whatever_is_suggested_answers_and_everything_finite_gets_a_suggestion() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            Rule rule = Rule.values()[i % Rule.values().length];
            if (rule == Rule.REFIT) {
                continue; // it decides as threshold does, by a map that is fitted and not drawn
            }
            RefusalPolicy policy = random(rule, random);
            Reading reading = reading(random);
            Decision decision = policy.decide(reading);
            String hint = AnswerHint.of(decision, policy, STYLE, false);
            String context = "seed " + seed + ", " + policy + ", " + reading;
            if (decision instanceof Decision.Refuse) {
                refused++;
                assertNotNull(hint, context);
                assertInstanceOf(Decision.Respond.class, applied(hint, policy).decide(reading), hint + ", " + context);
                assertFalse(hint.matches(".*\\d\\.\\d{10}.*"), hint);
            } else {
                assertNull(hint, context);
            }
        }
        assertTrue(refused > 2_000, "only " + refused + " refusals");
    }

    private static RefusalPolicy applied(String hint, RefusalPolicy policy) {
        List<String> args = new ArrayList<>();
        Matcher change = CHANGE.matcher(hint);
        RefusalPolicy changed = policy;
        while (change.find()) {
            args.add(change.group());
            String id = change.group(2);
            if (change.group(1).equals("bias")) {
                changed = changed.naming(id).withBias(id, Double.parseDouble(change.group(3)));
            } else {
                RefusalPolicy before = changed;
                changed = PolicyOptions.ofThreshold(id + "=" + change.group(3))
                        .choose(LABELS, PaperTokens.CATEGORIES.identity(), () -> before, preset -> before)
                        .policy();
            }
        }
        assertFalse(args.isEmpty(), hint);
        return changed;
    }

    private static RefusalPolicy random(Rule rule, Random random) {
        List<CategoryPolicy> categories = new ArrayList<>();
        for (Category category : LABELS.categories()) {
            if (random.nextInt(8) > 0) {
                Double threshold =
                        random.nextInt(6) == 0 ? null : Double.valueOf(random.nextDouble() * random.nextDouble());
                Double bias = random.nextBoolean() ? null : Double.valueOf(4 * random.nextGaussian());
                categories.add(new CategoryPolicy(category.id(), null, threshold, bias, null));
            }
        }
        return new RefusalPolicy(rule, 1, null, random.nextDouble(), categories, null);
    }

    private static Reading reading(Random random) {
        double[] z = new double[LABELS.count()];
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            z[i] = Math.exp(3 * random.nextGaussian());
            sum += z[i];
        }
        for (int i = 0; i < z.length; i++) {
            z[i] /= sum;
        }
        int choice = random.nextInt(z.length + 1);
        return Reading.ofProbabilities(LABELS, 1, z, choice == z.length ? LabelNumbers.NO_LABEL : choice);
    }
}
