package dev.demur.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.gguf.TensorType;
import dev.demur.gguf.TokenType;
import dev.demur.llama.TemplateMarkers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectionTest {

    @TempDir
    private Path folder;

    @Test
    void a_refusal_token_model_is_described_without_a_warning() {
        Inspection inspection = inspect(MicroLlama.bytePair(1).string("demur.policy", "{}"));
        assertEquals("model.gguf", inspection.file());
        assertEquals(folder.resolve("model.gguf").toFile().length(), inspection.fileSize());
        assertEquals(3, inspection.version());
        assertEquals("llama", inspection.architecture());
        assertEquals("Micro Llama", inspection.name());
        assertEquals(OptionalLong.of(512), inspection.contextLength());
        assertEquals(OptionalLong.of(2), inspection.layers());
        assertEquals(OptionalLong.of(32), inspection.embeddingLength());
        assertEquals(20, inspection.weights().tensors());
        assertEquals(Map.of("F32", 20), inspection.weights().types());
        assertEquals("gpt2", inspection.vocabulary().model());
        assertEquals("gpt-2", inspection.vocabulary().pre());
        assertEquals(Map.of("bos", 0L, "eos", 2L), inspection.vocabulary().specialIds());
        assertEquals(9, inspection.vocabulary().types().get(TokenType.CONTROL));
        assertNotNull(inspection.controlTokens());
        assertNull(inspection.controlTokenProblem());
        Inspection.Template template = inspection.template();
        assertNotNull(template);
        assertEquals(MicroLlama.CHATML.length(), template.length());
        assertEquals(TemplateMarkers.Kind.SPECIAL_TOKENS, template.markers().kind());
        assertTrue(inspection.carriesPolicy());
        assertEquals(List.of(), inspection.warnings());
    }

    @Test
    void parameters_are_the_elements_of_all_tensors() {
        GgufBuilder builder = new GgufBuilder()
                .string("general.architecture", "test")
                .tensor("a", TensorType.Q8_0.id(), new byte[34 * 3], 32, 3)
                .tensor("b", new float[5], 5)
                .tensor("c", new float[2], 2);
        Inspection.Weights weights = inspect(builder).weights();
        assertEquals(103, weights.parameters());
        assertEquals(List.of("F32", "Q8_0"), List.copyOf(weights.types().keySet()));
    }

    @Test
    void a_model_without_control_tokens_is_described_with_the_reason() {
        GgufBuilder builder = new GgufBuilder().string("general.architecture", "test");
        Inspection inspection = inspect(builder);
        assertNull(inspection.controlTokens());
        assertTrue(String.valueOf(inspection.controlTokenProblem()).contains("has no control tokens"));
        assertNull(inspection.template());
        assertNull(inspection.name());
        assertEquals(OptionalLong.empty(), inspection.contextLength());
        assertFalse(inspection.carriesPolicy());
        assertWarned(inspection, "The file has no chat template: name one with LoadOptions.withChatTemplate.");
        assertWarned(inspection, "The file has no tensors");
    }

    @Test
    void control_tokens_that_users_could_type_are_warned_of() {
        GgufBuilder builder = MicroLlama.bytePair(1);
        int tokens = GgufFile.read(builder.write(folder.resolve("model.gguf"))).tokenCount();
        Inspection inspection = inspect(builder.i32s("tokenizer.ggml.token_type", Collections.nCopies(tokens, 4)));
        assertWarned(inspection, "The control token [respond] (8) is of type USER_DEFINED, not CONTROL");
    }

    @Test
    void a_second_spelling_of_a_control_token_is_warned_of() {
        GgufBuilder builder = MicroLlama.bytePair(1);
        GgufFile file = GgufFile.read(builder.write(folder.resolve("model.gguf")));
        List<String> tokens = new ArrayList<>();
        for (int id = 0; id < file.tokenCount(); id++) {
            tokens.add(id == 20 ? "\u0120[respond]" : file.tokenText(id));
        }
        assertWarned(
                inspect(builder.strings("tokenizer.ggml.tokens", tokens)),
                "Token 20 (\"\u0120[respond]\") is spelled like the control token 8 (\"[respond]\").");
    }

    @Test
    void a_template_of_plain_text_is_warned_of() {
        Inspection inspection = inspect(
                MicroLlama.bytePair(1)
                        .string(
                                "tokenizer.chat_template",
                                "\n  ### User:\n{% for message in messages %}{{ message['content'] }}\n### Assistant:\n{% endfor %}"));
        assertEquals("### User:", inspection.template().firstLine());
        assertWarned(inspection, "The chat template sets messages apart by plain text (### Assistant:)");
    }

    @Test
    void a_special_id_outside_the_vocabulary_is_warned_of() {
        Inspection inspection = inspect(MicroLlama.bytePair(1).u32("tokenizer.ggml.padding_token_id", 99_999));
        assertWarned(inspection, "The pad token 99999 is not in the vocabulary");
    }

    @Test
    void tensors_of_an_unknown_type_are_warned_of_once() {
        Inspection inspection =
                inspect(MicroLlama.bytePair(1).tensor("x", 99, new byte[32], 8).tensor("y", 99, new byte[32], 8));
        assertEquals(2, inspection.weights().types().get("type 99"));
        assertEquals(1, inspection.warnings().size());
        assertWarned(inspection, "Tensors are of type 99, which is not known here");
    }

    @Test
    void an_spm_vocabulary_without_bytes_is_warned_of() {
        GgufBuilder builder = MicroLlama.sentencePiece(1);
        int tokens = GgufFile.read(builder.write(folder.resolve("model.gguf"))).tokenCount();
        Inspection inspection = inspect(builder.i32s("tokenizer.ggml.token_type", Collections.nCopies(tokens, 3)));
        assertWarned(inspection, "The vocabulary has no byte tokens");
    }

    private static void assertWarned(Inspection inspection, String start) {
        assertTrue(
                inspection.warnings().stream().anyMatch(warning -> warning.startsWith(start)),
                () -> inspection.warnings().toString());
    }

    private Inspection inspect(GgufBuilder builder) {
        return Inspection.of(GgufFile.read(builder.write(folder.resolve("model.gguf"))));
    }
}
