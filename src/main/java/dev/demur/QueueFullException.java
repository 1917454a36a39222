package dev.demur;

import java.io.Serial;

/**
 * As many calls wait for their turn already as {@link LoadOptions#queueLimit} allows, and this one was not taken. Nothing of it was
 * decided or decoded: it may be made again later. Thrown only where that limit {@linkplain QueueLimit#failing fails}.
 */
public final class QueueFullException extends DemurException {

    @Serial
    private static final long serialVersionUID = 1L;

    /** So many calls wait. */
    public QueueFullException(int waiting) {
        super(waiting + " calls wait for their turn, as many as may: ask again later, or raise the number"
                + " (LoadOptions.withQueueLimit)");
    }
}
