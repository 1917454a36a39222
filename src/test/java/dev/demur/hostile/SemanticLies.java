package dev.demur.hostile;

import dev.demur.gguf.MicroLlama;
import dev.demur.hostile.ModelSketch.Fill;
import dev.demur.hostile.ModelSketch.Tensor;
import dev.demur.hostile.ModelSketch.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Lies of well-formed files: numbers that do not go together, vocabularies of every kind with texts that no tokenizer meets,
 * weights that are no numbers, templates and policies of megabytes, {@code demur.*} keys that name nonsense. The same
 * random numbers tell the same lies.
 */
final class SemanticLies {

    private static final String[] GEOMETRY = {
        "embedding_length",
        "block_count",
        "feed_forward_length",
        "context_length",
        "attention.head_count",
        "attention.head_count_kv",
        "attention.key_length",
        "attention.value_length",
        "attention.key_length_mla",
        "attention.value_length_mla",
        "attention.kv_lora_rank",
        "attention.q_lora_rank",
        "attention.sliding_window",
        "attention.sliding_window_pattern",
        "attention.indexer.head_count",
        "attention.indexer.key_length",
        "attention.indexer.top_k",
        "rope.dimension_count",
        "rope.dimension_sections",
        "rope.scaling.original_context_length",
        "expert_count",
        "expert_used_count",
        "expert_shared_count",
        "expert_group_count",
        "expert_group_used_count",
        "expert_feed_forward_length",
        "leading_dense_block_count",
        "interleave_moe_layer_step",
        "moe_every_n_layers",
        "full_attention_interval",
        "nextn_predict_layers",
        "ssm.inner_size",
        "ssm.state_size",
        "ssm.conv_kernel",
        "ssm.time_step_rank",
        "ssm.group_count",
        "shortconv.l_cache",
        "wkv.head_size",
        "token_shift_count",
        "rescale_every_n_layers",
        "hyper_connection.count",
        "pooling_type",
        "vocab_size"
    };

