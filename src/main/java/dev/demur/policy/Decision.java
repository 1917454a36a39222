package dev.demur.policy;

/**
 * What becomes of a prompt: the first token of the answer, whether it was forced, and every number it was made from.
 */
public sealed interface Decision permits Decision.Refuse, Decision.Respond, Decision.ModelToken {

    /** The id of the first token of the answer. */
    int token();

    /**
     * Whether the policy chose the token. False where it left the choice to the model, whose argmax then stands; it is
     * never sampled.
     */
    boolean forced();

    /** The rule that decided. */
    Rule rule();

    /** The probabilities and logits of the control tokens that it decided by. */
    Readout readout();

    /** {@code refuse}, {@code respond} or {@code model}, as in JSON. */
    String kind();

    /** The model refuses, with the token of a category. */
    record Refuse(Category category, int token, boolean forced, Rule rule, Readout readout) implements Decision {
        @Override
        public String kind() {
            return "refuse";
        }
    }

    /** The model answers. */
    record Respond(int token, boolean forced, Rule rule, Readout readout) implements Decision {
        @Override
        public String kind() {
            return "respond";
        }
    }

    /** The model goes on with a token of its own that is no control token; only {@code top-category} allows that. */
    record ModelToken(int token, Rule rule, Readout readout) implements Decision {
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
