package dev.demur.readout.internal;

import dev.demur.llama.Message;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.PromptEncoder;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A readout on one model that decides for another one, which answers: the conversation is put to the decider as its own chat
 * template has it, and no token of its opens the reply, which has another vocabulary.
 */
public final class DeciderReadout implements Readout {

    private final Readout readout;
    private final @Nullable PromptEncoder encoder;

    /**
     * A readout for another model.
     *
     * @param readout on the deciding model
     * @param encoder of prompts to the deciding model; null: the readout has a prompt of its own
     */
    public DeciderReadout(Readout readout, @Nullable PromptEncoder encoder) {
        this.readout = readout;
        this.encoder = encoder;
    }

    @Override
    public Labels labels() {
        return readout.labels();
    }

    @Override
    public ReadoutIdentity identity() {
        return readout.identity();
    }

    @Override
    public String description() {
        return readout.description();
    }

    @Override
    public Map<String, Integer> reserved() {
        return Map.of();
    }

    @Override
    public String firstWords(Category category) {
        return readout.firstWords(category);
    }

    @Override
    public EncodedPrompt prompt(List<Message> messages, EncodedPrompt replyPrompt) {
        return readout.prompt(messages, encoder == null ? replyPrompt : encoder.encode(messages));
    }

    @Override
    public ChatTemplate.@Nullable Renderer renderer(ChatTemplate.@Nullable Renderer conversation) {
        return readout.renderer(conversation);
    }

    @Override
    public boolean asksByItself() {
        return true;
    }

    @Override
    public boolean judgesReply() {
        return readout.judgesReply();
    }

    /** A reader on a context of the decider. */
    @Override
    public Reader reader(LlamaContext context) {
        Reader reader = readout.reader(context);
        return new Reader() {
            @Override
            public void prepare(int[] sequences, List<Rules> rules, boolean greedily) {
                reader.prepare(sequences, rules, greedily);
            }

            @Override
            public int hold(int sequence, EncodedPrompt prompt, int held) {
                return reader.hold(sequence, prompt, held);
            }

            @Override
            public Reading read(int sequence, Rules rules) {
                return reader.read(sequence, rules);
            }

            @Override
            public Reading read(int sequence, double temperature) {
                return reader.read(sequence, temperature);
            }

            @Override
            public Opening opening(int sequence, Decision decision) {
                if (!(decision instanceof Decision.Refuse refuse)) {
                    return new Opening.Nothing();
                }
                Opening own = reader.opening(sequence, decision);
                return own instanceof Opening.Fixed ? own : new Opening.Fixed(RefusalWords.reply(refuse.category()));
            }
        };
    }
}
