package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
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

/**
 * What llama.cpp's list makes of chat templates, against what jinja2 does: equal, but for the differences that are listed
 * here and in docs/CHAT_TEMPLATES.md. One subclass per llama.cpp.
 *
 * <p>{@code src/test/templates/render.py} makes the fixture.
 */
abstract class ChatTemplateContract {

    private static final String BOS = "<s>";

    /** What differs beside the token that begins a text, which Demur adds as an id where the vocabulary says so. */
    private static final Map<String, UnaryOperator<String>> DIFFERENCES = Map.of(
            "qwen2", text -> without(text, "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"),
            "llama2", text -> text.replaceAll("(?s)\\[/INST\\] (.*?) </s><s>", "[/INST]$1</s>"),
            "zephyr", text -> text.replace("</s>", "<|endoftext|>"));

    /** Templates that trim messages, which Demur does not. */
    private static final List<String> TRIMMING = List.of("llama2", "llama3", "gemma");

    /** A template that llama.cpp takes for another by its text; by its name it is rendered right. */
    private static final String MISTAKEN = "zephyr";

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

    private ChatTemplate open(Template template) {
        LlamaRuntime runtime = LlamaRuntime.open(llama());
        return template.name.equals(MISTAKEN)
                ? ChatTemplate.of(runtime, file(null), template.name)
                : ChatTemplate.of(runtime, file(template.template), null);
    }

    @ParameterizedTest
    @MethodSource("templates")
    void a_rendered_conversation_is_that_of_jinja_but_for_the_listed_differences(Template template) {
        ChatTemplate opened = open(template);
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
        ChatTemplate opened = open(template);
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
    void zephyrs_template_is_taken_for_another_by_its_text() throws IOException {
        Template zephyr = templates().stream()
                .filter(template -> template.name.equals(MISTAKEN))
                .findFirst()
                .orElseThrow();
        List<Message> messages = List.of(Message.user("Hello"));
        String byText = rendered(ChatTemplate.of(LlamaRuntime.open(llama()), file(zephyr.template), null), messages);
        assertNotEquals(rendered(open(zephyr), messages), byText);
    }

    @Test
    void an_unknown_template_is_an_error_that_names_the_option() {
        ChatTemplate unknown = ChatTemplate.of(LlamaRuntime.open(llama()), file("{{ messages[0].content }}"), null);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> unknown.render(List.of(Message.user("Hello"))))
                .getMessage();
        assertTrue(message.contains("--chat-template NAME") && message.contains("chatml"), message);
    }
}
