package dev.demur.hostile;

import dev.demur.hostile.ModelSketch.Fill;
import dev.demur.hostile.ModelSketch.Tensor;
import dev.demur.hostile.ModelSketch.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every number of an architecture, one after the other, set to what llama.cpp could divide by, take memory for or count to;
 * and every key left out.
 */
final class HyperparameterSweep {

    /** One change of a model, by the name of its key and what became of it. */
    record Change(String key, @org.jspecify.annotations.Nullable Value value, String what) {

        ModelSketch apply(ModelSketch model) {
            ModelSketch changed = model.copy();
            if (value == null) {
                changed.values.remove(key);
            } else {
                changed.values.put(key, value);
            }
            return changed;
        }
    }

    private static final long[] MORE = {1, 3, 1 << 20, 0xffff_ffffL};

    /** What a key is called in a complaint about its value, by Demur's rules or by llama.cpp. */
    private static final Pattern COMPLAINT = Pattern.compile("(?:key |model: |: |^)([a-z0-9_-]+\\.[a-z0-9_.]+)(?: is of type| has wrong type|;|\\)|\\s|$)");

    private HyperparameterSweep() {}

    /** A model to be grown, with what llama.cpp insists on without naming it. */
    static ModelSketch seed(String architecture) {
        ModelSketch sketch = Architectures.seed(architecture, 0);
        String prefix = architecture + ".";
        switch (architecture) {
            case "deepseek2", "deepseek2-ocr", "deepseek32", "glm-dsa", "mistral4", "dots3note", "kimi-linear" -> {
                put(sketch, "attention.key_length", 16);
                put(sketch, "attention.value_length", 8);
                put(sketch, "attention.key_length_mla", 16);
                put(sketch, "attention.value_length_mla", 8);
                put(sketch, "attention.kv_lora_rank", 8);
                put(sketch, "attention.head_count_kv", 1);
                put(sketch, "attention.indexer.key_length", 16);
            }
            case "arwkv7", "rwkv6qwen2" -> put(sketch, "token_shift_count", 1);
            case "rwkv7" -> put(sketch, "token_shift_count", 2);
            case "rwkv6" -> {
                put(sketch, "token_shift_count", 2);
                tensors(sketch, "time_mix_lerp_fused.weight", List.of(1L));
            }
            case "jamba", "nemotron_h", "nemotron_h_moe", "granitehybrid", "plamo2", "lfm2", "lfm2moe" ->
                sketch.values.put(prefix + "attention.head_count_kv", Value.integers(List.of(0, 2)));
            case "qwen3next", "minimax-01", "qwen35", "qwen35moe", "qwen4exp" ->
                put(sketch, "full_attention_interval", 2);
            case "llama4" -> put(sketch, "block_count", 4);
            case "gemma-embedding" -> put(sketch, "block_count", 6);
            case "bailingmoe3" -> sketch.values.put(prefix + "kda.gate_lower_bound", Value.f32(-1));
            case "graniteswitch" -> put(sketch, "adapters.count", 2);
            case "gemma4-assistant" -> put(sketch, "embedding_length_out", 32);
            case "maple", "olmoe", "dots1" -> {
                put(sketch, "expert_count", 4);
                put(sketch, "expert_used_count", 2);
            }
            case "phi3" -> put(sketch, "attention.sliding_window", 32);
            case "jina-bert-v2" -> tensors(sketch, "ffn_up.weight", List.of(32L, 64L));
            case "laguna" -> tensors(sketch, "attn_gate.weight", List.of(32L, 4L));
            default -> {}
        }
        return sketch;
    }

    private static void put(ModelSketch sketch, String name, long value) {
        sketch.values.put(sketch.architecture() + "." + name, Value.u32(value));
    }

    private static void tensors(ModelSketch sketch, String name, List<Long> shape) {
        for (int block = 0; block < 2; block++) {
            sketch.tensors.add(new Tensor("blk." + block + "." + name, 0, shape, Fill.NOISE));
        }
    }

    /**
     * The keys among {@code names} that llama.cpp reads of such a model, found by what it says about texts in their place.
     *
     * @param ask opens a model and returns what is said about it
     */
    static List<String> read(ModelSketch model, List<String> names, Function<ModelSketch, String> ask) {
        String prefix = model.architecture() + ".";
        ModelSketch strange = model.copy();
        for (String name : names) {
            if (!model.values.containsKey(prefix + name) && !name.equals("rope.scaling.type")) {
                strange.values.put(prefix + name, Value.string("x"));
            }
        }
        List<String> read = new ArrayList<>();
        for (String complaint = ask.apply(strange); ; complaint = ask.apply(strange)) {
            Matcher named = COMPLAINT.matcher(complaint);
            String found = null;
            while (found == null && named.find()) {
                String key = named.group(1);
                found = strange.values.containsKey(key) && !model.values.containsKey(key) ? key : null;
            }
            if (found == null) {
                return read;
            }
            strange.values.remove(found);
            read.add(found);
        }
    }

    /** The changes of a model that could make a zero of a number, in the same order each time. */
    static List<Change> zeros(ModelSketch model, List<String> read) {
        List<Change> changes = new ArrayList<>();
        for (String key : keys(model, read)) {
            if (model.values.containsKey(key)) {
                changes.add(new Change(key, null, "missing"));
            }
            changes.add(new Change(key, Value.u32(0), "0"));
            changes.add(new Change(key, Value.integers(List.of(0, 0)), "zeros"));
        }
        return changes;
    }

    /** Those that make it another number. */
    static List<Change> others(ModelSketch model, List<String> read) {
        List<Change> changes = new ArrayList<>();
        for (String key : keys(model, read)) {
            for (long value : MORE) {
                changes.add(new Change(key, Value.u32(value), String.valueOf(value)));
            }
            changes.add(new Change(key, Value.f32(0), "0.0"));
            changes.add(new Change(key, Value.f32(Float.NaN), "NaN"));
            changes.add(new Change(key, Value.integers(List.of()), "no integers"));
            changes.add(new Change(key, Value.integers(List.of(1, -1, 3)), "integers"));
        }
        return changes;
    }

    private static List<String> keys(ModelSketch model, List<String> read) {
        TreeSet<String> keys = new TreeSet<>(read);
        model.values.keySet().stream()
                .filter(key -> key.startsWith(model.architecture() + "."))
                .forEach(keys::add);
        return List.copyOf(keys);
    }
}
