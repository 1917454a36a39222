package dev.demur.spring;

import dev.demur.policy.Decision;
import java.time.Duration;

/**
 * Hears of what a {@link DemurTemplate} decides, on the thread that asked. It must be quick and must not ask the model
 * anything; what it throws reaches whoever asked.
 */
public interface DecisionListener {

    /**
     * A decision was made.
     *
     * @param took from the request to the decision, the wait for other requests included
     */
    void decided(Decision decision, Duration took);

    /** A request failed, before or after its decision; one that was cancelled did not fail. */
    default void failed(Throwable failure) {}
}
