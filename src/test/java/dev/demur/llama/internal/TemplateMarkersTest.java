package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.TemplateMarkers;
import dev.demur.llama.TemplateMarkers.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Templates of the families that llama.cpp knows, against vocabularies that have their tokens or lack them. */
class TemplateMarkersTest {

    private static final String LLAMA3 = "{% for message in messages %}{% set content = '<|start_header_id|>' +"
            + " message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}"
            + "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
            + "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}";
    private static final String LLAMA2 = "{% for message in messages %}{% if message['role'] == 'user' %}"
            + "{{ bos_token + '[INST] ' + message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}"
            + "{{ ' ' + message['content'] + ' ' + eos_token }}{% endif %}{% endfor %}";
    private static final String ZEPHYR = "{% for message in messages %}\n{% if message['role'] == 'user' %}\n"
            + "{{ '<|user|>\\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'system' %}\n"
            + "{{ '<|system|>\\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n"
            + "{{ '<|assistant|>\\n' + message['content'] + eos_token }}\n{% endif %}\n{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";
    private static final String ALPACA = "{% for message in messages %}{% if message.role == 'user' %}"
            + "### Instruction:\n{{ message.content }}\n\n{% else %}### Response:\n{{ message.content }}\n\n{% endif %}"
            + "{% endfor %}### Response:\n";
    private static final String GEMMA = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
            + "{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
            + "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Alternate') }}{% endif %}"
            + "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
            + "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim"
            + " + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}";
    private static final String PHI3 = "{% for message in messages %}{{'<|' + message['role'] + '|>' + '\\n' +"
            + " message['content'] + '<|end|>\\n' }}{% endfor %}{{ '<|assistant|>\\n' }}";
    private static final String WITH_SYSTEM_PROMPT = "{% for message in messages %}{% if loop.first and"
            + " messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful model<|im_end|>\n' }}"
            + "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
            + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private static final String QWEN = "{%- if tools %}\n{{- '<|im_start|>system\\n' }}\n"
            + "{%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] }}{%- endif %}\n"
            + "{{- \"\\n\\n# Tools\\n\\nCall these:\\n<tools>\" }}\n{%- for tool in tools %}{{- tool | tojson }}{%- endfor %}\n"
            + "{{- '</tools><|im_end|>\\n' }}\n{%- else %}\n{%- if messages[0]['role'] == 'system' %}\n"
            + "{{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n{%- endif %}\n{%- endif %}\n"
            + "{%- for message in messages %}\n{%- if message.role == 'user' or message.role == 'assistant' and not"
            + " message.tool_calls %}\n"
            + "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n"
            + "{%- elif message.role == 'tool' %}{{- '<tool_response>' + message.content }}{%- endif %}\n{%- endfor %}\n"
            + "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}";
    private static final TemplateMarkers SPECIAL = new TemplateMarkers(Kind.SPECIAL_TOKENS, List.of(), null);

    @TempDir
    private Path folder;

    @Test
    void templates_of_special_tokens_are_recognised() {
        assertSpecial(MicroLlama.CHATML, "<|im_start|>", "<|im_end|>");
        assertSpecial(WITH_SYSTEM_PROMPT, "<|im_start|>", "<|im_end|>");
        assertSpecial(LLAMA3, "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>");
        assertSpecial(GEMMA, "<start_of_turn>", "<end_of_turn>", "\n\n");
        assertSpecial(PHI3, "<|user|>", "<|assistant|>", "<|end|>");
        assertSpecial(ZEPHYR, "<|user|>", "<|system|>", "</s>");
        assertSpecial(LLAMA2, "[INST]", "[/INST]", "<s>", "</s>");
    }

    @Test
    void the_same_templates_are_plain_text_where_the_vocabulary_lacks_the_tokens() {
        assertPlain(LLAMA2, List.of("[/INST]"), "<s>", "</s>");
        assertPlain(ALPACA, List.of("### Instruction:", "### Response:"), "</s>");
        assertPlain(
                MicroLlama.CHATML, List.of("<|im_end|> <|im_start|>user", "<|im_end|> <|im_start|>assistant"), "</s>");
    }

