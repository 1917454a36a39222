package dev.demur.cli.ask;

import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.WordWrap;
import dev.demur.internal.Internals;
import dev.demur.llama.Processing;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.nio.charset.StandardCharsets;

/** What a person is told about an answer besides its text. */
public final class AnswerText {

    private AnswerText() {}

    /** The text of a token, special ones too. */
    public static String ofToken(Demur demur, int token) {
        return new String(Internals.of(demur).model().piece(token, true), StandardCharsets.UTF_8);
    }

    /**
     * Shows a decision with the chart of what it was made from, and what would have let a refused prompt through.
     *
     * @param columns of the terminal; 0 where that is not known
     * @param inChat whether commands of a chat are advised in place of options
     */
    public static void showDecision(
            Terminal terminal, Decision decision, RefusalPolicy policy, int columns, boolean inChat) {
        Style style = terminal.errStyle();
        int width = columns == 0 ? ProbabilityChart.WIDTH : Math.min(columns, ProbabilityChart.WIDTH);
        for (String line : DecisionText.lines(decision, policy, style, width)) {
            terminal.error(line);
        }
        showHint(terminal, decision, policy, columns, inChat);
    }

    /** Only the second half of {@link #showDecision}. */
    public static void showHint(
            Terminal terminal, Decision decision, RefusalPolicy policy, int columns, boolean inChat) {
        Style style = terminal.errStyle();
        String hint = AnswerHint.of(decision, policy, style, inChat);
        if (hint != null) {
            StringBuilder lines = new StringBuilder();
            WordWrap wrap = new WordWrap(() -> columns, lines::append);
            wrap.text("(" + hint + ")");
            wrap.end();
            lines.toString().lines().map(style::dim).forEach(terminal::error);
        }
    }

    /** Warns of probabilities that are no basis for a decision. */
    public static void warnOfCoverage(Terminal terminal, Decision decision) {
        String warning = DecisionText.coverageWarning(decision);
        if (warning != null) {
            Warning.show(terminal, warning);
        }
    }

    /** Warns of logits that were to be read by backend sampling and were not. */
    public static void warnOfProcessing(Terminal terminal, Processing asked, Generation generation) {
        if (asked == Processing.IN_GRAPH && generation.processing() == Processing.HOST) {
            Warning.show(
                    terminal,
                    "the logits were read on the host: --processing in-graph needs a llama.cpp with backend samplers, which"
                            + " demur doctor tells of, and an answer that is drawn greedily and without a grammar");
        }
    }

    /** Says that an answer ended at its token limit, or at the end of the context. */
    public static void noteCut(Terminal terminal, Generation generation) {
        terminal.error(terminal.errStyle()
                .dim("(cut after " + generation.timings().generatedTokens()
                        + " tokens: --max-tokens and --ctx set how long an answer may be)"));
    }
}
