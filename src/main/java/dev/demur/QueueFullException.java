package dev.demur;

import java.io.Serial;

/** So many calls wait for their turn already that one more would only wait; the options of the load say how many that is. */
public final class QueueFullException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    public QueueFullException(int waiting) {
        super(waiting + " calls wait for their turn, as many as may: ask again later, or raise the number"
                + " (LoadOptions.withQueueLimit)");
    }
}
