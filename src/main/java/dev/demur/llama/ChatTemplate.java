package dev.demur.llama;

import dev.demur.bindings.Bindings;
import dev.demur.gguf.GgufFile;
import dev.demur.jinja.JinjaException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Renders a conversation as a sequence of parts: text of the template, and messages.
 *
 * <p>What llama.cpp's list of templates knows, llama.cpp renders. It recognises a template by its text and returns one
 * string, so the messages are rendered as placeholders, which tells where they stand. A template of the file that
 * llama.cpp does not know is run as the Jinja program that it is, by {@link dev.demur.jinja}. Thread-safe.
 */
public final class ChatTemplate {

    private final LlamaRuntime runtime;
    private final String template;
    private final @Nullable JinjaRenderer jinja;

    private ChatTemplate(LlamaRuntime runtime, String template, @Nullable JinjaRenderer jinja) {
        this.runtime = runtime;
        this.template = template;
        this.jinja = jinja;
    }

    /** Who renders a template. */
    public enum Renderer {
        /** llama.cpp, whose list has the template. */
        LLAMA_CPP("llama.cpp"),
        /** Demur, by the template's own program. */
        JINJA("jinja");

        private final String id;

        Renderer(String id) {
            this.id = id;
        }

        /** The name that people and programs are told. */
        public String id() {
            return id;
        }
    }

    /**
     * The template of that name in llama.cpp's list, or, for null, the one in the model file.
     *
     * @throws IllegalArgumentException if llama.cpp knows none of that name, or the file has no template, or one that
     *     llama.cpp does not know and that is no Jinja program that can be run; the message tells what to do
     */
    public static ChatTemplate of(LlamaRuntime runtime, GgufFile file, @Nullable String name) {
        if (name != null) {
            requireKnown(runtime, name);
            return new ChatTemplate(runtime, name, null);
        }
        String template = file.chatTemplate();
        if (template == null) {
            throw new IllegalArgumentException("the model file has no chat template: name one of llama.cpp's by"
                    + " LoadOptions.withChatTemplate (" + names(runtime) + ")");
        }
        ChatTemplate listed = new ChatTemplate(runtime, template, null);
        if (listed.isKnown()) {
            return listed;
        }
        try {
            return new ChatTemplate(runtime, template, new JinjaRenderer(file, template));
        } catch (JinjaException e) {
            throw failure(runtime, e);
        }
    }

    /** Who renders this one. */
    public Renderer renderer() {
        return jinja == null ? Renderer.LLAMA_CPP : Renderer.JINJA;
    }

    private static String names(LlamaRuntime runtime) {
        return String.join(", ", runtime.chatTemplateNames());
    }

    private static IllegalArgumentException failure(LlamaRuntime runtime, JinjaException e) {
        if (e.reason() == JinjaException.Reason.RAISED) {
            return new IllegalArgumentException(
                    "the model's chat template refuses the conversation: " + e.problem(), e);
        }
        return new IllegalArgumentException(
                "the model's chat template, which llama.cpp does not know, cannot be rendered (line " + e.line() + ": "
                        + e.problem() + "): name one of llama.cpp's by LoadOptions.withChatTemplate (" + names(runtime)
                        + ")",
                e);
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

    /**
     * A part of a rendered conversation.
     *
     * @param text as the template wrote it
     * @param message the message that the text came from, wholly or in part; null: the text is the template's own
     * @param begins whether the message begins here, which it does once; false for text of the template
     */
    record Part(String text, @Nullable Message message, boolean begins) {}

    /**
     * The parts of the rendered conversation in order, up to and including the generation prompt.
     *
     * @throws IllegalArgumentException if the template refuses the conversation, goes wrong with it, or leaves out a
     *     message
     */
    List<Part> render(List<Message> messages) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a prompt needs at least one message");
        }
        if (jinja != null) {
            try {
                return jinja.render(messages);
            } catch (JinjaException e) {
                throw failure(runtime, e);
            }
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
                        + " (LoadOptions.withChatTemplate) or leave the message out");
            }
            if (at > from) {
                parts.add(new Part(rendered.substring(from, at), null, false));
            }
            parts.add(new Part(messages.get(i).content(), messages.get(i), true));
            from = at + placeholder.length();
        }
        if (from < rendered.length()) {
            parts.add(new Part(rendered.substring(from), null, false));
        }
        return parts;
    }

    /** No template's text and no token's spelling; letters only, so that trimming does not touch it. */
    private static String placeholder(int message) {
        return "DemurPlaceholder" + message + "OfMessage";
    }

    private boolean isKnown() {
        try {
            byLlama(List.of(Message.user("")));
            return true;
        } catch (LlamaException e) {
            if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
                throw e;
            }
            return false;
        }
    }

    private String apply(List<Message> messages) {
        try {
            return byLlama(messages);
        } catch (LlamaException e) {
            if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
                throw e;
            }
            throw new IllegalArgumentException(
                    "llama.cpp does not render this conversation by the model's chat template: name one of its own by"
                            + " LoadOptions.withChatTemplate (" + names(runtime) + ")",
                    e);
        }
    }

    /** By llama.cpp, which answers that it does not support a template that it does not know. */
    private String byLlama(List<Message> messages) {
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
