package dev.demur.gguf;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** States that no machine has memory for, divisors, and tables that name what there is not. */
class StateRulesTest {

    private static final String TABLE = "blk.0.ffn_gate_tid2eid.weight";

    @TempDir
    private Path folder;

    @Test
    void the_state_of_a_block_must_fit_memory() {
        accepted(model().u32("llama.ssm.state_size", 256).u32("llama.ssm.inner_size", 16_384));
        refused(
                model().u32("llama.ssm.state_size", 8192).u32("llama.ssm.inner_size", 8192),
                "llama.ssm.state_size is 8192, llama.ssm.inner_size is 8192: the state of a block would have more than "
                        + "8388608 numbers");
        refused(
                model().u32("llama.wkv.head_size", 1 << 20),
                "llama.wkv.head_size is 1048576, llama.embedding_length is 32: the state of a block");
        accepted(model().u32("llama.kda.head_dim", 128));
        refused(
                model().u32("llama.kda.head_dim", 8192),
                "llama.kda.head_dim is 8192, llama.kda.head_dim is 8192, llama.attention.head_count is 4: the state");
        refused(
                model().u32("llama.ssm.state_size", 0xffff_ffffL).u32("llama.ssm.inner_size", 0xffff_ffffL),
                "llama.ssm.state_size is 4294967295, llama.ssm.inner_size is 4294967295: the state of a block");
    }

    @Test
    void the_heads_of_linear_attention_have_states_too() {
        GgufBuilder builder = model().string("general.architecture", "minimax-01")
                .u32("minimax-01.attention.head_count", 64)
                .u32("minimax-01.attention.key_length", 128);
        accepted(builder);
        refused(
                builder.u32("minimax-01.attention.key_length", 4096),
                "minimax-01.attention.key_length is 4096, minimax-01.attention.head_count is 64: the state of a block");
    }

    @ParameterizedTest
    @CsvSource({
        "token_shift_count, 1048576, 2",
        "ssm.conv_kernel, 1048576, 4",
        "shortconv.l_cache, 1048576, 3",
        "attention.output_group_count, 0, 8",
        "hyper_connection.sinkhorn_iterations, 0, 20",
        "hyper_connection.sinkhorn_iterations, 4294967295, 20",
    })
    void numbers_that_memory_or_time_is_taken_for_have_bounds(String name, long value, long usual) {
        refused(model().u32("llama." + name, value), "llama." + name + " is " + value + ", not from ");
        accepted(model().u32("llama." + name, usual));
    }

    @Test
    void a_table_of_experts_must_name_experts() {
        accepted(table(0, 1, 3, 2));
        refused(table(0, 1, 4, 2), "tensor " + TABLE + " names the expert 4, but there are 4, from 0 on");
        refused(table(0, 1, 2, -1), "tensor " + TABLE + " names the expert -1, but there are 4, from 0 on");
        int[] many = new int[1 << 16];
        accepted(table(many));
        many[many.length - 1] = 7;
        refused(table(many), "tensor " + TABLE + " names the expert 7, but there are 4");
        refused(model().tensor(TABLE, new float[32], 16, 2), "tensor " + TABLE + " is of type F32, not I32");
    }

    @Test
    void a_table_of_experts_needs_experts() {
        refused(
                table(0, 0).remove("llama.expert_count").remove("llama.expert_used_count"),
                "tensor " + TABLE + " names the expert 0, but there are 0");
    }

    private static GgufBuilder table(int... experts) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * experts.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int expert : experts) {
            bytes.putInt(expert);
        }
        return model().u32("llama.expert_count", 4)
                .i32s("llama.expert_used_count", List.of(2, 2))
                .tensor(TABLE, TensorType.I32.id(), bytes.array(), 2, experts.length / 2);
    }

    private static GgufBuilder model() {
        return MicroLlama.bytePair(1);
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
