package dev.demur.readout.words;

import dev.demur.policy.Labels;

/**
 * How a model is asked for its judgement, and which words of its answer mean which label. {@link FrameFile} reads one from JSON and
 * says what each field means; {@link Frames} has those that come with Demur.
 *
 * <p>Demur alone makes these; later versions may tell more. Immutable and thread-safe.
 */
public interface Frame {

    /** The {@link dev.demur.policy.ReadoutIdentity#kind} of every frame. */
    String KIND = "words";

    /** What people call it. */
    String name();

    /** The labels that there are numbers of: the categories in the order of the frame, and respond. */
    Labels labels();

    /** Tells frames apart: what they ask and read, not their names. */
    String checksum();

    /** Whether it judges the reply that a conversation ends with, and not whether to answer a message. */
    boolean judgesReply();
}
