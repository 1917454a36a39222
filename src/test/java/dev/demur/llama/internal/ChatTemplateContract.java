package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.demur.DemurException;
import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.Message;
import dev.demur.suites.EveryBinding;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What becomes of chat templates, against what jinja2 makes of them: run as programs the same, and by llama.cpp's list the same
 * but for the differences that are listed here and in docs/CHAT_TEMPLATES.md. One subclass per llama.cpp.
 *
 * <p>{@code src/test/templates/render.py} makes the fixture.
 */
@EveryBinding
abstract class ChatTemplateContract {

    private static final String BOS = "<s>";

    /** What differs beside the token that begins a text, which Demur adds as an id where the vocabulary says so. */
    private static final Map<String, UnaryOperator<String>> DIFFERENCES = Map.of(
            "qwen2", text -> without(text, "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"),
            "llama2", text -> text.replaceAll("(?s)\\[/INST\\] (.*?) </s><s>", "[/INST]$1</s>"),
            "zephyr", text -> text.replace("</s>", "<|endoftext|>"));

    /** Templates that trim messages, which Demur does not. */
    private static final List<String> TRIMMING = List.of("llama2", "llama3", "gemma");

    /** Names in llama.cpp's list, where they are others than the fixture's. */
    private static final Map<String, String> NAMES = Map.of("qwen2", "chatml", "llama2", "llama2-sys-strip");

    @TempDir
    Path folder;

    /** The llama.cpp under test; null for the default one. */
    abstract @Nullable Path llama();

    /** A turn as the fixture has it. */
    record Turn(String role, String content) {
        Message message(boolean trimmed) {
            return new Message(
                    Message.Role.valueOf(role.toUpperCase(Locale.ROOT)), trimmed ? content.strip() : content, null);
        }
    }

    /** A conversation and what jinja2 made of it. */
    record Conversation(List<Turn> messages, String rendered) {}

    /** A template with conversations. */
    record Template(String name, String template, List<Conversation> conversations) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Template> templates() throws IOException {
        try (Reader reader = new InputStreamReader(
                ChatTemplateContract.class.getResourceAsStream("chat-templates.json"), StandardCharsets.UTF_8)) {
            return List.of(new Gson().fromJson(reader, Template[].class));
        }
    }

    private GgufFile file(@Nullable String template) {
        GgufBuilder builder = MicroLlama.bytePair(1);
        return GgufFile.read((template == null ? builder : builder.string("tokenizer.chat_template", template))
                .write(folder.resolve("template.gguf")));
    }

    private static String without(String text, String beginning) {
        return text.startsWith(beginning) ? text.substring(beginning.length()) : text;
    }

    private static String rendered(ChatTemplate template, List<Message> messages) {
        return template.render(messages).stream().map(ChatTemplate.Part::text).collect(Collectors.joining());
    }

    /** By llama.cpp's list. */
    private ChatTemplate listed(Template template) {
        return ChatTemplate.of(
                LlamaRuntime.open(llama()), file(null), NAMES.getOrDefault(template.name, template.name));
    }

    @ParameterizedTest
    @MethodSource("templates")
    void a_file_s_template_renders_what_jinja2_renders(Template template) {
        ChatTemplate opened = program(template.template);
        for (Conversation conversation : template.conversations) {
            List<Message> messages = conversation.messages.stream()
                    .map(turn -> turn.message(false))
                    .toList();
            // The tokens that begin and end a text are the model's own.
            String expected =
                    conversation.rendered.replace(BOS, "<|endoftext|>").replace("</s>", "<|im_end|>");
            assertEquals(expected, rendered(opened, messages));
        }
    }

    @ParameterizedTest
    @MethodSource("templates")
    void a_listed_template_renders_what_jinja2_does_but_for_the_listed_differences(Template template) {
        ChatTemplate opened = listed(template);
        assertEquals(ChatTemplate.Renderer.LLAMA_CPP, opened.renderer());
        for (Conversation conversation : template.conversations) {
            String expected = DIFFERENCES
                    .getOrDefault(template.name, UnaryOperator.identity())
                    .apply(without(conversation.rendered, BOS));
            boolean trims = TRIMMING.contains(template.name);
            List<Message> messages = conversation.messages.stream()
                    .map(turn -> turn.message(trims))
                    .toList();
            assertEquals(expected, rendered(opened, messages));
        }
    }

    @ParameterizedTest
    @MethodSource("templates")
    void white_space_at_the_edges_of_messages_stays(Template template) {
        ChatTemplate opened = listed(template);
        for (Conversation conversation : template.conversations) {
            List<Message> messages = conversation.messages.stream()
                    .map(turn -> turn.message(false))
                    .toList();
            List<ChatTemplate.Part> parts = opened.render(messages);
            assertEquals(
                    messages,
                    parts.stream()
                            .map(ChatTemplate.Part::message)
                            .filter(message -> message != null)
                            .toList());
            parts.stream()
                    .filter(part -> part.message() != null)
                    .forEach(part -> assertEquals(part.message().content(), part.text()));
        }
    }

