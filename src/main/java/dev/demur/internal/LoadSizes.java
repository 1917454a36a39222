package dev.demur.internal;

import dev.demur.LoadOptions;
import java.util.function.IntSupplier;

/** What options that leave it open come to, for a model and on this machine. */
public record LoadSizes(LoadOptions options) {

    /** Below this size a second thread slowed generation down wherever it was measured, and much on a busy machine. */
    private static final long ONE_THREAD_BYTES = 32L << 20;

    /**
     * The threads to use for a model of that size.
     *
     * @param freeProcessors how many processors there are for it now; asked only where that matters
     */
    public int threads(long modelBytes, IntSupplier freeProcessors) {
        if (options.threads() > 0) {
            return options.threads();
        }
        return modelBytes < ONE_THREAD_BYTES ? 1 : Math.max(1, freeProcessors.getAsInt());
    }

    /** The context size to use for a model that was trained for {@code trained} tokens. */
    public int contextSize(int trained) {
        return options.contextSize() > 0 ? options.contextSize() : Math.min(trained, LoadOptions.DEFAULT_CONTEXT_SIZE);
    }

    /** How many tokens the cache of a model holds that was trained for {@code trained} tokens: one context's at least. */
    public int cacheTokens(int trained) {
        int size = contextSize(trained);
        long asked = options.cacheTokens() > 0
                ? options.cacheTokens()
                : (long) options.parallel() * Math.min(size, LoadOptions.CACHE_TOKENS_EACH);
        return (int) Math.min(Integer.MAX_VALUE, Math.max(size, asked));
    }
}
