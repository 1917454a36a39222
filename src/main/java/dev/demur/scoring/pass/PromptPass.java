package dev.demur.scoring.pass;

import dev.demur.LoadOptions;
import dev.demur.internal.LoadSizes;
import dev.demur.llama.internal.FreeProcessors;
import dev.demur.llama.internal.LlamaModel;
import java.io.IOException;

/**
 * One pass of a model over many prompts, as fast as the machine allows, each prompt decoded once and read at its end.
 *
 * <p>What is read does not depend on how many processors there are, nor on which rows are wanted. For one thread at a time. The
 * model stays the caller's.
 *
 * @param <R> the rows
 * @param <T> what is read of each
 */
public final class PromptPass<R extends PromptRow, T> {

    private final LlamaModel model;
    private final ScoringPlan plan;
    private final PromptTask<R, T> task;

    /** A pass of a model that was loaded with these options. */
    public PromptPass(LlamaModel model, LoadOptions options, PromptTask<R, T> task) {
        this(model, ScoringPlan.of(model, options, () -> threads(model, options)), task);
    }

    private static int threads(LlamaModel model, LoadOptions options) {
        return new LoadSizes(options).threads(model.file().fileSize(), FreeProcessors.watch()::count);
    }

    /** With a plan other than the one that suits model and machine. */
    public PromptPass(LlamaModel model, ScoringPlan plan, PromptTask<R, T> task) {
        this.model = model;
        this.plan = plan;
        this.task = task;
    }

    /**
     * Reads the rows that the sink wants. Holds a bounded number of rows at a time.
     *
     * @throws IOException if the rows cannot be read on, or from the sink
     * @throws InterruptedException if the thread is interrupted: the pass ends after the decodes that are under way
     * @throws dev.demur.llama.LlamaException if llama.cpp fails
     */
    public void run(PromptRows<R> rows, PassSink<R, T> sink) throws IOException, InterruptedException {
        try (ScoringRun<R, T> run = new ScoringRun<>(rows, sink, plan, () -> new PromptDecoder<>(model, plan, task))) {
            run.run();
        }
    }
}
