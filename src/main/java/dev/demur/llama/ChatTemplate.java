package dev.demur.llama;

import dev.demur.bindings.Bindings;
import dev.demur.gguf.GgufFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Renders a conversation by llama.cpp's list of known templates, as a sequence of parts: text of the template, and
 * messages.
 *
 * <p>llama.cpp returns one string, so the messages are rendered as placeholders, which tells where they stand. llama.cpp
 * does not run the Jinja program: it recognises a template by its text. Thread-safe.
 */
public final class ChatTemplate {

    private final LlamaRuntime runtime;
    private final String template;

    private ChatTemplate(LlamaRuntime runtime, String template) {
        this.runtime = runtime;
        this.template = template;
    }

    /**
     * The template of that name in llama.cpp's list, or, for null, the one in the model file.
     *
     * @throws IllegalArgumentException if llama.cpp does not know it, or the file has none; the message tells what to do
     */
    public static ChatTemplate of(LlamaRuntime runtime, GgufFile file, @Nullable String name) {
        if (name != null) {
            requireKnown(runtime, name);
            return new ChatTemplate(runtime, name);
        }
        String template = file.chatTemplate();
        if (template == null) {
            throw new IllegalArgumentException("the model file has no chat template: name one of llama.cpp's by"
                    + " --chat-template NAME (" + String.join(", ", runtime.chatTemplateNames()) + ")");
        }
        return new ChatTemplate(runtime, template);
    }

    /**
     * Checks that llama.cpp's list has a template of that name.
     *
     * @throws IllegalArgumentException if it has not; the message lists the names
     */
    public static void requireKnown(LlamaRuntime runtime, String name) {
        List<String> names = runtime.chatTemplateNames();
        if (!names.contains(name)) {
            throw new IllegalArgumentException(
                    "llama.cpp knows no chat template '" + name + "': it knows " + String.join(", ", names));
        }
    }

    /** A part of a rendered conversation: text of the template, or a message, whose content then is the text. */
    record Part(String text, @Nullable Message message) {}

    /**
     * The parts of the rendered conversation in order, up to and including the generation prompt.
     *
     * @throws IllegalArgumentException if llama.cpp does not know the template, or it leaves out a message
     */
    List<Part> render(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a prompt needs at least one message");
        }
        String rendered = apply(messages);
        List<Part> parts = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < messages.size(); i++) {
            String placeholder = placeholder(i);
            int at = rendered.indexOf(placeholder, from);
            if (at < 0 || rendered.indexOf(placeholder, at + placeholder.length()) >= 0) {
                throw new IllegalArgumentException("the chat template does not render message " + (i + 1) + " ("
                        + messages.get(i).role().id() + ") once and in its place: use another template"
                        + " (--chat-template NAME) or leave the message out");
            }
            if (at > from) {
                parts.add(new Part(rendered.substring(from, at), null));
            }
            parts.add(new Part(messages.get(i).content(), messages.get(i)));
            from = at + placeholder.length();
        }
        if (from < rendered.length()) {
            parts.add(new Part(rendered.substring(from), null));
        }
        return parts;
    }

    /** No template's text and no token's spelling; letters only, so that trimming does not touch it. */
    private static String placeholder(int message) {
        return "DemurPlaceholder" + message + "OfMessage";
    }

    private String apply(List<Message> messages) {
        Bindings bindings = runtime.bindings();
        byte[] packed = pack(messages);
        byte[] text = (template + '\0').getBytes(StandardCharsets.UTF_8);
        try (CallFrame arguments = CallFrame.open(bindings, (long) text.length + packed.length)) {
            ByteBuffer data = arguments.data();
            data.put(text).put(packed);
            return CallFrame.text(
                    bindings,
                    (out, capacity, length, error) -> bindings.chatApply(
                            runtime.address(),
                            arguments.dataAddress(),
                            arguments.dataAddress() + text.length,
                            packed.length,
                            messages.size(),
                            1,
                            out,
                            capacity,
                            length,
                            error));
        } catch (LlamaException e) {
            if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
                throw e;
            }
            throw new IllegalArgumentException(
                    "llama.cpp does not know the model's chat template: name one of its own by --chat-template NAME ("
                            + String.join(", ", runtime.chatTemplateNames()) + ")",
                    e);
        }
    }

    private static byte[] pack(List<Message> messages) {
        StringBuilder packed = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            packed.append(messages.get(i).role().id())
                    .append('\0')
                    .append(placeholder(i))
                    .append('\0');
        }
        return packed.toString().getBytes(StandardCharsets.UTF_8);
    }
}
