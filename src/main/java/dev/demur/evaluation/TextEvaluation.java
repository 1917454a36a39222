package dev.demur.evaluation;

import dev.demur.arguments.Given;
import dev.demur.statistics.Rate;
import java.util.List;

/**
 * How often the text agrees with the decision, since a threshold controls the decision alone.
 *
 * @param decisions one for each category of the model, then {@code respond} and {@code model}
 * @param agreement over all replies of the model to prompts whose token was decided
 * @param maxTokens the most tokens of a reply
 * @param generated how many prompts were answered or refused
 * @param decidedOtherwise how many of them were decided otherwise than their scores say, as noise may have it
 */
public record TextEvaluation(
        List<TextAgreement> decisions, Rate agreement, int maxTokens, int generated, int decidedOtherwise) {

    public TextEvaluation {
        Given.value(agreement, "agreement");
        decisions = Given.list(decisions, "decisions");
    }
}
