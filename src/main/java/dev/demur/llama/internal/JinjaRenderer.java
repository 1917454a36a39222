package dev.demur.llama.internal;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.jinja.JinjaException;
import dev.demur.jinja.JinjaTemplate;
import dev.demur.jinja.Limits;
import dev.demur.jinja.Marked;
import dev.demur.jinja.Rendering;
import dev.demur.jinja.Rendering.Segment;
import dev.demur.llama.Message;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Renders a conversation by the chat template that a model file carries, as the Jinja program that it is.
 *
 * <p>Every message's content carries the message's number as its mark, so that what came from a message is known as such
 * wherever and however the template writes it. Thread-safe.
 */
final class JinjaRenderer {

    /** The variables that transformers gives a template, and the keys of their ids. */
    private static final Map<String, String> TOKENS = Map.of(
            "bos_token", "tokenizer.ggml.bos_token_id",
            "eos_token", "tokenizer.ggml.eos_token_id");

    /** Stands for where the text of a variable came from: no message, and not the template. */
    private static final Message VARIABLE = Message.system("");

    /** Less than the defaults: what a long conversation needs is allowed for its own size. */
    private static final Limits LIMITS = new Limits(1_000_000, 8_000_000, 200_000, 4_000_000);

    private final JinjaTemplate template;
    private final Map<String, String> tokens = new HashMap<>();
    private final Map<String, ? extends @Nullable Object> variables;
    private final boolean ownVariables;

    /**
     * Reads a template.
     *
     * @param file the vocabulary, for the texts of the tokens that begin and end a text
     * @throws JinjaException if it is no template
     */
    JinjaRenderer(GgufFile file, String template) {
        this(file, template, Map.of(), false);
    }

    /**
     * Reads a template that is told more than messages.
     *
     * @param variables what {@link TemplateVariables} allows
     * @param ownVariables whether the texts of the variables are the program's own, in which special tokens may be spelled
     * @throws JinjaException if it is no template
     */
    JinjaRenderer(
            GgufFile file, String template, Map<String, ? extends @Nullable Object> variables, boolean ownVariables) {
        this.template = JinjaTemplate.parse(template);
        this.variables = variables;
        this.ownVariables = ownVariables;
        TOKENS.forEach((variable, key) -> tokens.put(variable, tokenText(file, key)));
    }

    /** What the template is told besides the messages. */
    Map<String, ? extends @Nullable Object> variables() {
        return variables;
    }

    /** A token's text; empty where the file names none, as nothing is then written in its place. */
    private static String tokenText(GgufFile file, String key) {
        OptionalLong id = file.integer(key);
        boolean known = id.isPresent() && id.getAsLong() >= 0 && id.getAsLong() < file.tokenCount();
        return known ? file.tokenText((int) id.getAsLong()) : "";
    }

    /**
     * The rendered conversation up to and including the generation prompt; a segment's mark is the message's place,
     * counted from 1.
     *
     * @throws JinjaException if the template refuses the conversation, or cannot be rendered with it
     */
    Rendering rendering(List<Message> messages) {
        return rendering(messages, false);
    }

    private Rendering rendering(List<Message> messages, boolean asParts) {
        List<Map<String, Object>> conversation = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            Object content = new Marked(isStandIn(message) ? standIn(i) : message.content(), i + 1);
            if (asParts) {
                content = List.of(Map.of("type", "text", "text", content));
            }
            conversation.add(Map.of("role", message.role().id(), "content", content));
        }
        Map<String, @Nullable Object> all = new HashMap<>();
        // transformers passes these, as none, where there are none: templates ask whether they are defined.
        all.put("tools", null);
        all.put("documents", null);
        variables.forEach((name, value) ->
                all.put(name, ownVariables ? value : new Marked(value, messages.size() + 1)));
        all.putAll(tokens);
        all.put("messages", conversation);
        all.put("add_generation_prompt", true);
        return template.render(all, LIMITS, LocalDateTime::now);
    }

    /**
     * Whether a question is rendered, and once: tried before anybody asks one. A template that refuses it is the template's
     * own to answer for.
     *
     * @throws JinjaException if the program fails over it
     */
    boolean rendersMessages() {
        try {
            return render(List.of(Message.user("Hello"))).stream()
                            .filter(part -> part.message() != null)
                            .count()
                    == 1;
        } catch (JinjaException e) {
            if (e.reason() != JinjaException.Reason.RAISED) {
                throw e;
            }
            return true;
        } catch (IllegalArgumentException | DemurException e) {
            return false; // it leaves the message out
        }
    }

    /**
     * The parts of the rendered conversation in order. A template that has no use for a message's content as a text is given
     * it as a list of one part with that text, as the templates of models that also see pictures expect it.
     *
     * @throws JinjaException as {@link #rendering}
     * @throws DemurException if the template leaves out a message
     */
    List<ChatTemplate.Part> render(List<Message> messages) {
        try {
            return parts(messages, false);
        } catch (IllegalArgumentException | DemurException e) {
            if (e instanceof JinjaException jinja
                    && (jinja.reason() == JinjaException.Reason.RAISED
                            || jinja.reason() == JinjaException.Reason.LIMIT)) {
                throw e;
            }
            try {
                return parts(messages, true);
            } catch (IllegalArgumentException | DemurException asParts) {
                e.addSuppressed(asParts);
                throw e; // what it says of a text is what a person has to do with
            }
        }
    }

    private List<ChatTemplate.Part> parts(List<Message> messages, boolean asParts) {
        List<ChatTemplate.Part> parts = new ArrayList<>();
        Set<Integer> begun = new TreeSet<>();
        for (Segment segment : rendering(messages, asParts).segments()) {
            if (!segment.marked()) {
                parts.add(new ChatTemplate.Part(segment.text(), null, false));
                continue;
            }
            if (segment.mark() > messages.size()) {
                parts.add(new ChatTemplate.Part(segment.text(), VARIABLE, false));
                continue;
            }
            Message message = messages.get(segment.mark() - 1);
            boolean begins = begun.add(segment.mark());
            if (!isStandIn(message)) {
                parts.add(new ChatTemplate.Part(segment.text(), message, begins));
            } else if (begins) {
                parts.add(new ChatTemplate.Part(message.content(), message, true));
            }
        }
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            if (!begun.contains(i + 1) && !(message.content().isBlank() && message.decision() == null)) {
                throw new DemurException("the model's chat template leaves out message " + (i + 1) + " ("
                        + message.role().id()
                        + "): use another template (LoadOptions.withChatTemplate) or leave the message"
                        + " out");
            }
        }
        return parts;
    }

    /**
     * Whether another text stands for the answer while the template is rendered: an answer without text is its decision's
     * token alone, whose place no character of a message would show.
     */
    private static boolean isStandIn(Message message) {
        return message.decision() != null && message.content().isBlank();
    }

    private static String standIn(int message) {
        return "DemurAnswer" + message + "WithoutText";
    }
}
