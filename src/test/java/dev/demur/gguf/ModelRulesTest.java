package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The values that make llama.cpp end the process: architecture, hyperparameters, vocabulary. */
class ModelRulesTest {

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final String SCORES = "tokenizer.ggml.scores";

    @TempDir
    private Path folder;

    @Test
    void micro_models_pass() {
        GgufFile bytePair = read(MicroLlama.bytePair(1));
        assertEquals("llama", bytePair.architecture());
        assertEquals(8, bytePair.findToken("[respond]"));
        assertEquals("[respond]", bytePair.tokenText(8));
        assertEquals(TokenType.CONTROL, bytePair.tokenType(8));
        assertEquals(MicroLlama.CHATML, bytePair.chatTemplate());
        assertEquals(20, bytePair.tensors().size());
        GgufFile sentencePiece = read(MicroLlama.sentencePiece(1));
        assertEquals(TokenType.UNKNOWN, sentencePiece.tokenType(0));
        assertEquals(TokenType.BYTE, sentencePiece.tokenType(3));
        assertEquals("<0x00>", sentencePiece.tokenText(3));
    }

    @Test
    void every_token_is_found_by_its_text() {
        for (GgufFile file : List.of(read(MicroLlama.bytePair(1)), read(MicroLlama.sentencePiece(1)))) {
            for (int id = 0; id < file.tokenCount(); id++) {
                assertEquals(id, file.findToken(file.tokenText(id)));
            }
            assertEquals(-1, file.findToken("[respond"));
            assertEquals(-1, file.findToken("[respond] "));
            assertEquals(-1, file.findToken(""));
        }
    }

    @Test
    void a_token_outside_the_vocabulary_is_an_error() {
        GgufFile file = read(MicroLlama.bytePair(1));
        assertThrows(IllegalArgumentException.class, () -> file.tokenText(-1));
        assertThrows(IllegalArgumentException.class, () -> file.tokenType(file.tokenCount()));
    }

    @Test
    void the_architecture_must_be_named_in_a_string() {
        refused(builder -> builder.remove("general.architecture"), "does not name its architecture");
        refused(builder -> builder.u32("general.architecture", 1), "general.architecture is of type u32, not a string");
    }

    @Test
    void the_file_type_must_be_of_the_type_that_llama_cpp_takes_for_granted() {
        refused(builder -> builder.i32("general.file_type", 0), "general.file_type is of type i32, not u32");
    }

    @ParameterizedTest
    @CsvSource({
        "llama.context_length, 0",
        "llama.context_length, 4294967295",
        "llama.embedding_length, 0",
        "llama.block_count, 0",
        "llama.block_count, 513",
        "llama.vocab_size, 0",
        "llama.vocab_size, 4294967295",
        "llama.attention.head_count, 4294967295",
        "llama.attention.key_length, 0",
        "llama.attention.key_length, 1048576",
        "llama.attention.key_length_mla, 0",
        "llama.attention.value_length_mla, 0",
        "llama.full_attention_interval, 0",
        "llama.wkv.head_size, 0",
        "llama.expert_count, 4000",
    })
    void hyperparameters_out_of_range_are_errors(String key, long value) {
        refused(builder -> builder.u32(key, value), key + " is " + value + ", not from ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama.block_count", "llama.attention.head_count", "llama.rope.dimension_count"})
    void hyperparameters_of_another_type_are_errors(String key) {
        refused(builder -> builder.string(key, "2"), key + " is of type string, not an integer");
        refused(builder -> builder.f32(key, 2), key + " is of type f32, not an integer");
        refused(builder -> builder.f32s(key, List.of(2f, 2f)), key + " is of type array of f32, not an integer");
    }

    @Test
    void hyperparameters_may_differ_by_layer() {
        accepted(builder -> builder.i32s("llama.feed_forward_length", List.of(64, 32)));
        refused(builder -> builder.i32s("llama.feed_forward_length", List.of(64, -1)), "feed_forward_length is -1");
    }

    @Test
    void query_heads_must_be_a_multiple_of_key_heads() {
        refused(builder -> builder.u32("llama.attention.head_count_kv", 3), "head_count is 4, no multiple of");
        refused(
                builder -> builder.i32s("llama.attention.head_count_kv", List.of(2, 3)),
                "head_count is 4, no multiple of");
        refused(
                builder -> builder.i32s("llama.attention.head_count_kv", List.of(0, 2)),
                "llama.attention.head_count_kv is missing or 0, but there is attention in blk.0");
        accepted(builder -> builder.i32s("llama.attention.head_count_kv", List.of()));
        accepted(builder -> builder.i32s("llama.attention.head_count", List.of()));
    }

