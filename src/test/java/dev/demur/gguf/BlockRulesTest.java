package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors and layers without which llama.cpp reads through a null pointer. */
class BlockRulesTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"attn_q", "attn_k", "attn_v"})
    void attention_needs_its_queries_keys_and_values(String missing) {
        refused(
                MicroLlama.bytePair(1).removeTensor("blk.1." + missing + ".weight"),
                "tensor blk.1.attn_output.weight stands without blk.1.attn_qkv.weight");
    }

    @Test
    void attention_may_have_them_fused_latent_or_from_another_block() {
        GgufBuilder without = MicroLlama.bytePair(1)
                .removeTensor("blk.1.attn_q.weight")
                .removeTensor("blk.1.attn_k.weight")
                .removeTensor("blk.1.attn_v.weight");
        accepted(without.tensor("blk.1.attn_qkv.weight", new float[32], 32));
        accepted(without.removeTensor("blk.1.attn_qkv.weight").tensor("blk.1.attn_kv_a_mqa.weight", new float[32], 32));
        accepted(without.removeTensor("blk.1.attn_kv_a_mqa.weight").u32("llama.attention.shared_kv_layers", 1));
    }

    @Test
    void experts_need_their_weights_and_in_some_models_their_gates() {
        GgufBuilder routed = MicroLlama.bytePair(1).tensor("blk.0.ffn_gate_inp.weight", new float[32], 32);
        refused(routed, "tensor blk.0.ffn_gate_inp.weight stands without blk.0.ffn_gate_exps.weight and");
        routed.tensor("blk.0.ffn_up_exps.weight", new float[32], 32)
                .tensor("blk.0.ffn_down_exps.weight", new float[32], 32);
        refused(routed, "stands without blk.0.ffn_gate_exps.weight and");
        accepted(routed.string("general.architecture", "nomic-bert-moe").u32("nomic-bert-moe.attention.head_count", 4));
        accepted(routed.string("general.architecture", "llama")
                .removeTensor("blk.0.ffn_up_exps.weight")
                .tensor("blk.0.ffn_gate_up_exps.weight", new float[32], 32));
    }

    @Test
    void what_comes_out_of_a_state_space_must_have_gone_in() {
        GgufBuilder out = MicroLlama.bytePair(1).tensor("blk.0.ssm_out.weight", new float[32], 32);
        refused(out, "tensor blk.0.ssm_out.weight stands without blk.0.ssm_in.weight");
        accepted(out.tensor("blk.0.ssm_in.weight", new float[32], 32));
        accepted(out.removeTensor("blk.0.ssm_in.weight")
                .tensor("blk.0.attn_qkv.weight", new float[32], 32)
                .tensor("blk.0.attn_gate.weight", new float[32], 32));
    }

    @Test
    void blocks_that_choose_positions_must_have_what_chooses_them() {
        GgufBuilder builder = MicroLlama.bytePair(1)
                .string("general.architecture", "glm-dsa")
                .u32("glm-dsa.block_count", 2)
                .u32("glm-dsa.context_length", 512)
                .u32("glm-dsa.attention.head_count", 4)
                .tensor("blk.1.attn_kv_a_mqa.weight", new float[32], 32);
        refused(builder, "tensor blk.1.attn_kv_a_mqa.weight stands without blk.1.indexer.attn_q_b.weight and");
        accepted(builder.i32s("glm-dsa.attention.indexer.types", List.of(1, 0)));
        refused(
                builder.i32s("glm-dsa.attention.indexer.types", List.of(0, 0)),
                "glm-dsa.attention.indexer.types is 0 for all blocks");
        builder.remove("glm-dsa.attention.indexer.types")
                .u32("glm-dsa.block_count", 4)
                .u32("glm-dsa.context_length", 1 << 20)
                .tensor("blk.3.attn_kv_a_mqa.weight", new float[32], 32);
        refused(builder, "tensor blk.1.attn_kv_a_mqa.weight stands without");
        accepted(builder.removeTensor("blk.1.attn_kv_a_mqa.weight"));
        refused(
                builder.tensor("blk.2.attn_kv_a_mqa.weight", new float[32], 32),
                "tensor blk.2.attn_kv_a_mqa.weight stands without");
        accepted(builder.u32("glm-dsa.nextn_predict_layers", 2));
    }

    @Test
    void some_block_must_choose_positions() {
        GgufBuilder builder = MicroLlama.bytePair(1)
                .string("general.architecture", "deepseek4")
                .u32("deepseek4.block_count", 3)
                .u32("deepseek4.attention.head_count", 4)
                .i32s("deepseek4.attention.compress_ratios", List.of(0, 128, 4));
        accepted(builder);
        refused(
                builder.u32("deepseek4.nextn_predict_layers", 1),
                "deepseek4.block_count: none of the 2 blocks chooses positions");
        refused(
                builder.u32("deepseek4.nextn_predict_layers", 0)
                        .i32s("deepseek4.attention.compress_ratios", List.of(0, 128, 0)),
                "deepseek4.block_count: none of the 3 blocks chooses positions");
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek32", "deepseek4", "glm-dsa", "dots3note"})
    void keys_by_which_positions_are_chosen_must_be_of_another_size(String architecture) {
        GgufBuilder builder = MicroLlama.bytePair(1)
                .string("general.architecture", architecture)
                .u32(architecture + ".block_count", 2)
                .u32(architecture + ".context_length", 512)
                .u32(architecture + ".attention.head_count", 4)
                .u32(architecture + ".attention.key_length", 128)
                .u32(architecture + ".attention.indexer.key_length", 64);
        accepted(builder);
        refused(
                builder.u32(architecture + ".attention.key_length", 64),
                architecture + ".attention.key_length and " + architecture
                        + ".attention.indexer.key_length are both 64, but must differ");
        refused(
                builder.u32(architecture + ".attention.key_length", 128).u32(architecture + ".nextn_predict_layers", 2),
                architecture + ".block_count: none of the 0 blocks chooses positions");
    }

    @ParameterizedTest
    @ValueSource(strings = {"falcon-h1", "granitehybrid"})
    void a_convolution_needs_its_bias(String architecture) {
        GgufBuilder falcon = MicroLlama.bytePair(1)
                .string("general.architecture", architecture)
                .u32(architecture + ".attention.head_count", 4)
                .tensor("blk.0.ssm_conv1d.weight", new float[32], 32);
        refused(falcon, "tensor blk.0.ssm_conv1d.weight stands without blk.0.ssm_conv1d.bias");
        accepted(falcon.tensor("blk.0.ssm_conv1d.bias", new float[32], 32));
    }

    @ParameterizedTest
    @CsvSource({"gemma3, 5, 6", "cohere2, 3, 4"})
    void a_pattern_of_layers_needs_all_of_them(String architecture, int layers, int pattern) {
        String key = architecture + ".block_count";
        GgufBuilder builder = MicroLlama.bytePair(1)
                .string("general.architecture", architecture)
                .u32(architecture + ".attention.head_count", 4);
        refused(builder.u32(key, layers), key + " is " + layers + ", but the layers' pattern has " + pattern);
        accepted(builder.u32(key, pattern));
    }

    @Test
    void attention_needs_heads() {
        refused(
                MicroLlama.bytePair(1).remove("llama.attention.head_count"),
                "llama.attention.head_count is missing or 0");
        refused(
                MicroLlama.bytePair(1).u32("llama.attention.head_count", 0),
                "llama.attention.head_count is missing or 0");
    }

    @Test
    void sections_must_be_named_where_the_model_counts_on_them() {
        GgufBuilder builder = MicroLlama.bytePair(1)
                .string("general.architecture", "paddleocr")
                .u32("paddleocr.attention.head_count", 4);
        refused(builder, "paddleocr.rope.dimension_sections is missing");
        accepted(builder.i32s("paddleocr.rope.dimension_sections", List.of(2, 1, 1, 0)));
    }

    @Test
    void a_window_must_be_one_where_the_model_counts_on_it() {
        GgufBuilder builder =
                MicroLlama.bytePair(1).string("general.architecture", "afmoe").u32("afmoe.attention.head_count", 4);
        refused(builder, "afmoe.attention.sliding_window is missing or 0");
        refused(builder.u32("afmoe.attention.sliding_window", 0), "afmoe.attention.sliding_window is missing or 0");
        accepted(builder.u32("afmoe.attention.sliding_window", 128));
    }

    private void accepted(GgufBuilder builder) {
        assertDoesNotThrow(() -> GgufFile.read(builder.write(folder.resolve("model.gguf"))));
    }

    private void refused(GgufBuilder builder, String message) {
        Path file = builder.write(folder.resolve("model.gguf"));
        String text = String.valueOf(
                assertThrows(GgufException.class, () -> GgufFile.read(file)).getMessage());
        assertTrue(text.startsWith("model.gguf: ") && text.contains(message), text);
    }
}
