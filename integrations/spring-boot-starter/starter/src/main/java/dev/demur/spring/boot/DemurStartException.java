package dev.demur.spring.boot;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Demur cannot be configured as the properties say; Spring Boot shows what {@link DemurFailureAnalyzer} makes of it. */
public final class DemurStartException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final String property;
    private final String action;

    DemurStartException(String property, String problem, String action, @Nullable Throwable cause) {
        super(problem, cause);
        this.property = property;
        this.action = action;
    }

    /** The property that is wrong, or that most likely is. */
    public String property() {
        return property;
    }

    /** What to do about it. */
    public String action() {
        return action;
    }
}