    @Test
    void heads_of_layers_must_be_some() {
        String heads = "llama.attention.head_count";
        refused(builder -> builder.i32s(heads, List.of(0, 0)), heads + " is 0 for all blocks");
        refused(
                builder -> builder.i32s(heads, List.of(4, 0)),
                heads + " is missing or 0, but there is attention in blk.1");
        UnaryOperator<GgufBuilder> alike = builder ->
                builder.string("general.architecture", "olmo2").i32s("olmo2.attention.head_count", List.of(0, 4));
        refused(alike, "olmo2.attention.head_count is 0 for the first block");
    }

    @Test
    void heads_of_a_state_space_must_be_a_multiple_of_its_groups() {
        refused(
                builder -> builder.u32("llama.ssm.time_step_rank", 4).u32("llama.ssm.group_count", 64),
                "llama.ssm.time_step_rank is 4, no multiple of llama.ssm.group_count, 64");
        accepted(builder -> builder.u32("llama.ssm.time_step_rank", 4).u32("llama.ssm.group_count", 2));
        refused(builder -> builder.u32("llama.ssm.group_count", 0), "llama.ssm.group_count is 0");
        accepted(builder -> builder.string("general.architecture", "plamo2")
                .u32("plamo2.attention.head_count", 4)
                .u32("plamo2.ssm.group_count", 0));
    }

