package dev.demur.scoring.pass;

import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import java.util.Arrays;
import java.util.function.Function;

/**
 * What a {@link PromptPass} does with every prompt. For several threads.
 *
 * @param <R> the rows
 * @param <T> what is read of each
 */
public interface PromptTask<R extends PromptRow, T> {

    /**
     * The tokens of a row's prompt.
     *
     * @throws IllegalArgumentException if the row is to blame
     */
    EncodedPrompt encode(R row);

    /** The tokens that most prompts begin with; may be empty. */
    int[] beginning();

    /**
     * The tokens that all prompts begin with, but for those whose first letters melt into the template's text.
     *
     * @param encoder makes a prompt of the user's message
     */
    static int[] beginning(Function<String, EncodedPrompt> encoder) {
        int[] one = encoder.apply("Who").ids();
        int[] other = encoder.apply("3").ids();
        int common = 0;
        while (common < Math.min(one.length, other.length) && one[common] == other[common]) {
            common++;
        }
        return Arrays.copyOf(one, common);
    }

    /** The most tokens of a prompt. */
    int longest();

    /** Reads on one context, which it does not own; for its thread. Called before anything is decoded on it. */
    Reader<T> reader(LlamaContext context);

    /** Reads what a context decoded. */
    interface Reader<T> {

        /** Prompts are about to be decoded, in the sequences from 0 on. */
        default void prepare(int prompts) {}

        /**
         * A sequence is about to be decoded.
         *
         * @param held how many of the prompt's tokens it holds: no more than what the prompts have in common
         */
        default void hold(int sequence, EncodedPrompt prompt, int held) {}

        /**
         * What there is to read where the sequence's last output is.
         *
         * @throws dev.demur.llama.LlamaException with reason LOGITS if the numbers are not finite
         */
        T read(int sequence);
    }
}
