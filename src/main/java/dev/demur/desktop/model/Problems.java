package dev.demur.desktop.model;

import dev.demur.DemurException;
import java.io.IOException;

/** What a person is told of what went wrong. */
public final class Problems {

    private Problems() {}

    /** In a sentence or two; the stack trace of what nobody foresaw goes to the log. */
    public static String text(Throwable failure, Texts texts) {
        String message = failure.getMessage();
        if (failure instanceof OutOfMemoryError) {
            return texts.get("problem.memory");
        }
        boolean foreseen = failure instanceof DemurException || failure instanceof IOException;
        if (foreseen && message != null && !message.isBlank()) {
            return message;
        }
        System.getLogger("dev.demur").log(System.Logger.Level.ERROR, "unexpected", failure);
        return texts.get("problem.unexpected", failure);
    }
}
