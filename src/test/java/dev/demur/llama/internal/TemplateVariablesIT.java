package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.Message;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a chat template is told besides the messages, and files that have none. */
class TemplateVariablesIT {

    private static final String THINKS = "{% for message in messages %}<|im_start|>{{ message.role }}\n"
            + "{{ message.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
            + "{% if enable_thinking is defined and enable_thinking is false %}<think></think>{% endif %}"
            + "{% if names is defined %}{{ names | join('+') }}{% endif %}";

    private static final List<Message> HELLO = List.of(Message.user("Hello"));

    @TempDir
    Path folder;

    private GgufFile file(@Nullable String template) {
        GgufBuilder model = template == null
                ? MicroLlama.bytePair(1).without("tokenizer.chat_template")
                : MicroLlama.bytePair(1).string("tokenizer.chat_template", template);
        return GgufFile.read(model.write(folder.resolve("micro.gguf")));
    }

    private static ChatTemplate of(GgufFile file, @Nullable String name, Map<String, @Nullable Object> variables) {
        return ChatTemplate.of(LlamaRuntime.open((Path) null), file, name, variables);
    }

    private static String rendered(ChatTemplate template) {
        return template.render(HELLO).stream().map(ChatTemplate.Part::text).collect(Collectors.joining());
    }

    @Test
    void a_thinking_switch_reaches_the_template_and_is_recorded_with_it() {
        ChatTemplate plain = of(file(THINKS), null, Map.of());
        ChatTemplate quick = of(file(THINKS), null, Map.of("enable_thinking", false));
        assertEquals(rendered(plain) + "<think></think>", rendered(quick));
        assertEquals(THINKS, plain.nameOrText());
        assertEquals(THINKS + "{# enable_thinking=false #}", quick.nameOrText());
        ChatTemplate lists = of(file(THINKS), null, Map.of("names", List.of("a", "b")));
        assertEquals(rendered(plain) + "a+b", rendered(lists));
    }

    @Test
    void a_template_of_llama_cpp_s_list_takes_none() {
        String message = String.valueOf(assertThrows(
                        DemurException.class, () -> of(file(THINKS), "chatml", Map.of("enable_thinking", false)))
                .getMessage());
        assertTrue(message.contains("chatml takes no variables") && message.contains("enable_thinking=false"), message);
    }

    @Test
    void values_are_json_or_text() {
        assertEquals(false, TemplateVariables.value("false"));
        assertNull(TemplateVariables.value("null"));
        assertEquals(BigInteger.TWO, TemplateVariables.value("2"));
        assertEquals(2.5, TemplateVariables.value("2.5"));
        assertEquals(Map.of("risk_name", "harm"), TemplateVariables.value("{\"risk_name\": \"harm\"}"));
        assertEquals("low effort", TemplateVariables.value("low effort"));
        assertEquals("{broken", TemplateVariables.value("{broken"));
    }

    @Test
    void what_is_no_variable_is_an_error_that_says_so() {
        List<Object> deep = new ArrayList<>();
        deep.add(deep);
        Map<String, @Nullable Object> own = new HashMap<>();
        own.put("messages", List.of());
        for (Map<String, ? extends @Nullable Object> wrong :
                List.of(own, Map.of("", 1), Map.of("a", new StringBuilder()), Map.of("a", deep))) {
            String message =
                    String.valueOf(assertThrows(IllegalArgumentException.class, () -> TemplateVariables.copy(wrong))
                            .getMessage());
            assertTrue(message.startsWith("template variables: "), message);
        }
    }

    @Test
    void a_file_without_a_template_takes_the_one_whose_tokens_its_vocabulary_has() {
        GgufFile none = file(null);
        assertEquals("chatml", ChatTemplate.impliedBy(none));
        ChatTemplate implied = of(none, null, Map.of());
        assertEquals("chatml", implied.nameOrText());
        assertEquals("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", rendered(implied));
        String message =
                String.valueOf(assertThrows(DemurException.class, () -> of(none, null, Map.of("enable_thinking", true)))
                        .getMessage());
        assertTrue(message.contains("the model file has no template"), message);
    }
}
