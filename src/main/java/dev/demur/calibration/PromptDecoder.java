package dev.demur.calibration;

import dev.demur.llama.BatchContext;
import dev.demur.llama.LlamaException;
import dev.demur.llama.LlamaModel;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Readout;
import java.util.ArrayList;
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
    private final Reading reading;
    private @Nullable BatchContext together;
    private @Nullable BatchContext alone;

    /** Makes no context yet. */
    PromptDecoder(LlamaModel model, ScoringPlan plan, Reading reading) {
        this.model = model;
        this.plan = plan;
        this.reading = reading;
    }

    /**
     * How prompts are read.
     *
     * @param encoder turns a prompt's text into tokens; an IllegalArgumentException is the prompt's fault
     * @param beginning the tokens that most prompts begin with
     * @param longest the most tokens of a prompt
     * @param tokens what is read of the logits
     * @param temperature &tau; of the softmax
     */
    record Reading(
            Function<String, int[]> encoder, int[] beginning, int longest, ControlTokens tokens, double temperature) {}

    /** What was read of a prompt, or why nothing was. */
    record Outcome(@Nullable Readout readout, @Nullable String problem) {}

    /**
     * The numbers of each prompt, in the order given. Which prompts share a decode follows from the texts alone.
     *
     * @throws LlamaException if llama.cpp fails for reasons that no single prompt is to blame for
     */
    List<Outcome> score(List<String> texts) {
        Outcome[] outcomes = new Outcome[texts.size()];
        List<Integer> shortOnes = new ArrayList<>();
        List<int[]> shortPrompts = new ArrayList<>();
        for (int i = 0; i < outcomes.length; i++) {
            try {
                int[] prompt = encode(texts.get(i));
                if (plan.sequences() > 1 && prompt.length <= SHORT) {
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

    private int[] encode(String text) {
        int[] prompt = reading.encoder.apply(text);
        if (prompt.length > reading.longest) {
            throw new IllegalArgumentException("the prompt has " + prompt.length + " tokens, more than the "
                    + reading.longest + " of the context: shorten it or raise the context size");
        }
        return prompt;
    }

    private void scoreTogether(List<int[]> prompts, List<Integer> places, Outcome[] outcomes) {
        int count;
        for (int first = 0; first < prompts.size(); first += count) {
            BatchContext context = together();
            count = context.fitting(prompts, first);
            List<int[]> batch = prompts.subList(first, first + count);
            context.decode(batch);
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

    private Outcome scoreAlone(int[] prompt) {
        BatchContext context = alone(prompt.length);
        context.decode(List.of(prompt));
        try {
            return read(context, 0);
        } catch (LlamaException e) {
            requireLogitsFailure(e);
            context.close();
            alone = null;
            return new Outcome(null, String.valueOf(e.getMessage()));
        }
    }

    private Outcome read(BatchContext context, int prompt) {
        return new Outcome(context.readout(prompt, reading.tokens, reading.temperature), null);
    }

    private static void requireLogitsFailure(LlamaException e) {
        if (e.reason() != LlamaException.Reason.LOGITS) {
            throw e;
        }
    }

    private BatchContext together() {
        if (together == null) {
            together = BatchContext.create(model, plan.sequences(), SHORT, BATCH, plan.threads(), shared(SHORT));
        }
        return together;
    }

    /** Doubles, so that few contexts are made for growing prompts. */
    private BatchContext alone(int length) {
        BatchContext context = alone;
        if (context == null || context.size() < length) {
            int size = BATCH;
            while (size < length) {
                size *= 2;
            }
            if (context != null) {
                context.close();
            }
            context =
                    BatchContext.create(model, 1, Math.min(size, reading.longest), BATCH, plan.threads(), shared(size));
            alone = context;
        }
        return context;
    }

    /** The beginning, where a context of this size has room for it and for more. */
    private int[] shared(int size) {
        return reading.beginning.length < Math.min(size, reading.longest) ? reading.beginning : new int[0];
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
