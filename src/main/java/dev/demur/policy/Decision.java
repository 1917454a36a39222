package dev.demur.policy;

import dev.demur.arguments.Given;

/** What becomes of a prompt, and every number that it was made from. */
public sealed interface Decision permits Decision.Refuse, Decision.Respond, Decision.Model {

    /** Whether the policy chose. False where it left the choice to the model, whose own then stands. */
    boolean forced();

    /** The rule that decided. */
    Rule rule();

    /** The probabilities and logits of the labels that it decided by. */
    Reading reading();

    /** {@code refuse}, {@code respond} or {@code model}, as in JSON. */
    String kind();

    /** The prompt is refused as one of a category. */
    record Refuse(Category category, boolean forced, Rule rule, Reading reading) implements Decision {
        public Refuse {
            Given.value(category, "category");
            Given.value(rule, "rule");
            Given.value(reading, "reading");
        }

        @Override
        public String kind() {
            return "refuse";
        }
    }

    /** The prompt is answered. */
    record Respond(boolean forced, Rule rule, Reading reading) implements Decision {
        public Respond {
            Given.value(rule, "rule");
            Given.value(reading, "reading");
        }

        @Override
        public String kind() {
            return "respond";
        }
    }

    /** The model goes on by itself, having chosen none of the labels; only {@code top-category} allows that. */
    record Model(Rule rule, Reading reading) implements Decision {
        public Model {
            Given.value(rule, "rule");
            Given.value(reading, "reading");
        }

        @Override
        public boolean forced() {
            return false;
        }

        @Override
        public String kind() {
            return "model";
        }
    }
}
