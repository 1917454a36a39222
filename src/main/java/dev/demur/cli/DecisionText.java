package dev.demur.cli;

import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A decision for a person: what was decided, the chart of what it was made from, and a warning where that is weak. */
final class DecisionText {

    /** Below this share of the probability the control tokens are no basis for a decision. */
    private static final double LOW_COVERAGE = 0.5;

    private DecisionText() {}

    /**
     * All lines for a person.
     *
     * @param tokenText the text of the decision's token
     */
    static List<String> lines(Decision decision, String tokenText, RefusalPolicy policy, Style style) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(decision, tokenText, style));
        lines.addAll(ProbabilityChart.lines(decision, policy, style));
        return lines;
    }

    /** The decision in a line. */
    static String headline(Decision decision, String tokenText, Style style) {
        String rule = " (rule " + decision.rule().id() + (decision.forced() ? "" : ", not forced") + ")";
        if (decision instanceof Decision.Refuse refuse) {
            return style.refusal("refuse") + ": "
                    + Text.oneLine(refuse.category().name()) + style.dim(rule);
        }
        if (decision instanceof Decision.Respond) {
            return style.answer("respond") + style.dim(rule);
        }
        return style.warning("model") + ": its own first token '" + Text.oneLine(tokenText) + "'" + style.dim(rule);
    }

    /** The warning over probabilities that are no basis for a decision; null where they are one. */
    static @Nullable String coverageWarning(Decision decision) {
        double coverage = decision.readout().coverage();
        if (coverage >= LOW_COVERAGE) {
            return null;
        }
        ControlTokens tokens = decision.readout().tokens();
        return "the control tokens (" + Text.oneLine(Categories.texts(tokens)) + ") have only "
                + Decimal.probability(coverage).strip() + " of the probability: the chat template or the model is"
                + " probably the wrong one, try --chat-template NAME or --model FILE";
    }
}