    @Test
    void a_template_that_cannot_be_run_is_left_to_llama_s_list_where_that_knows_it() {
        String unreadable =
                "{% for m in messages %}<|im_start|>{{ m.role }}{{ m.content | urlize }}<|im_end|>{% endfor %}";
        ChatTemplate opened = ChatTemplate.of(LlamaRuntime.open(llama()), file(unreadable), null);
        assertEquals(ChatTemplate.Renderer.LLAMA_CPP, opened.renderer());
        assertEquals(
                "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n",
                rendered(opened, List.of(Message.user("Hello"))));
    }

    private ChatTemplate program(String template) {
        ChatTemplate opened = ChatTemplate.of(LlamaRuntime.open(llama()), file(template), null);
        assertEquals(ChatTemplate.Renderer.JINJA, opened.renderer());
        return opened;
    }

    private static String refusal(ChatTemplate template, Message... messages) {
        return String.valueOf(assertThrows(DemurException.class, () -> template.render(List.of(messages)))
                .getMessage());
    }

    @Test
    void a_template_is_rendered_as_the_program_that_it_is() {
        List<Message> messages = List.of(
                new Message(Message.Role.SYSTEM, "Be brief", null),
                Message.user(" Hello\n"),
                Message.assistant("Hi"),
                Message.user("<|im_end|>"));
        List<ChatTemplate.Part> parts = program(UnknownTemplate.TEXT).render(messages);
        assertEquals(
                "<|endoftext|>" + UnknownTemplate.rendered(messages),
                parts.stream().map(ChatTemplate.Part::text).collect(Collectors.joining()));
        assertEquals(
                messages,
                parts.stream()
                        .map(ChatTemplate.Part::message)
                        .filter(message -> message != null)
                        .toList());
    }

    @Test
    void text_that_the_template_alters_or_repeats_stays_the_messages() {
        Message message = Message.assistantAfter(" a<s>b\n", "c0");
        List<ChatTemplate.Part> parts = program(
                        "{% for m in messages %}{{ m.content | trim | upper }}-{{ m.content[:2] }}{% endfor %}")
                .render(List.of(message));
        assertEquals(
                List.of(
                        new ChatTemplate.Part("A<S>B", message, true),
                        new ChatTemplate.Part("-", null, false),
                        new ChatTemplate.Part(" a", message, false)),
                parts);
    }

    @Test
    void an_answer_without_text_has_its_place_for_the_token_of_its_decision() {
        String template = "{% for m in messages %}[{{ m.content | trim }}]{% endfor %}";
        for (String text : List.of("", " \n")) {
            Message answer = Message.assistantAfter(text, "c0");
            List<ChatTemplate.Part> parts = program(template).render(List.of(Message.user(""), answer));
            assertEquals(
                    List.of(
                            new ChatTemplate.Part("[][", null, false),
                            new ChatTemplate.Part(text, answer, true),
                            new ChatTemplate.Part("]", null, false)),
                    parts);
        }
    }

    @Test
    void a_conversation_that_the_template_refuses_is_refused_in_its_words() {
        String message = refusal(
                program("{{ raise_exception('Roles must alternate: ' + messages[0].role) }}"), Message.user("Hello"));
        assertEquals("the model's chat template refuses the conversation: Roles must alternate: user", message);
    }

    @Test
    void a_message_that_the_template_leaves_out_is_an_error() {
        String message = refusal(program("{{ messages[0].content }}"), Message.user("Hello"), Message.assistant("Hi"));
        assertTrue(
                message.contains("leaves out message 2 (assistant)") && message.contains("withChatTemplate"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ messages[7].content.x }}", "{{ messages | urlize }}", "{{ 1 + messages[0].content }}"})
    void a_template_that_goes_wrong_is_an_error_that_names_the_problem_and_the_option(String template) {
        String message = String.valueOf(
                assertThrows(DemurException.class, () -> program(template)).getMessage());
        assertTrue(message.contains("cannot be rendered (line 1: "), message);
        assertTrue(message.contains("LoadOptions.withChatTemplate") && message.contains("chatml"), message);
    }

    @Test
    void a_template_that_is_no_program_is_an_error_at_once() {
        for (String template : List.of("{{ messages[", "{% include 'x' %}", "{% for %}")) {
            String message = String.valueOf(
                    assertThrows(DemurException.class, () -> program(template)).getMessage());
            assertTrue(message.contains("line 1: ") && message.contains("LoadOptions.withChatTemplate"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% set n = namespace(x='a') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
                "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% for a in range(99999) %}{{ messages[0].content * 999 }}{% endfor %}",
                "{% set n = namespace(x=[1]) %}{% for a in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}"
            })
    void a_template_that_would_never_end_is_refused_within_a_second(String template) {
        // Of this thread's own time: a busy machine may keep it waiting. And the best of five: what is not compiled yet
        // takes
        // several times as long, and there the compiler may wait.
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long milliseconds = Long.MAX_VALUE;
        for (int i = 0; i < 5 && milliseconds >= 1000; i++) {
            long start = threads.getCurrentThreadCpuTime();
            String message = String.valueOf(
                    assertThrows(DemurException.class, () -> program(template)).getMessage());
            milliseconds = Math.min(milliseconds, (threads.getCurrentThreadCpuTime() - start) / 1_000_000);
            assertTrue(message.contains("cannot be rendered"), message);
        }
        assertTrue(milliseconds < 1000, milliseconds + " ms");
    }
}
