package dev.demur.policy;

import java.util.List;

/** The control tokens of the paper's two kinds of models. */
public final class PaperTokens {

    public static final ControlTokens CATEGORIES = new ControlTokens(
            List.of(
                    new Category("humanizing", "[Humanizing requests]", "Humanizing requests"),
                    new Category("incomplete", "[Incomplete requests]", "Incomplete requests"),
                    new Category("indeterminate", "[Indeterminate requests]", "Indeterminate requests"),
                    new Category("safety", "[Requests with safety concerns]", "Requests with safety concerns"),
                    new Category("unsupported", "[Unsupported requests]", "Unsupported requests")),
            List.of(100, 101, 102, 103, 104),
            "[respond]",
            105);

    public static final ControlTokens ONE_TOKEN =
            new ControlTokens(List.of(new Category("refuse", "[refuse]", "Refuse")), List.of(200), "[respond]", 201);

    private PaperTokens() {}
}
