package dev.demur.policy;

import dev.demur.readout.DecisionTokens;
import java.util.List;

/** The control tokens of the paper's two kinds of models. */
public final class PaperTokens {

    public static final DecisionTokens CATEGORIES = new DecisionTokens(
            new Labels(List.of(
                    new Category("humanizing", "Humanizing requests"),
                    new Category("incomplete", "Incomplete requests"),
                    new Category("indeterminate", "Indeterminate requests"),
                    new Category("safety", "Requests with safety concerns"),
                    new Category("unsupported", "Unsupported requests"))),
            List.of(
                    "[Humanizing requests]",
                    "[Incomplete requests]",
                    "[Indeterminate requests]",
                    "[Requests with safety concerns]",
                    "[Unsupported requests]",
                    "[respond]"),
            List.of(100, 101, 102, 103, 104, 105));

    public static final DecisionTokens ONE_TOKEN = new DecisionTokens(
            new Labels(List.of(new Category("refuse", "Refuse"))), List.of("[refuse]", "[respond]"), List.of(200, 201));

    private PaperTokens() {}

    /** A rule with 0.5 everywhere, for the readout of these tokens. */
    public static RefusalPolicy defaults(DecisionTokens tokens, Rule rule) {
        return RefusalPolicy.defaults(tokens.labels(), tokens.identity(), rule);
    }
}
