package dev.demur.readout.internal;

import dev.demur.DemurException;
import dev.demur.llama.Message;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.PromptEncoder;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.Rules;
import dev.demur.readout.Head;
import dev.demur.readout.Opening;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Decides by a {@link Head} over the hidden states at the end of the prompt. The model's text stays its own: after
 * <em>respond</em> nothing is forced, and a refusal is a reply that is given as it is.
 */
public final class HeadReadout implements Readout {

    /** Where neither the policy nor the head has a reply. */
    private static final String PLAIN_REPLY = "I would rather not answer that.";

    private final Head head;
    private final ReadoutIdentity identity;
    private final PromptEncoder encoder;
    private final List<Opening> openings = new ArrayList<>();

    /**
     * A head on a loaded model.
     *
     * @param template renders the message, where the head sees that alone
     * @throws DemurException if the model has other extents than the head was fitted for
     */
    public HeadReadout(Head head, LlamaModel model, ChatTemplate template) {
        requireFits(head, model);
        this.head = head;
        this.identity = head.identity();
        this.encoder = new PromptEncoder(template, model, Map.of());
        for (String reply : head.replies()) {
            openings.add(new Opening.Fixed(reply.isEmpty() ? PLAIN_REPLY : reply));
        }
        openings.add(new Opening.Nothing());
    }

    private static void requireFits(Head head, LlamaModel model) {
        long blocks = model.file().hyperparameter("block_count").orElse(0);
        boolean reaches = head.values().stream().allMatch(value -> value.layer() < blocks);
        if (head.width() != model.embeddingSize() || !reaches) {
            throw new DemurException("the head was fitted on another model than "
                    + model.file().path().getFileName() + ", which has " + blocks + " blocks of "
                    + model.embeddingSize() + " numbers: fit one for this model");
        }
    }

    /** The classifier. */
    public Head head() {
        return head;
    }

    @Override
    public Labels labels() {
        return head.labels();
    }

    @Override
    public ReadoutIdentity identity() {
        return identity;
    }

    @Override
    public String description() {
        return Head.KIND + ", over the model's hidden states";
    }

    @Override
    public Map<String, Integer> reserved() {
        return Map.of();
    }

    @Override
    public EncodedPrompt prompt(List<Message> messages, EncodedPrompt replyPrompt) {
        Message last = messages.get(messages.size() - 1);
        boolean alone = head.sees() == Head.Sees.MESSAGE && last.role() == Message.Role.USER;
        List<Message> read =
                (alone ? List.of(last) : messages).stream().map(this::worded).toList();
        return read.equals(messages) ? replyPrompt : encoder.encode(read);
    }

    private Message worded(Message message) {
        boolean user = message.role() == Message.Role.USER;
        return user ? Message.user(head.wording().of(message.content())) : message;
    }

    @Override
    public Reader reader(LlamaContext context) {
        PromptStates states = PromptStates.on(context, head.values());
        return new Reader() {
            @Override
            public int hold(int sequence, EncodedPrompt prompt, int held) {
                return states.hold(sequence, prompt, held);
            }

            @Override
            public Reading read(int sequence, Rules rules) {
                return read(sequence, rules.policy().temperature());
            }

            @Override
            public Reading read(int sequence, double temperature) {
                return reading(head.logits(states.read(sequence)), temperature);
            }

            @Override
            public Opening opening(int sequence, Decision decision) {
                return decision instanceof Decision.Refuse refuse
                        ? openings.get(labels().indexOf(refuse.category().id()))
                        : openings.get(labels().respondIndex());
            }
        };
    }

    private Reading reading(double[] logits, double temperature) {
        int choice = 0;
        for (int i = 1; i < logits.length; i++) {
            choice = logits[i] > logits[choice] ? i : choice;
        }
        double sum = 0;
        double[] probabilities = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] = StrictMath.exp((logits[i] - logits[choice]) / temperature);
            sum += probabilities[i];
        }
        for (int i = 0; i < logits.length; i++) {
            probabilities[i] /= sum;
        }
        return Reading.of(head.labels(), temperature, probabilities, logits, choice, 0);
    }
}
