package dev.demur.policy;

import dev.demur.arguments.Given;

/**
 * What becomes of a prompt, and every number that it was made from: {@link Refuse} (or care, for who is in distress), {@link Respond}
 * or {@link Model}. Immutable.
 */
public sealed interface Decision permits Decision.Refuse, Decision.Respond, Decision.Model {

    /**
     * Whether the policy made the decision. False where it left it to the model, as the rule {@code top-category} does where the likeliest
     * category has no threshold: what the model would have said by itself then stands.
     */
    boolean forced();

    /** The rule that decided. */
    Rule rule();

    /** The probabilities and logits of the labels that it decided by. */
    Reading reading();

    /** {@code refuse}, {@code respond} or {@code model}, as in JSON. */
    String kind();

    /**
     * The prompt is not answered, but replied to as one of a category. That is a refusal, unless the category {@linkplain
     * Category#isCare cares}: who is in distress ({@value Category#DISTRESS}) gets a reply that cares and no refusal. What counts
     * refusals or shows them should ask {@code category().isCare()} first.
     *
     * @param category what kind of request it is
     * @param forced as {@link Decision#forced}
     * @param rule the rule that decided
     * @param reading the numbers that it decided by
     */
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

    /**
     * The prompt is answered.
     *
     * @param forced as {@link Decision#forced}
     * @param rule the rule that decided
     * @param reading the numbers that it decided by
     */
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

    /**
     * The model goes on by itself, having chosen none of the labels; only {@code top-category} allows that.
     *
     * @param rule the rule that left it to the model
     * @param reading the numbers that it looked at
     */
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
