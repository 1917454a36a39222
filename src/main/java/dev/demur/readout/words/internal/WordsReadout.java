package dev.demur.readout.words.internal;

import dev.demur.DemurException;
import dev.demur.llama.Message;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.TextEncoder;
import dev.demur.llama.internal.TextEncoder.Piece;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.internal.Readout;
import dev.demur.readout.internal.RefusalWords;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.FrameException;
import dev.demur.readout.words.internal.FrameSpec.Asked;
import dev.demur.readout.words.internal.FrameSpec.Group;
import dev.demur.readout.words.internal.FrameSpec.Next;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides by the words that a model would answer a question with: the model is asked for its judgement by a {@link FrameSpec}, and
 * the probabilities of the tokens that tell the labels' words apart are read where the answer begins.
 *
 * <p>The coverage is measured on the whole vocabulary, also where probabilities are normalised over the labels: a frame that
 * does not fit the model shows by it. With several positions a category has the product of the probabilities on the way to
 * it. Where categories are asked for one at a time, each has the probability from its own question, so that they do not sum to
 * 1, and respond the least that a question leaves it.
 */
public final class WordsReadout implements Readout {

    private static final List<Message> SAMPLE = List.of(Message.user("How are you?"));
    private static final List<Message> SAMPLE_REPLY =
            List.of(Message.user("How are you?"), Message.assistant("Well, thank you."));

    private final FrameSpec frame;
    private final Labels labels;
    private final TextEncoder encoder;
    private final FramePrompt prompt;
    private final Position first;
    private final List<Second> seconds = new ArrayList<>();
    private final ReadoutIdentity identity;
    private final Map<String, String> replies = new HashMap<>();
    private final Map<String, String> firstWords = new HashMap<>();

    /**
     * What is read behind one of the groups at the first position.
     *
     * @param group its index there
     */
    record Second(int group, Position position, List<Group> groups) {}

    /**
     * A readout on a loaded model.
     *
     * @param template renders messages of the frame's own; null where the frame needs none
     * @throws FrameException if the frame does not fit the model: its words cannot be told apart in this vocabulary, or the
     *     chat template is missing or refuses what the frame asks
     */
    public WordsReadout(FrameSpec frame, LlamaModel model, @Nullable ChatTemplate template) {
        this.frame = frame;
        this.labels = frame.labels();
        this.encoder = new TextEncoder(model);
        this.prompt = new FramePrompt(frame, model, template);
        boolean afterText = encoder.endsInText(sample());
        this.first = Position.of(frame.name(), encoder, frame.begins(), frame.groups(), afterText);
        for (int g = 0; g < frame.groups().size(); g++) {
            Group group = frame.groups().get(g);
            Next next = group.next();
            if (next != null) {
                String begins = frame.begins() + group.spellings().get(0) + next.begins();
                Position position = Position.of(frame.name(), encoder, begins, next.groups(), afterText);
                seconds.add(new Second(g, position, next.groups()));
            }
        }
        this.identity = frame.identity();
        for (Group leaf : frame.leaves()) {
            note(leaf.id(), leaf.reply(), leaf.opening());
        }
        for (Asked asked : frame.each()) {
            note(asked.id(), asked.reply(), asked.opening());
        }
    }

    private void note(String id, @Nullable String reply, @Nullable String opening) {
        if (reply != null) {
            replies.put(id, reply);
        }
        if (opening != null) {
            firstWords.put(id, opening);
        }
    }

    /** What is asked of a short conversation; of one with a reply where the frame judges that. */
    private List<Piece> sample() {
        try {
            return prompt.pieces(frame.judgesReply() ? SAMPLE_REPLY : SAMPLE, 0);
        } catch (IllegalArgumentException | DemurException e) {
            throw new FrameException(
                    "the frame " + frame.name() + " cannot be asked of this model: " + e.getMessage(), e);
        }
    }

    /** What is asked and read. */
    public FrameSpec frame() {
        return frame;
    }

    /** The tokens that are forced before the first position, and those that are read there, each with its label's id. */
    public String firstPosition() {
        StringBuilder text = new StringBuilder(Arrays.toString(first.forced()));
        for (int i = 0; i < first.tokens().length; i++) {
            text.append(' ')
                    .append(first.tokens()[i])
                    .append('=')
                    .append(frame.groups().get(first.groupOf(i)).id());
        }
        return text.toString();
    }

    @Override
    public Labels labels() {
        return labels;
    }

    @Override
    public ReadoutIdentity identity() {
        return identity;
    }

    @Override
    public String description() {
        return Frame.KIND + ", asked by the frame " + frame.name();
    }

    @Override
    public Map<String, Integer> reserved() {
        return Map.of();
    }

    @Override
    public String firstWords(Category category) {
        String own = firstWords.get(category.id());
        return own != null ? own : RefusalWords.opening(category);
    }

    /** What is answered to a prompt that is refused. */
    String reply(Category category) {
        String own = replies.get(category.id());
        return own != null ? own : RefusalWords.reply(category);
    }

    /**
     * What is asked first, up to the position that is read; {@link EncodedPrompt#further} is what is asked after it.
     *
     * @throws DemurException if the conversation lacks what the frame judges, the template refuses it, or a message
     *     has a character that this vocabulary writes by a special token only
     */
    @Override
    public EncodedPrompt prompt(List<Message> messages, EncodedPrompt replyPrompt) {
        int[] asked = encoder.encode(prompt.pieces(messages, 0));
        List<int[]> further = new ArrayList<>();
        for (int question = 1; question < prompt.questions(); question++) {
            further.add(first.after(encoder.encode(prompt.pieces(messages, question))));
        }
        seconds.forEach(second -> further.add(second.position().after(asked)));
        int[] ids = first.after(asked);
        return new EncodedPrompt(ids, 0, ids.length, further);
    }

    @Override
    public ChatTemplate.@Nullable Renderer renderer(ChatTemplate.@Nullable Renderer conversation) {
        return prompt.renderer();
    }

    @Override
    public boolean asksByItself() {
        return true;
    }

    Position first() {
        return first;
    }

    List<Second> seconds() {
        return seconds;
    }

    @Override
    public boolean judgesReply() {
        return frame.judgesReply();
    }

    @Override
    public Reader reader(LlamaContext context) {
        return new WordsReader(this, context);
    }
}