    /** Whatever a message says, it does not write the token that ends it. */
    @Test
    void one_special_token_between_two_messages_is_enough() {
        assertSpecial(ZEPHYR, "</s>");
        assertSpecial(QWEN, "<|im_end|>");
    }

    /** The section about tools is written for a conversation with tools, which none here is. */
    @Test
    void what_a_template_writes_for_tools_is_not_between_messages() {
        assertSpecial(QWEN, "<|im_start|>", "<|im_end|>");
        assertPlain(QWEN, List.of("<|im_end|> <|im_start|>user", "<|im_end|> <|im_start|>assistant"), "</s>");
    }

    @Test
    void messages_that_nothing_stands_between_are_told_so() {
        String template =
                "{% for message in messages %}{{ message.content }}{% if loop.first %} {% endif %}{% endfor %}";
        assertPlain(template, List.of("white space", "nothing"), "</s>");
    }

    @Test
    void long_texts_between_messages_are_cut_off() {
        String template = "{% for message in messages %}{{ message.content }}{{ 'very long ' * 1000 }}{% endfor %}";
        assertPlain(template, List.of("very long ".repeat(6) + "…"), "</s>");
    }

    @Test
    void a_template_that_shows_no_content_is_not_judged() {
        assertUnknown("line 1: 'render' is undefined", "{{ render(messages) }}");
        assertUnknown("leaves out a message of the user", "");
        assertUnknown(
                "leaves out a message of the assistant",
                "{% for m in messages %}{% if m.role == 'user' %}" + "{{ m.content }}</s>{% endif %}{% endfor %}");
        assertUnknown(
                "beyond what its input allows",
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
    }

    /** By models that are not in the repository: {@code -Ddemur.test.ordinary=FOLDER}. */
    @Test
    @EnabledIfSystemProperty(
            named = "demur.test.ordinary",
            matches = ".+",
            disabledReason = "no folder of ordinary models is named by demur.test.ordinary")
    void real_models_set_messages_apart_by_special_tokens() throws IOException {
        List<Path> models;
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("demur.test.ordinary")))) {
            models = files.filter(path -> path.toString().endsWith(".gguf")).toList();
        }
        int judged = 0;
        for (Path path : models) {
            GgufFile file = GgufFile.read(path);
            String template = file.chatTemplate();
            if (template != null) {
                judged++;
                assertEquals(SPECIAL, TemplateMarkerFinder.find(file, template), path.toString());
            }
        }
        assertTrue(judged > 0, "none of these has a chat template: " + models);
    }

    @Test
    void a_template_that_breaks_off_is_no_error() {
        for (int length = 0; length < GEMMA.length(); length++) {
            markers(GEMMA.substring(0, length), "<start_of_turn>");
        }
    }

    private void assertUnknown(String problem, String template) {
        TemplateMarkers markers = markers(template, "</s>");
        assertEquals(Kind.UNKNOWN, markers.kind());
        assertTrue(String.valueOf(markers.problem()).contains(problem), markers.problem());
    }

    private void assertSpecial(String template, String... special) {
        assertEquals(SPECIAL, markers(template, special));
    }

    private void assertPlain(String template, List<String> plain, String... special) {
        assertEquals(new TemplateMarkers(Kind.PLAIN_TEXT, plain, null), markers(template, special));
    }

    private TemplateMarkers markers(String template, String... special) {
        List<String> tokens = new ArrayList<>(List.of("a", "b"));
        tokens.addAll(List.of(special));
        List<Integer> types = new ArrayList<>(List.of(1, 1));
        types.addAll(Collections.nCopies(special.length, 4));
        GgufBuilder builder = new GgufBuilder()
                .string("general.architecture", "llama")
                .strings("tokenizer.ggml.tokens", tokens)
                .i32s("tokenizer.ggml.token_type", types)
                .u32("tokenizer.ggml.eos_token_id", tokens.size() - 1);
        GgufFile file = GgufFile.read(builder.write(folder.resolve("model.gguf")));
        return TemplateMarkerFinder.find(file, template);
    }
}
