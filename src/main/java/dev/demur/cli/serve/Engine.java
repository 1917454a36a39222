package dev.demur.cli.serve;

import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import java.util.List;

/**
 * What the endpoints ask of a model. All of it may be called by several threads at once and blocks them; the exceptions are
 * those of {@link dev.demur.Demur}.
 */
interface Engine {

    /** What prompts are decided to be. */
    Labels labels();

    /** How many tokens of a prompt and its reply the context holds. */
    int contextSize();

    /** How many tokens a conversation has up to where its reply begins. */
    int promptTokens(List<Message> messages);

    /** How many tokens are read to decide on a conversation, which may be those of its last message alone. */
    int decidedTokens(List<Message> messages);

    /** Decides, by the options' policy, and answers. */
    Generation generate(List<Message> messages, GenerationOptions options, GenerationListener listener);

    /** Decides on each of these by the policy that is served. */
    List<Decision> decide(List<List<Message>> conversations, Cancellation cancellation);

    /**
     * Asks the model itself a question in words, and reads which word it would begin its answer with.
     *
     * @return the probabilities of the answers that the kind has, and how likely the model is to give any of them
     * @throws ApiException if this model cannot be asked so
     */
    Asked ask(AnswerWords words, String question, Cancellation cancellation);

    /**
     * What came of a question.
     *
     * @param promptTokens how many tokens it took
     */
    record Asked(Reading reading, int promptTokens) {}
}
