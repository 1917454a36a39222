package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.TemplateMarkers.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
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
            + "{{ '<|system|>\\n' + message['content'] + eos_token }}\n{% endif %}\n{% endfor %}";
    private static final String ALPACA = "{% for message in messages %}{% if message.role == 'user' %}"
            + "### Instruction:\n{{ message.content }}\n\n{% else %}### Response:\n{{ message.content }}\n\n{% endif %}"
            + "{% endfor %}### Response:\n";
    private static final String GEMMA = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
            + "{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
            + "{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
            + "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim"
            + " + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{'<start_of_turn>model\\n'}}{% endif %}";
    private static final String PHI3 = "{% for message in messages %}{{'<|' + message['role'] + '|>' + '\\n' +"
            + " message['content'] + '<|end|>\\n' }}{% endfor %}{{ '<|assistant|>\\n' }}";
    private static final String WITH_SYSTEM_PROMPT = "{% for message in messages %}{% if loop.first and"
            + " messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful model<|im_end|>\n' }}"
            + "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
            + "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

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
        assertPlain(ZEPHYR, List.of("<|user|>", "<|system|>"), "</s>");
        assertPlain(LLAMA2, List.of("[INST]", "[/INST]"), "<s>", "</s>");
        assertPlain(ALPACA, List.of("### Instruction:", "### Response:"), "</s>");
        assertPlain(MicroLlama.CHATML, List.of("<|im_start|>user", "<|im_end|>\n<|im_start|>assistant"), "</s>");
    }

    @Test
    void a_template_that_shows_no_content_is_not_judged() {
        assertEquals(Kind.UNKNOWN, markers("{{ render(messages) }}", "</s>").kind());
        assertEquals(Kind.UNKNOWN, markers("", "</s>").kind());
    }

    @Test
    void a_template_that_breaks_off_is_no_error() {
        for (int length = 0; length < GEMMA.length(); length++) {
            markers(GEMMA.substring(0, length), "<start_of_turn>");
        }
    }

    private void assertSpecial(String template, String... special) {
        assertEquals(new TemplateMarkers(Kind.SPECIAL_TOKENS, List.of()), markers(template, special));
    }

    private void assertPlain(String template, List<String> plain, String... special) {
        assertEquals(new TemplateMarkers(Kind.PLAIN_TEXT, plain), markers(template, special));
    }

    private TemplateMarkers markers(String template, String... special) {
        List<String> tokens = new ArrayList<>(List.of("a", "b"));
        tokens.addAll(List.of(special));
        List<Integer> types = new ArrayList<>(List.of(1, 1));
        types.addAll(Collections.nCopies(special.length, 4));
        GgufBuilder builder = new GgufBuilder()
                .string("general.architecture", "llama")
                .strings("tokenizer.ggml.tokens", tokens)
                .i32s("tokenizer.ggml.token_type", types);
        GgufFile file = GgufFile.read(builder.write(folder.resolve("model.gguf")));
        return TemplateMarkers.of(file, template);
    }
}
