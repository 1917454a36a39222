package dev.demur.scoring.pass;

import dev.demur.LoadOptions;
import dev.demur.llama.Device;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.LlamaRuntime;
import java.util.function.IntSupplier;

/**
 * How prompts are spread over the machine.
 *
 * @param contexts how many of them compute side by side
 * @param threads of each
 * @param sequences the most prompts of one decode
 */
public record ScoringPlan(int contexts, int threads, int sequences) {

    /**
     * On processors one prompt is decoded at a time. Several in one decode took 0.84 to 0.92 of the time with demur-tiny, but its
     * numbers then depend on the company, by up to 1e-4, so that a part of a data set would not have the scores of the whole. A
     * GPU is bound by reading the weights.
     */
    public static final int MOST_SEQUENCES = 16;

    public ScoringPlan {
        if (contexts < 1 || threads < 1 || sequences < 1) {
            throw new IllegalArgumentException(contexts + " contexts, " + threads + " threads and " + sequences
                    + " sequences: each is at least 1");
        }
    }

    /**
     * The plan for this model here. On processors that is one single-threaded context for each, unless llama.cpp is of a
     * release whose contexts wait for one another.
     *
     * @param threads how many threads compute for one context
     */
    public static ScoringPlan of(LlamaModel model, LoadOptions options, IntSupplier threads) {
        LlamaRuntime.Description llama = model.runtime().describe();
        int processors =
                options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
        if (model.devices().stream().anyMatch(Device::isGpu)) {
            return new ScoringPlan(1, processors, MOST_SEQUENCES);
        }
        if (llama.concurrentDecodes()) {
            return new ScoringPlan(processors, 1, 1);
        }
        return new ScoringPlan(1, threads.getAsInt(), 1);
    }
}
