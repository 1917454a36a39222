package dev.demur;

/**
 * How many calls may wait for their turn, and what one does that finds as many waiting. A call that brings several requests is
 * one.
 *
 * @param calls how many; 1 or more
 * @param waits whether it waits for a place, in its order; else it fails at once with a {@link
 *     dev.demur.QueueFullException}
 */
public record QueueLimit(int calls, boolean waits) {

    /** Whoever comes waits. */
    public static final QueueLimit NONE = new QueueLimit(Integer.MAX_VALUE, true);

    public QueueLimit {
        if (calls < 1) {
            throw new IllegalArgumentException("the queue's limit is " + calls + ": it must be 1 or more calls");
        }
    }

    /** A call that finds so many waiting fails. */
    public static QueueLimit failing(int calls) {
        return new QueueLimit(calls, false);
    }

    /** A call that finds so many waiting waits for a place; what waits already keeps its requests in memory, and it does not. */
    public static QueueLimit waiting(int calls) {
        return new QueueLimit(calls, true);
    }
}