    private static final long[] NUMBERS = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 31, 32, 33, 48, 64, 96, 128, 256};
    private static final long[] LIMITS = {1 << 20, 1 << 30, Integer.MAX_VALUE, 0x8000_0000L, 0xffff_ffffL};

    /** Pieces that token texts are made of: outside of alphabets, of no width, of all lengths in UTF-8, escaped. */
    private static final List<String> TEXTS = List.of(
            "a",
            "q",
            " ",
            "\u2581",
            "\u0120",
            "\u4e00",
            "\ud83d\ude00",
            "\u00e9",
            "\u0301",
            "\\x",
            "\\x4",
            "\\",
            "\\u0041",
            "\n",
            "\t",
            "\u0001",
            "\u0000",
            "<0x41>",
            "<|",
            "{{",
            "\u200b",
            "\ufffd",
            "\u00ad",
            "'",
            "b'\\x80'",
            "[UNK]");

    private static final int[] LENGTHS = {
        1, 2, 3, 15, 16, 64, 127, 255, 300, 512, 513, 900, 1024, 4096, 4097, 9000, 36_000
    };

    private static final String DEMUR = "demur.";
    private static final List<String> DEMUR_KEYS = List.of(
            "demur.category.ids",
            "demur.category.tokens",
            "demur.category.names",
            "demur.respond_token",
            "demur.policy",
            "demur.calibration");

    private final Random random;

    SemanticLies(Random random) {
        this.random = random;
    }

    /** One or two lies. */
    void tell(ModelSketch sketch) {
        for (int left = 1 + random.nextInt(2); left > 0; left--) {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> geometry(sketch);
                case 3, 4, 5 -> vocabulary(sketch);
                case 6 -> weights(sketch);
                case 7 -> template(sketch);
                default -> demurKeys(sketch);
            }
        }
    }

    /** One to four numbers that the architecture reads, or may read. */
    private void geometry(ModelSketch sketch) {
        String prefix = sketch.architecture() + ".";
        List<String> own = new ArrayList<>();
        sketch.values.keySet().stream().filter(key -> key.startsWith(prefix)).forEach(own::add);
        for (int left = 1 + random.nextInt(4); left > 0; left--) {
            boolean known = random.nextBoolean() && !own.isEmpty();
            String key = known ? pick(own) : prefix + GEOMETRY[random.nextInt(GEOMETRY.length)];
            Value before = sketch.values.get(key);
            if (before != null && !before.isInteger() && before.type() != ModelSketch.ARRAY) {
                continue;
            }
            switch (random.nextInt(6)) {
                case 0 -> sketch.values.remove(key);
                case 1 -> sketch.values.put(key, Value.integers(numbers(1 + random.nextInt(6))));
                default -> sketch.values.put(key, Value.u32(number()));
            }
        }
    }

    private long number() {
        return random.nextInt(8) == 0 ? LIMITS[random.nextInt(LIMITS.length)] : NUMBERS[random.nextInt(NUMBERS.length)];
    }

    private List<Integer> numbers(int count) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add((int) number());
        }
        return numbers;
    }

    private void vocabulary(ModelSketch sketch) {
        List<String> more = new ArrayList<>();
        for (int left = random.nextInt(12); left > 0; left--) {
            more.add(text());
        }
        if (random.nextInt(6) == 0) {
            String same = text();
            for (int i = 0; i < 300; i++) {
                more.add(same.substring(0, Math.min(same.length(), 400)) + i);
            }
        }
        Vocabularies.put(sketch, pick(Vocabularies.MODELS), more, 1 + random.nextInt(6));
        String prefix = "tokenizer.ggml.";
        if (random.nextInt(3) == 0) {
            String key = prefix + pick(Architectures.TOKENIZER_KEYS);
            if (random.nextInt(3) == 0) {
                sketch.values.remove(key);
            } else if (key.endsWith("_id")) {
                sketch.values.put(key, Value.u32(random.nextInt(3) == 0 ? number() : random.nextInt(400)));
            }
        }
        if (random.nextInt(4) == 0) {
            sketch.values.put(prefix + "pre", Value.string(pick(Architectures.PRE_TOKENIZERS)));
        }
        if (random.nextInt(6) == 0) {
            List<String> merges = new ArrayList<>();
            for (int left = random.nextInt(6); left > 0; left--) {
                merges.add(text() + (random.nextBoolean() ? " " : "") + text());
            }
            sketch.values.put(prefix + "merges", Value.strings(merges));
        }
    }

    private String text() {
        String piece = pick(TEXTS);
        int length = LENGTHS[random.nextInt(LENGTHS.length)];
        String end = random.nextBoolean() ? "" : pick(TEXTS);
        return piece.repeat(Math.max(1, length / piece.getBytes(StandardCharsets.UTF_8).length)) + end;
    }

    /** NaN, infinities and numbers that overflow, in one tensor or in all of them. */
    private void weights(ModelSketch sketch) {
        Fill fill = new Fill[] {Fill.NAN, Fill.INFINITE, Fill.HUGE, Fill.ZEROS}[random.nextInt(4)];
        int only = random.nextInt(4) == 0 ? -1 : random.nextInt(Math.max(1, sketch.tensors.size()));
        for (int i = 0; i < sketch.tensors.size(); i++) {
            if (only < 0 || i == only) {
                Tensor tensor = sketch.tensors.get(i);
                sketch.tensors.set(i, new Tensor(tensor.name(), tensor.type(), tensor.shape(), fill));
            }
        }
    }

    private void template(ModelSketch sketch) {
        int times = 1 << random.nextInt(18);
        String template = switch (random.nextInt(8)) {
            case 0 -> MicroLlama.CHATML + "x".repeat(16 * times);
            case 1 -> "{% if true %}".repeat(times) + MicroLlama.CHATML + "{% endif %}".repeat(times);
            case 2 -> "{{ '<|im_start|>' }}".repeat(times);
            case 3 -> "{% for message in messages %}".repeat(times);
            case 4 -> "{{ " + "(".repeat(times) + "1" + ")".repeat(times) + " }}<|im_start|>";
            case 5 ->
                "{% for a in range(1000000000) %}{% for b in range(1000000000) %}<|im_start|>{% endfor %}{% endfor %}";
            case 6 -> "<|im_start|>" + "{#".repeat(times) + "\u0000\ud83d\ude00".repeat(times);
            default ->
                MicroLlama.CHATML.repeat(Math.max(1, times / 256)) + "{{ raise_exception('" + "x".repeat(times)
                        + "') }}";
        };
        sketch.values.put("tokenizer.chat_template", Value.string(template));
    }

    private void demurKeys(ModelSketch sketch) {
        if (random.nextInt(3) == 0) {
            sketch.values.put(pick(DEMUR_KEYS), wrongType());
            return;
        }
        if (random.nextInt(2) == 0) {
            sketch.values.put(DEMUR + "policy", Value.string(policy()));
            return;
        }
        int count = random.nextInt(4) == 0 ? 1 << random.nextInt(17) : 1 + random.nextInt(6);
        List<String> tokens = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tokens.add(random.nextInt(8) == 0 ? text() : MicroLlama.CONTROL_TOKENS.get(i % 5));
            ids.add(random.nextInt(8) == 0 ? text() : "category" + (random.nextInt(8) == 0 ? 0 : i));
        }
        sketch.values.put(
                DEMUR + "category.ids",
                random.nextInt(6) == 0 ? Value.array(ModelSketch.STRING, count, noText(count)) : Value.strings(ids));
        sketch.values.put(DEMUR + "category.tokens", Value.strings(tokens));
        if (random.nextBoolean()) {
            sketch.values.put(
                    DEMUR + "category.names",
                    Value.strings(Collections.nCopies(random.nextBoolean() ? count : 1, text())));
        }
        sketch.values.put(DEMUR + "respond_token", Value.string(random.nextInt(4) == 0 ? text() : "[respond]"));
    }

    private Value wrongType() {
        return switch (random.nextInt(8)) {
            case 0 -> Value.u32(number());
            case 1 -> Value.f32(Float.NaN);
            case 2 -> Value.bool(random.nextBoolean());
            case 3 -> Value.integers(numbers(1 << random.nextInt(18)));
            case 4 -> Value.strings(Collections.nCopies(1 << random.nextInt(16), text().substring(0, 1)));
            case 5 -> Value.strings(List.of());
            case 6 -> Value.array(ModelSketch.STRING, 3, noText(3));
            default -> Value.string(text());
        };
    }

    /** Strings of bytes that are no UTF-8. */
    private static byte[] noText(int count) {
        java.nio.ByteBuffer out = java.nio.ByteBuffer.allocate(11 * count).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            out.putLong(3).put((byte) 0xff).put((byte) 0xc0).put((byte) (i & 0x7f));
        }
        return out.array();
    }

    private String policy() {
        int times = 1 << random.nextInt(20);
        return switch (random.nextInt(8)) {
            case 0 -> "[".repeat(times);
            case 1 -> "{\"a\":".repeat(times) + "1" + "}".repeat(times);
            case 2 -> "{\"version\":1,\"rule\":\"threshold\",\"categories\":{" + members(times / 16) + "}}";
            case 3 -> " ".repeat(times) + "{}";
            case 4 -> "{\"version\":1,\"rule\":\"" + "x".repeat(times) + "\"}";
            case 5 -> "{\"version\":" + "9".repeat(times) + "}";
            case 6 ->
                "{\"version\":1,\"rule\":\"threshold\",\"tau\":1e999,\"categories\":{\"safety\":{\"threshold\":NaN}}}";
            default -> "\u0000\ufeff" + text();
        };
    }

    private static String members(int count) {
        StringBuilder members = new StringBuilder();
        for (int i = 0; i < count; i++) {
            members.append(i == 0 ? "" : ",").append("\"c").append(i).append("\":{\"threshold\":0.5}");
        }
        return members.toString();
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    /** What a file is about, for the report of one that did harm. */
    static String describe(ModelSketch sketch) {
        StringBuilder said = new StringBuilder(sketch.architecture());
        for (Map.Entry<String, Value> entry : sketch.values.entrySet()) {
            Value value = entry.getValue();
            if (value.isInteger()) {
                said.append(' ').append(entry.getKey()).append('=').append(value.integer());
            }
        }
        return said.toString();
    }
}
