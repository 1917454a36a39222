package dev.demur.evaluation;

import dev.demur.arguments.Given;
import dev.demur.statistics.Rate;

/**
 * How often the text says what the token before it decided, for the prompts that were decided alike.
 *
 * @param decided a category's id, {@code respond}, or {@code model} for the model's own tokens
 * @param refusing replies of the model that refuse
 * @param answering replies of the model that do not
 * @param empty replies of the model without a word, which are neither
 * @param fixed replies that the policy fixes, which tell nothing about the model
 * @param agreement of {@code refusing} and {@code answering}, the share that says what the token decided; no rows where the
 *     model's own token decided, which decides nothing
 */
public record TextAgreement(String decided, int refusing, int answering, int empty, int fixed, Rate agreement) {

    static final String MODEL = "model";

    public TextAgreement {
        Given.value(decided, "decided");
        Given.value(agreement, "agreement");
    }

    /** All prompts that were decided so. */
    public int rows() {
        return refusing + answering + empty + fixed;
    }
}
