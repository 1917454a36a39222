package dev.demur.llama.internal;

import org.jspecify.annotations.Nullable;

/** What a sequence goes on with. */
public interface DecodeStep {

    /** Its number. */
    int sequence();

    /** The token to be decoded after those that it holds. */
    int token();

    /**
     * What draws the token that follows, for this sequence alone; null where {@link LlamaContext#processing} is in the
     * graph, which takes the likeliest that is none of those that are read.
     */
    @Nullable
    Sampler sampler();
}
