package dev.demur.grammar;

import dev.demur.DemurException;
import java.io.Serial;

/** A text can be read in so many ways by a grammar that following them all would take too long. */
public final class AmbiguousGrammarException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    AmbiguousGrammarException() {
        super(
                "the grammar can read the text in too many ways at once: let the alternatives of its rules differ sooner");
    }
}
