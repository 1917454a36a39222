package dev.demur.calibration;

import dev.demur.LoadOptions;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.LlamaRuntime;

/**
 * How prompts are spread over the machine.
 *
 * @param contexts how many of them compute side by side
 * @param threads of each
 * @param sequences the most prompts of one decode
 */
record ScoringPlan(int contexts, int threads, int sequences) {

    /**
     * On processors the arithmetic of a single prompt is the bound already: measured, several in one decode gained
     * nothing. A GPU is bound by reading the weights.
     */
    private static final int SEQUENCES_ON_GPU = 16;

    /** One computes while the other turns text into tokens and reads logits. */
    private static final int TAKING_TURNS = 2;

    ScoringPlan {
        if (contexts < 1 || threads < 1 || sequences < 1) {
            throw new IllegalArgumentException(contexts + " contexts, " + threads + " threads and " + sequences
                    + " sequences: each is at least 1");
        }
    }

    /** The plan for this model here: on processors one single-threaded context for each, if llama.cpp allows it. */
    static ScoringPlan of(LlamaModel model, LoadOptions options) {
        LlamaRuntime.Description llama = model.runtime().describe();
        int processors =
                options.threads() > 0 ? options.threads() : Runtime.getRuntime().availableProcessors();
        int turns = Math.min(TAKING_TURNS, processors);
        boolean gpu = options.gpuLayers() != 0
                && llama.devices().stream().anyMatch(device -> device.type().endsWith("gpu"));
        if (gpu) {
            return new ScoringPlan(turns, processors, SEQUENCES_ON_GPU);
        }
        if (llama.concurrentDecodes()) {
            return new ScoringPlan(processors, 1, 1);
        }
        return new ScoringPlan(turns, options.threadsOrDefault(model.file().fileSize()), 1);
    }
}
