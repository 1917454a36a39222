package dev.demur.jinja;

import dev.demur.DemurException;
import java.io.Serial;

/** A template that cannot be read or rendered; the message names the line and the problem. */
public final class JinjaException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    private static final int LONGEST_PROBLEM = 2000;

    /** Why a template was not rendered. */
    public enum Reason {
        /** The template is no Jinja. */
        SYNTAX,
        /** The template uses a filter, test, method or tag that is not known here. */
        UNKNOWN,
        /** The template needs a variable, item or attribute that is not there. */
        UNDEFINED,
        /** The template does with a value what its type or content does not allow. */
        VALUE,
        /** The template asks for what templates may not have: to change a list or to look inside an object. */
        FORBIDDEN,
        /** The template does more than it may: steps, text, items or nesting. */
        LIMIT,
        /** The template itself refuses this conversation, in its own words. */
        RAISED
    }

    private final Reason reason;
    private final int line;
    private final String problem;

    JinjaException(Reason reason, int line, String problem) {
        super("chat template, line " + line + ": " + shortened(problem));
        this.reason = reason;
        this.line = line;
        this.problem = shortened(problem);
    }

    private static String shortened(String problem) {
        return problem.length() <= LONGEST_PROBLEM ? problem : problem.substring(0, LONGEST_PROBLEM) + "…";
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** The line of the template, counted from 1. */
    public int line() {
        return line;
    }

    /** The problem without the line; what the template says where it raised the exception itself. */
    public String problem() {
        return problem;
    }
}
