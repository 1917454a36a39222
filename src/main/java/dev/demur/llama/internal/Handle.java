package dev.demur.llama.internal;

import java.util.function.LongConsumer;

/**
 * A native object that Java owns: freed once, and only after the calls that are inside it have returned.
 *
 * <p>Every call brackets its use with {@link #acquire} and {@link #release}. {@link #close} never waits: where calls
 * are under way the last of them frees.
 */
final class Handle {

    private final String name;
    private final long address;
    private final LongConsumer free;
    private int users;
    private boolean closed;

    Handle(String name, long address, LongConsumer free) {
        this.name = name;
        this.address = address;
        this.free = free;
    }

    /** The address, for a use that {@link #release} ends. */
    synchronized long acquire() {
        requireOpen();
        users++;
        return address;
    }

    /** Throws an {@link IllegalStateException} if this is closed. */
    synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException(name + " is closed");
        }
    }

    void release() {
        boolean last;
        synchronized (this) {
            users--;
            last = closed && users == 0;
        }
        if (last) {
            free.accept(address);
        }
    }

    void close() {
        boolean now;
        synchronized (this) {
            now = !closed && users == 0;
            closed = true;
        }
        if (now) {
            free.accept(address);
        }
    }
}
