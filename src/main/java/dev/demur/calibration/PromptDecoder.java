package dev.demur.calibration;

import dev.demur.llama.EncodedPrompt;
import dev.demur.llama.LlamaContext;
import dev.demur.llama.LlamaException;
import dev.demur.llama.LlamaModel;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.ReadingContext;
import dev.demur.readout.Readout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decodes prompts for one thread: short ones together, long ones one at a time in a context that grows with the longest
 * so far, because the memory of one for all that a model can take would not be there for each processor.
 */
final class PromptDecoder implements AutoCloseable {

    /** The most tokens of a prompt that shares a decode; llama.cpp gives no sequence fewer. */
    private static final int SHORT = 256;

    private static final int BATCH = 512;

    private final LlamaModel model;
    private final ScoringPlan plan;
    private final Task task;
    private @Nullable ReadingContext together;
    private @Nullable ReadingContext alone;

    /** Makes no context yet. */
    PromptDecoder(LlamaModel model, ScoringPlan plan, Task task) {
        this.model = model;
        this.plan = plan;
        this.task = task;
    }

    /**
     * What is to be done with every prompt.
     *
     * @param encoder turns a prompt's text into tokens; an IllegalArgumentException is the prompt's fault
     * @param beginning the tokens that most prompts begin with
     * @param longest the most tokens of a prompt
     * @param readout what reads the numbers
     * @param temperature &tau; of the softmax
     */
    record Task(
            Function<String, EncodedPrompt> encoder,
            int[] beginning,
            int longest,
            Readout readout,
            double temperature) {

        /** What a reader is told before each decode: only the temperature counts. */
        Rules rules() {
            return RefusalPolicy.defaults(readout.labels(), readout.identity(), Rule.THRESHOLD)
                    .withTemperature(temperature)
                    .bind(readout.labels());
        }
    }

    /** What was read of a prompt, or why nothing was. */
    record Outcome(@Nullable Reading reading, @Nullable String problem) {}

    /**
     * The numbers of each prompt, in the order given. Which prompts share a decode follows from the texts alone.
     *
     * @throws LlamaException if llama.cpp fails for reasons that no single prompt is to blame for
     */
    List<Outcome> score(List<String> texts) {
        Outcome[] outcomes = new Outcome[texts.size()];
        List<Integer> shortOnes = new ArrayList<>();
        List<EncodedPrompt> shortPrompts = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            try {
                EncodedPrompt prompt = encode(texts.get(i));
                if (plan.sequences() > 1 && prompt.longest() <= SHORT) {
                    shortOnes.add(i);
                    shortPrompts.add(prompt);
                } else {
                    outcomes[i] = scoreAlone(prompt);
                }
            } catch (IllegalArgumentException e) {
                outcomes[i] = new Outcome(null, String.valueOf(e.getMessage()));
            }
        }
        scoreTogether(shortPrompts, shortOnes, outcomes);
        return List.of(outcomes);
    }

    private EncodedPrompt encode(String text) {
        EncodedPrompt prompt = task.encoder.apply(text);
        if (prompt.longest() > task.longest) {
            throw new IllegalArgumentException("the prompt has " + prompt.longest() + " tokens, more than the "
                    + task.longest + " of the context: shorten it or raise the context size");
        }
        return prompt;
    }

    private void scoreTogether(List<EncodedPrompt> prompts, List<Integer> places, Outcome[] outcomes) {
        int count;
        for (int first = 0; first < prompts.size(); first += count) {
            ReadingContext context = together();
            count = context.context().fitting(EncodedPrompt.ids(prompts), first);
            List<EncodedPrompt> batch = prompts.subList(first, first + count);
            decode(context, batch);
            try {
                for (int i = 0; i < count; i++) {
                    outcomes[places.get(first + i)] = read(context, i);
                }
            } catch (LlamaException e) {
                requireLogitsFailure(e);
                // A NaN in the memory reaches all that share it, and all that come after.
                context.close();
                together = null;
                for (int i = 0; i < count; i++) {
                    outcomes[places.get(first + i)] = scoreAlone(batch.get(i));
                }
            }
        }
    }

    private Outcome scoreAlone(EncodedPrompt prompt) {
        ReadingContext context = alone(prompt.longest());
        decode(context, List.of(prompt));
        try {
            return read(context, 0);
        } catch (LlamaException e) {
            requireLogitsFailure(e);
            context.close();
            alone = null;
            return new Outcome(null, String.valueOf(e.getMessage()));
        }
    }

    /** Each prompt in a sequence of its own, from what it has in common with the others on. */
    private void decode(ReadingContext context, List<EncodedPrompt> prompts) {
        context.reader().prepare(0, Collections.nCopies(prompts.size(), task.rules()), true);
        context.context().beginAnew(); // what was decoded before may show in the rounding, even in other sequences
        for (int i = 0; i < prompts.size(); i++) {
            int held = context.context().begin(i, prompts.get(i).ids());
            context.reader().hold(i, prompts.get(i), held);
        }
        context.context().decode(EncodedPrompt.ids(prompts), 0);
    }

    private Outcome read(ReadingContext context, int sequence) {
        return new Outcome(context.reader().read(sequence, task.temperature), null);
    }

    private static void requireLogitsFailure(LlamaException e) {
        if (e.reason() != LlamaException.Reason.LOGITS) {
            throw e;
        }
    }

    private ReadingContext together() {
        if (together == null) {
            together = create(SHORT, plan.sequences());
        }
        return together;
    }

    /** Doubles, so that few contexts are made for growing prompts. */
    private ReadingContext alone(int length) {
        ReadingContext context = alone;
        if (context == null || context.context().size() < length) {
            int size = BATCH;
            while (size < length) {
                size *= 2;
            }
            if (context != null) {
                context.close();
            }
            context = create(Math.min(size, task.longest), 1);
            alone = context;
        }
        return context;
    }

    private ReadingContext create(int size, int sequences) {
        ReadingContext made =
                ReadingContext.of(task.readout, LlamaContext.create(model, size, BATCH, sequences, plan.threads()));
        made.context().shareBeginning(shared(size));
        return made;
    }

    /** The beginning, where a context of this size has room for it and for more. */
    private int[] shared(int size) {
        return task.beginning.length < size ? task.beginning : new int[0];
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
