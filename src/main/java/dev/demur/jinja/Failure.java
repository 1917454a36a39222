package dev.demur.jinja;

import dev.demur.jinja.JinjaException.Reason;
import java.io.Serial;

/** A {@link JinjaException} before anyone has said at which line. */
final class Failure extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final String problem;

    Failure(Reason reason, String problem) {
        super(problem, null, false, false);
        this.reason = reason;
        this.problem = problem;
    }

    static Failure value(String problem) {
        return new Failure(Reason.VALUE, problem);
    }

    static Failure undefined(String problem) {
        return new Failure(Reason.UNDEFINED, problem);
    }

    static Failure limit(String problem) {
        return new Failure(Reason.LIMIT, problem);
    }

    static Failure unknown(String problem) {
        return new Failure(Reason.UNKNOWN, problem);
    }

    JinjaException at(int line) {
        return new JinjaException(reason, line, problem);
    }
}
