package dev.demur.llama.internal;

import dev.demur.DemurException;
import dev.demur.bindings.Bindings;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TokenType;
import dev.demur.jinja.JinjaException;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Message;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Renders a conversation as a sequence of parts: text of the template, and messages.
 *
 * <p>The model file's template is run as the Jinja program that it is, by {@link dev.demur.jinja}, so that a prompt is what the
 * model was trained with, default system message included. One that cannot be run is left to llama.cpp, where its list
 * knows it, as is every template that is named. llama.cpp recognises a template by its text and returns one string, so the
 * messages are rendered as placeholders, which tells where they stand. Thread-safe.
 */
public final class ChatTemplate {

    /** Names in llama.cpp's list, and the tokens that begin and end a turn by them. */
    private static final List<List<String>> TURNS = List.of(
            List.of("gemma", "<start_of_turn>", "<end_of_turn>"),
            List.of("chatml", "<|im_start|>", "<|im_end|>"),
            List.of("llama3", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"));

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
        /** llama.cpp, by the code that its list has for the template. */
        LLAMA_CPP("llama.cpp"),
        /** Demur, which runs the template as the program that it is. */
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
     * @throws DemurException if llama.cpp knows none of that name, or the file has no template, or one that
     *     llama.cpp does not know and that is no Jinja program that can be run; the message tells what to do
     */
    public static ChatTemplate of(LlamaRuntime runtime, GgufFile file, @Nullable String name) {
        return of(runtime, file, name, Map.of());
    }

    /**
     * The template of that name in llama.cpp's list, or, for null, the one in the model file; where that has none, the one
     * in llama.cpp's list whose tokens the vocabulary has ({@link #impliedBy}).
     *
     * @param variables what the template is told besides the messages, as {@link TemplateVariables} allows. llama.cpp's list
     *     takes none, so with any the file's template is run as the program that it is
     * @throws DemurException as for {@link #of(LlamaRuntime, GgufFile, String)}; or if there are variables for a
     *     template of llama.cpp's
     */
    public static ChatTemplate of(
            LlamaRuntime runtime,
            GgufFile file,
            @Nullable String name,
            Map<String, ? extends @Nullable Object> variables) {
        String own = file.chatTemplate();
        String named = name != null ? name : own == null ? impliedBy(file) : null;
        if (named == null && own == null) {
            throw new DemurException("the model file has no chat template: name one of llama.cpp's by"
                    + " LoadOptions.withChatTemplate (" + names(runtime) + ")");
        }
        if (named != null || own == null) {
            String listed = String.valueOf(named);
            requireKnown(runtime, listed);
            if (!variables.isEmpty()) {
                throw new DemurException("llama.cpp's chat template " + listed + " takes no variables, but "
                        + TemplateVariables.text(variables) + " is given: leave out "
                        + (name != null ? "the template's name" : "the variables, as the model file has no template"));
            }
            return new ChatTemplate(runtime, listed, null);
        }
        ChatTemplate listed = new ChatTemplate(runtime, own, null);
        try {
            ChatTemplate run = program(runtime, file, own, variables, false);
            return !variables.isEmpty() || run.rendersMessages() || !listed.isKnown() ? run : listed;
        } catch (JinjaException e) {
            if (variables.isEmpty() && listed.isKnown()) {
                return listed;
            }
            throw failure(runtime, e);
        }
    }

    /**
     * The template in the model file, always as the program that it is: a guard's own words stand in it, which llama.cpp,
     * who knows a template by a few of its tokens, leaves out.
     *
     * @param variables what the template is told besides the messages; special tokens may be spelled in them
     * @throws DemurException if the file has none, or one that cannot be read
     */
    public static ChatTemplate program(
            LlamaRuntime runtime, GgufFile file, Map<String, ? extends @Nullable Object> variables) {
        String own = file.chatTemplate();
        if (own == null) {
            throw new DemurException(file.path().getFileName() + ": has no chat template of its own: use a file"
                    + " that its maker's template is in");
        }
        try {
            return program(runtime, file, own, variables, true);
        } catch (JinjaException e) {
            throw failure(runtime, e);
        }
    }

    private static ChatTemplate program(
            LlamaRuntime runtime,
            GgufFile file,
            String template,
            Map<String, ? extends @Nullable Object> variables,
            boolean ownVariables) {
        return new ChatTemplate(runtime, template, new JinjaRenderer(file, template, variables, ownVariables));
    }

    private boolean rendersMessages() {
        return jinja == null || jinja.rendersMessages();
    }

    /**
     * The name of the template in llama.cpp's list that a vocabulary was made for, by the tokens that begin and end a turn
     * there; null where it has none of them. Base models often have their tuned model's tokens and no template.
     */
    public static @Nullable String impliedBy(GgufFile file) {
        for (List<String> known : TURNS) {
            if (known.subList(1, known.size()).stream().allMatch(token -> isSpecial(file, token))) {
                return known.get(0);
            }
        }
        return null;
    }

    private static boolean isSpecial(GgufFile file, String token) {
        int id = file.findToken(token);
        return id >= 0 && file.tokenType(id) != TokenType.NORMAL;
    }

    /** Its name in llama.cpp's list, or its text, followed by what it is told besides the messages, in a comment. */
    public String nameOrText() {
        return jinja == null || jinja.variables().isEmpty()
                ? template
                : template + "{# " + TemplateVariables.text(jinja.variables()) + " #}";
    }

    /** Who renders this one. */
    public Renderer renderer() {
        return jinja == null ? Renderer.LLAMA_CPP : Renderer.JINJA;
    }

    private static String names(LlamaRuntime runtime) {
        return String.join(", ", runtime.chatTemplateNames());
    }

    private static DemurException failure(LlamaRuntime runtime, JinjaException e) {
        if (e.reason() == JinjaException.Reason.RAISED) {
            return new DemurException("the model's chat template refuses the conversation: " + e.problem(), e);
        }
        return new DemurException(
                "the model's chat template cannot be rendered (line " + e.line() + ": " + e.problem()
                        + "): name one of llama.cpp's by LoadOptions.withChatTemplate (" + names(runtime) + ")",
                e);
    }

    /**
     * Checks that llama.cpp's list has a template of that name.
     *
     * @throws DemurException if it has not; the message lists the names
     */
    public static void requireKnown(LlamaRuntime runtime, String name) {
        List<String> names = runtime.chatTemplateNames();
        if (!names.contains(name)) {
            throw new DemurException(
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
     * @throws DemurException if the template refuses the conversation, goes wrong with it, or leaves out a
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
                throw new DemurException("the chat template does not render message " + (i + 1) + " ("
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
            throw new DemurException(
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
        try (NativeCallBuffer arguments = NativeCallBuffer.open(bindings, (long) text.length + packed.length)) {
            ByteBuffer data = arguments.data();
            data.put(text).put(packed);
            return NativeCallBuffer.text(
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
