package dev.demur;

/**
 * How many calls may wait for their turn, and what becomes of one more: it fails, or waits until there is room. A call waits
 * while all places are taken ({@link LoadOptions#parallel}); one that brings several requests counts once. The default is {@link #NONE}.
 *
 * @param calls how many; 1 or more
 * @param waits whether it waits for a place, in its order; else it fails at once with a {@link
 *     dev.demur.QueueFullException}
 */
public record QueueLimit(int calls, boolean waits) {

    /** No limit: whoever comes waits. */
    public static final QueueLimit NONE = new QueueLimit(Integer.MAX_VALUE, true);

    public QueueLimit {
        if (calls < 1) {
            throw new IllegalArgumentException("the queue's limit is " + calls + ": it must be 1 or more calls");
        }
    }

    /** A call that finds so many waiting fails with a {@link QueueFullException}. */
    public static QueueLimit failing(int calls) {
        return new QueueLimit(calls, false);
    }

    /** A call that finds so many waiting waits for a place; what waits already keeps its requests in memory, and it does not. */
    public static QueueLimit waiting(int calls) {
        return new QueueLimit(calls, true);
    }
}
