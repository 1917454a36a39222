package dev.demur.readout.internal;

import dev.demur.llama.Message;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.ReadoutInfo;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the numbers of the labels come from, and how a reply begins after a decision: all that a kind of model needs to
 * be decided by. Policies, calibration and reports know what is read, and never by what.
 *
 * <p>Immutable and thread-safe; a {@link Reader} is neither.
 */
public interface Readout {

    /** What there are numbers of. */
    Labels labels();

    /** What tells this readout from others, for score files and policies. */
    ReadoutIdentity identity();

    /** What decides, in a few words, for people. */
    default String description() {
        return identity().kind();
    }

    /** The first words of a refusal that the model writes itself, where that is asked for. */
    default String firstWords(Category category) {
        return RefusalWords.opening(category);
    }

    /**
     * The tokens that stand before past answers, by the labels of their decisions: no message's text ever becomes one, and
     * no reply has one drawn. Empty where labels have no tokens.
     */
    Map<String, Integer> reserved();

    /**
     * The prompt at whose end the numbers are read.
     *
     * @param messages the conversation, ending with the message to answer
     * @param replyPrompt the prompt that the reply goes on from
     * @return {@code replyPrompt} itself where the numbers are read there; else both are decoded, each in a context of its own
     */
    default EncodedPrompt prompt(List<Message> messages, EncodedPrompt replyPrompt) {
        return replyPrompt;
    }

    /**
     * What renders the chat template of the prompt that is decided by; null where none takes part.
     *
     * @param conversation what renders that of a conversation with the model that decides; null: that has none
     */
    default ChatTemplate.@Nullable Renderer renderer(ChatTemplate.@Nullable Renderer conversation) {
        return conversation;
    }

    /** Whether {@link #prompt} never looks at the prompt that a reply would go on from. */
    default boolean asksByItself() {
        return false;
    }

    /** Whether it judges the reply that a conversation ends with, and not whether to answer a message. */
    default boolean judgesReply() {
        return false;
    }

    /** What users are told of it. */
    default ReadoutInfo info() {
        return new ReadoutInfo(labels(), identity(), description(), reserved(), judgesReply());
    }

    /** Reads on one context, which it does not own; for its thread. */
    Reader reader(LlamaContext context);

    /** A readout on one context, for one thread at a time. */
    interface Reader {

        /**
         * To be called before prompts are decoded, with what each is decided by.
         *
         * @param sequences theirs, all that the decode gives an output that is read
         * @param rules one for each sequence
         * @param greedily whether the replies, if any, take the likeliest token each time, all that are under way on the context
         */
        default void prepare(int[] sequences, List<Rules> rules, boolean greedily) {}

        /**
         * To be called when a sequence holds the beginning of a prompt, before the rest is decoded.
         *
         * @param held how many of the prompt's tokens it holds
         * @return how many it holds now: fewer, where the reader needs some of them decoded again
         */
        default int hold(int sequence, EncodedPrompt prompt, int held) {
            return held;
        }

        /**
         * The numbers where a sequence's last output is, on which the rules decide as on exact ones.
         *
         * @throws dev.demur.llama.LlamaException if the logits hold NaN or +inf, or nothing but -inf
         */
        Reading read(int sequence, Rules rules);

        /**
         * The exact numbers where a sequence's last output is; errors as for {@link #read(int, Rules)}.
         *
         * @param temperature &tau; of the softmax
         */
        Reading read(int sequence, double temperature);

        /** How a reply begins after a decision on what was read last of a sequence. */
        Opening opening(int sequence, Decision decision);
    }
}
