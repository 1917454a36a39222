package dev.demur.cli;

import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.policy.Decision;
import java.nio.charset.StandardCharsets;

/** What a person is told about an answer besides its text. */
final class AnswerText {

    private AnswerText() {}

    /** The text of the decision's token. */
    static String ofToken(Demur demur, Decision decision) {
        return new String(demur.model().piece(decision.token(), true), StandardCharsets.UTF_8);
    }

    /** Warns of probabilities that are no basis for a decision. */
    static void warnOfCoverage(Terminal terminal, Decision decision) {
        String warning = DecisionText.coverageWarning(decision);
        if (warning != null) {
            Warning.show(terminal, warning);
        }
    }

    /** Says that an answer ended at its token limit, or at the end of the context. */
    static void noteCut(Terminal terminal, Generation generation) {
        terminal.error(terminal.errStyle()
                .dim("(cut after " + generation.timings().generatedTokens()
                        + " tokens: --max-tokens and --ctx set how long an answer may be)"));
    }
}
