package dev.demur.cli;

import dev.demur.Demur;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A decision for a person: what was decided, the chart of what it was made from, and a warning where that is weak. */
final class DecisionText {

    private DecisionText() {}

    /** All lines for a person. */
    static List<String> lines(Decision decision, RefusalPolicy policy, Style style) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(decision, style));
        lines.addAll(ProbabilityChart.lines(decision, policy, style));
        return lines;
    }

    /** The decision in a line. */
    static String headline(Decision decision, Style style) {
        String rule = " (rule " + decision.rule().id() + (decision.forced() ? "" : ", not forced") + ")";
        if (decision instanceof Decision.Refuse refuse) {
            return style.refusal("refuse") + ": "
                    + Text.oneLine(refuse.category().name()) + style.dim(rule);
        }
        if (decision instanceof Decision.Respond) {
            return style.answer("respond") + style.dim(rule);
        }
        return style.warning("model") + ": goes on by itself, neither answering nor refusing by a label"
                + style.dim(rule);
    }

    /** What decides, and in which model where that is not the one that answers. */
    static String readout(Demur demur) {
        String description = Text.oneLine(demur.readout().description());
        return demur.model() == demur.decidingModel()
                ? description
                : description + ", in "
                        + Text.oneLine(String.valueOf(
                                demur.decidingModel().file().path().getFileName()));
    }

    /** The warning over probabilities that are no basis for a decision; null where they are one. */
    static @Nullable String coverageWarning(Decision decision) {
        if (!decision.reading().hasLowCoverage()) {
            return null;
        }
        double coverage = decision.reading().coverage();
        Labels labels = decision.reading().labels();
        return "what is decided between (" + Text.oneLine(labels.categoryIds()) + ", respond) has only "
                + Decimal.probability(coverage).strip()
                + " of the probability: the chat template, the readout or the model is"
                + " probably the wrong one, try --chat-template NAME, --readout NAME|FILE, --control-token ID=TEXT or --model"
                + " FILE";
    }
}