    @ParameterizedTest
    @ValueSource(floats = {-1e-5f, Float.NaN, Float.POSITIVE_INFINITY, 1})
    void epsilons_must_be_small_and_positive(float epsilon) {
        String key = "llama.attention.layer_norm_rms_epsilon";
        refused(builder -> builder.f32(key, epsilon), key + " is " + (double) epsilon);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "8, 0", "2, 3"})
    void used_experts_must_be_some_of_the_experts(int experts, int used) {
        refused(
                builder -> builder.u32("llama.expert_count", experts).u32("llama.expert_used_count", used),
                "llama.expert_used_count is " + used + " of " + experts + " experts");
    }

    @Test
    void used_experts_may_differ_by_block() {
        String used = "llama.expert_used_count";
        UnaryOperator<GgufBuilder> four = builder -> builder.u32("llama.expert_count", 4);
        accepted(builder -> four.apply(builder).i32s(used, List.of(2, 4)));
        refused(builder -> four.apply(builder).i32s(used, List.of(2, 5)), used + " is 5 of 4 experts");
        UnaryOperator<GgufBuilder> routed = builder -> four.apply(builder)
                .tensor("blk.0.ffn_gate_inp.weight", new float[32], 32)
                .tensor("blk.0.ffn_gate_exps.weight", new float[32], 32)
                .tensor("blk.0.ffn_up_exps.weight", new float[32], 32)
                .tensor("blk.0.ffn_down_exps.weight", new float[32], 32);
        accepted(builder -> routed.apply(builder).i32s(used, List.of(2, 0)));
        refused(
                builder -> routed.apply(builder).i32s(used, List.of(0, 2)),
                used + " is missing or 0, but there are experts in blk.0");
    }

    @Test
    void a_model_of_experts_must_have_some() {
        refused(
                builder -> builder.string("general.architecture", "qwen35moe").u32("qwen35moe.block_count", 2),
                "qwen35moe.expert_count says of no experts");
    }

    @Test
    void prediction_layers_must_be_some_of_the_layers() {
        accepted(builder -> builder.u32("llama.nextn_predict_layers", 2));
        refused(builder -> builder.u32("llama.nextn_predict_layers", 3), "llama.nextn_predict_layers is 3 of 2 layers");
    }

    @Test
    void tensors_must_be_of_types_that_can_be_computed_with() {
        byte[] row = new byte[64];
        refused(
                builder -> builder.removeTensor("output_norm.weight")
                        .tensor("output_norm.weight", TensorType.F16.id(), row, 32),
                "tensor output_norm.weight is of type F16, not F32");
        refused(
                builder -> builder.tensor("blk.2.attn_q.bias", TensorType.F16.id(), row, 32),
                "tensor blk.2.attn_q.bias is of type F16, not F32");
        refused(
                builder -> builder.tensor("blk.2.attn_q.bias", TensorType.I32.id(), new byte[128], 32),
                "tensor blk.2.attn_q.bias is of type I32, not F32");
        refused(
                builder -> builder.tensor("token_types.weight", TensorType.F16.id(), row, 16, 2),
                "tensor token_types.weight is of type F16, not F32");
        for (String name : List.of(
                "blk.1.time_mix_lerp_fused.weight",
                "blk.1.time_mix_first.weight",
                "blk.1.channel_mix_lerp_k.weight",
                "blk.1.ffn_gate_exps.bias",
                "blk.1.ssm_a",
                "blk.1.ssm_conv1d.weight",
                "blk.1.shortconv.conv.weight")) {
            refused(
                    builder -> builder.tensor(name, TensorType.F16.id(), row, 16, 2),
                    "tensor " + name + " is of type F16, not F32");
        }
        accepted(builder -> builder.tensor("blk.2.table", TensorType.I32.id(), new byte[128], 32));
        for (String name : List.of(
                "token_embd.weight",
                "altup_unembd_proj.weight",
                "blk.2.attn_q.weight",
                "blk.2.ffn_up_shexp.weight",
                "blk.2.laurel_l.weight")) {
            refused(
                    builder -> builder.removeTensor(name).tensor(name, TensorType.I32.id(), new byte[128], 16, 2),
                    "tensor " + name + " is of type I32, which matrices cannot have");
        }
        refused(
                builder -> builder.tensor("blk.2.any", TensorType.I16.id(), row, 16, 2),
                "tensor blk.2.any is of type I16, which matrices cannot have");
        accepted(builder -> builder.u32("llama.expert_count", 1)
                .u32("llama.expert_used_count", 1)
                .tensor("blk.2.ffn_gate_tid2eid.weight", TensorType.I32.id(), new byte[128], 16, 2));
    }

    @Test
    void the_tokens_must_be_an_array_of_strings() {
        refused(builder -> builder.string(TOKENS, "x"), TOKENS + " is of type string, not an array of strings");
        refused(builder -> builder.i32s(TOKENS, List.of(1)), TOKENS + " is of type array of i32");
        refused(builder -> builder.strings(TOKENS, List.of()), TOKENS + " is empty");
    }

    @Test
    void the_types_must_be_as_many_as_the_tokens_and_exist() {
        int tokens = read(MicroLlama.bytePair(1)).tokenCount();
        refused(builder -> builder.i32s(TYPES, List.of(1, 1)), TYPES + " has 2 elements for " + tokens + " tokens");
        refused(builder -> builder.u8(TYPES, 1), TYPES + " is of type u8, not an array of i32");
        refused(builder -> builder.array(TYPES, 0, tokens, new byte[tokens]), TYPES + " is of type array of u8");
        for (int type : new int[] {0, 7, -1, 256 + 1, 1 << 24 | 1}) {
            List<Integer> types = new ArrayList<>(Collections.nCopies(tokens, 1));
            types.set(5, type);
            refused(builder -> builder.i32s(TYPES, types), "token 5 is of type " + type + ", which does not exist");
        }
    }

    @Test
    void tokens_without_types_are_normal() {
        GgufFile file = read(MicroLlama.bytePair(1).remove(TYPES));
        assertEquals(TokenType.NORMAL, file.tokenType(8));
    }

    @Test
    void the_scores_must_be_as_many_as_the_tokens() {
        refused(builder -> builder.f32s(SCORES, List.of(1f)), SCORES + " has 1 elements for ");
        refused(builder -> builder.string(SCORES, "x"), SCORES + " is of type string, not an array of f32");
        refused(builder -> builder.i32s(SCORES, List.of(1)), SCORES + " is of type array of i32");
    }

    @Test
    void a_token_twice_is_an_error_that_names_both() {
        refused(
                builder -> builder.strings(TOKENS, withToken(20, "[respond]")),
                "tokens 8 and 20 are both \"[respond]\"");
    }

    @Test
    void empty_tokens_are_allowed_unless_another_has_the_name_that_llama_cpp_gives_them() {
        List<String> tokens = withToken(20, "");
        tokens.set(21, "");
        accepted(builder -> builder.strings(TOKENS, tokens));
        tokens.set(22, "[EMPTY_21]");
        refused(builder -> builder.strings(TOKENS, tokens), "token 21 is empty, and token 22 is \"[EMPTY_21]\"");
    }

    @Test
    void a_token_that_is_not_utf8_is_an_error() {
        byte[] bytes = MicroLlama.bytePair(1).build();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.indexOf("<|endoftext|>");
        refused(builder -> builder.patch(at + 3, 0xff), "token 0 of " + TOKENS + " is not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bos", "eos", "eot", "eom"})
    void ids_that_begin_or_end_a_text_must_be_in_the_vocabulary(String role) {
        String key = "tokenizer.ggml." + role + "_token_id";
        refused(builder -> builder.u32(key, 100_000), key + " is 100000, but there are ");
        refused(builder -> builder.i32(key, -1), key + " is -1, but there are ");
        refused(builder -> builder.string(key, "x"), key + " is of type string, not an integer");
    }

    @Test
    void a_padding_id_beyond_the_vocabulary_does_no_harm() {
        accepted(builder -> builder.u32("tokenizer.ggml.padding_token_id", 100_000));
    }

    @Test
    void a_vocabulary_too_small_for_the_ids_that_stand_in_for_missing_ones_is_an_error() {
        UnaryOperator<GgufBuilder> small =
                builder -> builder.strings(TOKENS, List.of("a", "b", "c")).remove(TYPES);
        accepted(small);
        refused(
                builder -> small.apply(builder).remove("tokenizer.ggml.eos_token_id"),
                "tokenizer.ggml.eos_token_id is missing, and the token 11 that stands in for it is beyond the 3 tokens");
    }

    @ParameterizedTest
    @CsvSource({
        "bert, unknown, 100",
        "bert, seperator, 102",
        "bert, mask, 103",
        "t5, unknown, 2",
        "t5, eos, 1",
        "llama, bos, 1",
        "plamo2, padding, 3",
    })
    void a_token_that_stands_in_for_one_that_is_not_there_must_be_in_the_vocabulary(
            String model, String role, int standIn) {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < standIn; i++) {
            tokens.add("t" + i);
        }
        UnaryOperator<GgufBuilder> all = builder -> {
            builder.string("tokenizer.ggml.model", model)
                    .strings(TOKENS, tokens)
                    .remove(TYPES);
            for (String name : List.of("bos", "eos", "unknown", "seperator", "padding", "mask")) {
                builder.u32("tokenizer.ggml." + name + "_token_id", 0);
            }
            return builder;
        };
        accepted(all);
        String key = "tokenizer.ggml." + role + "_token_id";
        String problem = ", and the token " + standIn + " that stands in for it is beyond the " + standIn + " tokens";
        refused(builder -> all.apply(builder).remove(key), key + " is missing" + problem);
        if (!role.equals("bos") && !role.equals("eos")) {
            refused(builder -> all.apply(builder).u32(key, 284), key + " is 284" + problem);
        }
        tokens.add("stands in");
        accepted(builder -> all.apply(builder).remove(key));
    }

    @Test
    void a_token_that_is_added_to_every_prompt_must_exist() {
        String bos = "tokenizer.ggml.bos_token_id";
        refused(
                builder -> builder.bool("tokenizer.ggml.add_bos_token", true).remove(bos),
                "tokenizer.ggml.add_bos_token is true, but " + bos + " is missing");
        refused(builder -> builder.u32("tokenizer.ggml.add_bos_token", 1), "is of type u32, not a bool");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "no_vocab"})
    void a_model_without_a_tokenizer_is_an_error(String model) {
        refused(builder -> builder.string("tokenizer.ggml.model", model), "tokenizer.ggml.model is " + model);
    }

    @Test
    void a_bert_vocabulary_must_have_no_byte_tokens() {
        UnaryOperator<GgufBuilder> bert = builder -> builder.string("tokenizer.ggml.model", "bert");
        accepted(bert);
        int tokens = read(MicroLlama.bytePair(1)).tokenCount();
        refused(
                builder -> bert.apply(builder).i32s(TYPES, Collections.nCopies(tokens, 6)),
                "token 0 is of type BYTE in a vocabulary of type bert");
    }

    @Test
    void an_rwkv_vocabulary_must_have_every_byte() {
        List<String> tokens = new ArrayList<>(List.of("<s>", "\\t", "\\n", "\\r", "\\\\"));
        for (int b = 0; b < 256; b++) {
            boolean literal = b >= ' ' && b < 0x7f && b != '\\';
            if (literal
                    || !tokens.contains(b == '\t' ? "\\t" : b == '\n' ? "\\n" : b == '\r' ? "\\r" : "\\" + (char) b)) {
                tokens.add(
                        literal
                                ? String.valueOf((char) b)
                                : "\\x" + Integer.toHexString(0x100 + b).substring(1));
            }
        }
        UnaryOperator<GgufBuilder> rwkv = builder -> builder.string("tokenizer.ggml.model", "rwkv")
                .strings(TOKENS, tokens)
                .remove(TYPES);
        accepted(rwkv);
        tokens.set(2, "\\nn");
        refused(rwkv, "the byte 0x0a has no token, which a vocabulary of type rwkv needs");
    }

    @ParameterizedTest
    @CsvSource({"gpt2, 4096", "llama, 4096", "bert, 4096", "gemma4, 4096", "t5, 512", "plamo2, 512", "unheard, 512"})
    void a_token_must_be_a_text_that_its_tokenizer_lives_through(String model, int most) {
        UnaryOperator<GgufBuilder> kind =
                builder -> builder.string("tokenizer.ggml.model", model).remove(TYPES);
        accepted(builder -> kind.apply(builder).strings(TOKENS, withToken(20, "\u4e00".repeat(most / 3))));
        refused(
                builder -> kind.apply(builder).strings(TOKENS, withToken(20, "q".repeat(most + 1))),
                "token 20 is a text of " + (most + 1) + " bytes, more than the " + most + " that a vocabulary of type "
                        + model + " may have");
    }

    @Test
    void tokens_must_not_have_too_many_characters_that_stand_for_no_byte() {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tokens.add("x".repeat(4000) + i);
        }
        accepted(builder -> builder.strings(TOKENS, tokens).remove(TYPES));
        tokens.replaceAll(token -> token.replace('x', ' '));
        refused(
                builder -> builder.strings(TOKENS, tokens).remove(TYPES),
                "its tokens have so many characters that stand for no byte that they take ");
        accepted(builder -> builder.string("tokenizer.ggml.model", "llama")
                .strings(TOKENS, tokens)
                .remove(TYPES));
    }

    @Test
    void texts_that_are_compared_with_themselves_must_be_short() {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            tokens.add("x".repeat(400) + i);
        }
        UnaryOperator<GgufBuilder> kind = builder -> builder.string("tokenizer.ggml.model", "plamo2")
                .strings(TOKENS, tokens)
                .remove(TYPES);
        refused(kind, "its tokens are so long that 1");
        tokens.subList(2, 16).replaceAll(token -> token.substring(390));
        accepted(kind);
    }

    @Test
    void other_tokenizer_values_must_be_of_their_types() {
        refused(
                builder -> builder.i32s("tokenizer.ggml.merges", List.of(1)),
                "tokenizer.ggml.merges is of type array of i32");
        refused(builder -> builder.string("tokenizer.ggml.merges", "a b"), "tokenizer.ggml.merges is of type string");
        refused(builder -> builder.u32("tokenizer.ggml.model", 1), "tokenizer.ggml.model is of type u32, not a string");
        refused(
                builder -> builder.strings("tokenizer.chat_template", List.of("x")),
                "tokenizer.chat_template is of type array of string, not a string");
        refused(
                builder -> builder.strings("tokenizer.ggml.precompiled_charsmap", List.of("x")),
                "tokenizer.ggml.precompiled_charsmap is of type array of string, not an array of u8");
    }

    @Test
    void texts_that_hash_alike_do_not_slow_a_vocabulary_down() {
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 1 << 14; i++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            tokens.add(text.toString());
        }
        assertEquals(tokens.get(0).hashCode(), tokens.get(tokens.size() - 1).hashCode());
        GgufFile file = read(MicroLlama.bytePair(1).strings(TOKENS, tokens).remove(TYPES));
        assertEquals(1, file.findToken(tokens.get(1)));
    }

    private List<String> withToken(int id, String text) {
        GgufFile file = read(MicroLlama.bytePair(1));
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < file.tokenCount(); i++) {
            tokens.add(i == id ? text : file.tokenText(i));
        }
        return tokens;
    }

    private void accepted(UnaryOperator<GgufBuilder> change) {
        assertDoesNotThrow(() -> read(change.apply(MicroLlama.bytePair(1))));
    }

    private void refused(UnaryOperator<GgufBuilder> change, String message) {
        GgufException e = assertThrows(GgufException.class, () -> read(change.apply(MicroLlama.bytePair(1))));
        String text = String.valueOf(e.getMessage());
        assertTrue(text.startsWith("model.gguf: ") && text.contains(message), text);
    }

    private GgufFile read(GgufBuilder builder) {
        return GgufFile.read(builder.write(folder.resolve("model.gguf")));
    }
}
