package dev.demur.llama;

import java.util.Locale;

/** Where the logits of a context are read. */
public enum Processing {
    /** The rows come to the host, and a {@link Kernel} reads them there. */
    HOST,
    /**
     * The device that computes reads the tokens that decide and chooses the token that follows, and only these numbers come
     * to the host, where the policy decides from them. Probabilities have the device's single precision.
     */
    IN_GRAPH;

    /** {@code host} or {@code in-graph}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
