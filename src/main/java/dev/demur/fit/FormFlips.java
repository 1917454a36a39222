package dev.demur.fit;

import dev.demur.arguments.Given;

/**
 * How often a harmless form changes a decision, among prompts that no head which decided had seen.
 *
 * @param form how the prompts are put
 * @param prompts how many were decided in both forms
 * @param flips how many of them the default policy decides otherwise in this form: refused, or refused no more
 */
public record FormFlips(Form form, int prompts, int flips) {

    public FormFlips {
        Given.value(form, "form");
    }
}
