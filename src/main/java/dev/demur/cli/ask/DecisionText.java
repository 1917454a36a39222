package dev.demur.cli.ask;

import dev.demur.Demur;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Text;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A decision for a person: what was decided, the chart of what it was made from, and a warning where that is weak. */
public final class DecisionText {

    private DecisionText() {}

    /**
     * All lines for a person, but for what would have let the prompt through.
     *
     * @param width how many characters a line may have
     */
    public static List<String> lines(Decision decision, RefusalPolicy policy, Style style, int width) {
        List<String> lines = new ArrayList<>();
        lines.add(headline(decision, style));
        lines.addAll(ProbabilityChart.lines(decision, policy, style, width));
        return lines;
    }

    /** A text in the colour of what was decided. */
    public static String painted(Decision decision, String text, Style style) {
        if (decision instanceof Decision.Refuse refuse) {
            return refuse.category().isCare() ? style.care(text) : style.refusal(text);
        }
        return style.answer(text);
    }

    /** The decision in a line. */
    public static String headline(Decision decision, Style style) {
        String rule = " (rule " + decision.rule().id() + (decision.forced() ? "" : ", not forced") + ")";
        if (decision instanceof Decision.Refuse refuse) {
            return painted(decision, refuse.category().isCare() ? "care" : "refuse", style) + ": "
                    + Text.oneLine(refuse.category().name()) + style.dim(rule);
        }
        if (decision instanceof Decision.Respond) {
            return style.answer("respond") + style.dim(rule);
        }
        return style.warning("model") + ": neither answers nor refuses by a label" + style.dim(rule);
    }

    /** What decides, and in which model where that is not the one that answers. */
    public static String readout(Demur demur) {
        String description = Text.oneLine(demur.readout().description());
        return demur.model() == demur.decidingModel()
                ? description
                : description + ", in "
                        + Text.oneLine(String.valueOf(
                                demur.decidingModel().file().path().getFileName()));
    }

    /** The warning over probabilities that are no basis for a decision; null where they are one. */
    public static @Nullable String coverageWarning(Decision decision) {
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
