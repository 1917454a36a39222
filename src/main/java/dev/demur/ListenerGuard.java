package dev.demur;

import java.util.function.Supplier;

/** Keeps a listener from asking the model that is calling it: its thread may be the one that decodes. */
final class ListenerGuard {

    /** Whether a call is under way on the thread: its listener may be what is asking. */
    private final ThreadLocal<Boolean> calling = new ThreadLocal<>();

    /** Makes a call that no listener of another may make. */
    <T> T run(Supplier<T> call) {
        requireNoListener();
        calling.set(true);
        try {
            return call.get();
        } finally {
            calling.remove();
        }
    }

    /**
     * Checks who asks.
     *
     * @throws IllegalStateException if it is a listener
     */
    void requireNoListener() {
        if (calling.get() != null) {
            throw new IllegalStateException(
                    "a listener must not ask the model that is calling it: ask when generate has"
                            + " returned, or in a conversation of its own");
        }
    }
}
