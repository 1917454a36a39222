package dev.demur.cli;

import dev.demur.policy.Category;
import dev.demur.policy.ControlTokens;

/** A model's categories in messages. */
final class Categories {

    private Categories() {}

    /** The ids, separated by commas. */
    static String ids(ControlTokens tokens) {
        StringBuilder ids = new StringBuilder();
        for (Category category : tokens.categories()) {
            ids.append(ids.isEmpty() ? "" : ", ").append(category.id());
        }
        return ids.toString();
    }

    /** The texts of all control tokens, separated by commas. */
    static String texts(ControlTokens tokens) {
        StringBuilder texts = new StringBuilder();
        for (Category category : tokens.categories()) {
            texts.append(category.token()).append(", ");
        }
        return texts.append(tokens.respondText()).toString();
    }
}
