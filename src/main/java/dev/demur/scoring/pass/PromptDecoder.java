package dev.demur.scoring.pass;

import dev.demur.DemurException;
import dev.demur.llama.LlamaException;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes prompts for one thread: short ones together, long ones one at a time in a context that grows with the longest
 * so far, because the memory of one for all that a model can take would not be there for each processor.
 */
final class PromptDecoder<R extends PromptRow, T> implements AutoCloseable {

    /** The most tokens of a prompt that shares a decode; llama.cpp gives no sequence fewer. */
    private static final int SHORT = 256;

    private static final int BATCH = 512;

    private final LlamaModel model;
    private final ScoringPlan plan;
    private final PromptTask<R, T> task;
    private @Nullable ReadContext<T> together;
    private @Nullable ReadContext<T> alone;

    /** Makes no context yet. */
    PromptDecoder(LlamaModel model, ScoringPlan plan, PromptTask<R, T> task) {
        this.model = model;
        this.plan = plan;
        this.task = task;
    }

    /** What was read of a prompt, or why nothing was. */
    record Outcome<T>(@Nullable T numbers, @Nullable String problem) {}

    /** A context with what reads on it. */
    private record ReadContext<T>(LlamaContext context, PromptTask.Reader<T> reader) implements AutoCloseable {
        @Override
        public void close() {
            context.close();
        }
    }

    /**
     * The numbers of each prompt, in the order given. Which prompts share a decode follows from the texts alone.
     *
     * @throws LlamaException if llama.cpp fails for reasons that no single prompt is to blame for
     */
    List<Outcome<T>> read(List<R> rows) {
        List<Outcome<T>> outcomes = new ArrayList<>(Collections.nCopies(rows.size(), new Outcome<>(null, null)));
        List<Integer> places = new ArrayList<>();
        List<EncodedPrompt> shortOnes = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            try {
                EncodedPrompt prompt = encode(rows.get(i));
                if (plan.sequences() > 1 && prompt.longest() <= SHORT) {
                    places.add(i);
                    shortOnes.add(prompt);
                } else {
                    outcomes.set(i, readAlone(prompt));
                }
            } catch (LlamaException e) {
                throw e; // ends all of it
            } catch (DemurException e) {
                outcomes.set(i, new Outcome<>(null, String.valueOf(e.getMessage())));
            }
        }
        readTogether(shortOnes, places, outcomes);
        return outcomes;
    }

    private EncodedPrompt encode(R row) {
        EncodedPrompt prompt = task.encode(row);
        if (prompt.longest() > task.longest()) {
            throw new DemurException("the prompt has " + prompt.longest() + " tokens, more than the " + task.longest()
                    + " of the context: shorten it or raise the context size");
        }
        return prompt;
    }

    private void readTogether(List<EncodedPrompt> prompts, List<Integer> places, List<Outcome<T>> outcomes) {
        List<int[]> ids = EncodedPrompt.ids(prompts);
        int count;
        for (int first = 0; first < prompts.size(); first += count) {
            ReadContext<T> context = together();
            count = context.context.fitting(ids, first);
            List<EncodedPrompt> batch = prompts.subList(first, first + count);
            decode(context, batch);
            try {
                for (int i = 0; i < count; i++) {
                    outcomes.set(places.get(first + i), read(context, i));
                }
            } catch (LlamaException e) {
                requireLogitsFailure(e);
                // A NaN in the memory reaches all that share it, and all that come after.
                context.close();
                together = null;
                for (int i = 0; i < count; i++) {
                    outcomes.set(places.get(first + i), readAlone(batch.get(i)));
                }
            }
        }
    }

    private Outcome<T> readAlone(EncodedPrompt prompt) {
        ReadContext<T> context = alone(prompt.longest());
        decode(context, List.of(prompt));
        try {
            return read(context, 0);
        } catch (LlamaException e) {
            requireLogitsFailure(e);
            context.close();
            alone = null;
            return new Outcome<>(null, String.valueOf(e.getMessage()));
        }
    }

    /** Each prompt in a sequence of its own, from what it has in common with the others on. */
    private void decode(ReadContext<T> context, List<EncodedPrompt> prompts) {
        context.reader.prepare(prompts.size());
        context.context.beginAnew(); // what was decoded before may show in the rounding, even in other sequences
        for (int i = 0; i < prompts.size(); i++) {
            int held = context.context.begin(i, prompts.get(i).ids());
            context.reader.hold(i, prompts.get(i), held);
        }
        context.context.decode(EncodedPrompt.ids(prompts), 0);
    }

    private Outcome<T> read(ReadContext<T> context, int sequence) {
        return new Outcome<>(context.reader.read(sequence), null);
    }

    private static void requireLogitsFailure(LlamaException e) {
        if (e.reason() != LlamaException.Reason.LOGITS) {
            throw e;
        }
    }

    private ReadContext<T> together() {
        if (together == null) {
            together = create(SHORT, plan.sequences());
        }
        return together;
    }

    /** Doubles, so that few contexts are made for growing prompts. */
    private ReadContext<T> alone(int length) {
        ReadContext<T> context = alone;
        if (context == null || context.context.size() < length) {
            int size = BATCH;
            while (size < length) {
                size *= 2;
            }
            if (context != null) {
                context.close();
            }
            context = create(Math.min(size, task.longest()), 1);
            alone = context;
        }
        return context;
    }

    private ReadContext<T> create(int size, int sequences) {
        LlamaContext context = LlamaContext.create(model, size, BATCH, sequences, plan.threads());
        try {
            context.shareBeginning(shared(size));
            return new ReadContext<>(context, task.reader(context));
        } catch (Throwable e) {
            context.close();
            throw e;
        }
    }

    /** The beginning, where a context of this size has room for it and for more. */
    private int[] shared(int size) {
        return task.beginning().length < size ? task.beginning() : new int[0];
    }

    @Override
    public void close() {
        if (together != null) {
            together.close();
        }
        if (alone != null) {
            alone.close();
        }
    }
}
