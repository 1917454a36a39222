package dev.demur.hostile;

import dev.demur.hostile.ModelSketch.Fill;
import dev.demur.hostile.ModelSketch.Tensor;
import dev.demur.hostile.ModelSketch.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Completes a model of any architecture by what llama.cpp says is missing or wrong in it, so that files get as far into
 * llama.cpp as such a model can.
 */
final class ModelGrower {

    private static final Pattern MISSING_TENSOR =
            Pattern.compile("(?:missing tensor '([^']+)'|tensor '([^']+)' not found)");
    private static final Pattern WRONG_SHAPE =
            Pattern.compile("tensor '([^']+)' has wrong shape; expected ([0-9, ]+), got");
    private static final Pattern MISSING_KEY = Pattern.compile("(array )?key not found in model: (\\S+?)(?:[;)\\s]|$)");
    private static final Pattern WRONG_TYPE =
            Pattern.compile("key (\\S+) has wrong type \\S+ but expected type (\\w+)");
    private static final Pattern REQUIRES = Pattern.compile("model requires '(\\w+)' in GGUF metadata");
    private static final Pattern WRONG_LENGTH =
            Pattern.compile("key (\\S+) has wrong array length; expected (\\d+), got");
    private static final Pattern STANDS_WITHOUT = Pattern.compile(" stands without ([^;]+)");
    private static final Pattern TOO_FEW_LAYERS = Pattern.compile("(\\S+) is \\d+, but the layers' pattern has (\\d+)");
    private static final Pattern NO_SECTIONS = Pattern.compile("(\\S+dimension_sections) is missing");
    private static final Pattern NO_WINDOW = Pattern.compile("(\\S+sliding_window) is missing or 0");
    private static final Pattern TOO_MANY = Pattern.compile("wrong number of tensors; expected \\d+, got \\d+");

    /** What keys of other types than integer, or of another size than 4, are filled with. */
    private static final Map<String, Value> DEFAULTS = Map.ofEntries(
            Map.entry("ssm.inner_size", Value.u32(64)),
            Map.entry("ssm.state_size", Value.u32(16)),
            Map.entry("wkv.head_size", Value.u32(16)),
            Map.entry("expert_feed_forward_length", Value.u32(32)),
            Map.entry("expert_shared_feed_forward_length", Value.u32(32)),
            Map.entry("expert_used_count", Value.u32(2)),
            Map.entry("expert_gating_func", Value.u32(1)),
            Map.entry("leading_dense_block_count", Value.u32(1)),
            Map.entry("rope.dimension_sections", Value.integers(List.of(2, 1, 1, 0))),
            Map.entry("logit_scale", Value.f32(1)),
            Map.entry("residual_scale", Value.f32(1)),
            Map.entry("embedding_scale", Value.f32(1)),
            Map.entry("attention.scale", Value.f32(0.25f)),
            Map.entry("attention.max_alibi_bias", Value.f32(8)),
            Map.entry("attention.clamp_kqv", Value.f32(8)),
            Map.entry("expert_weights_scale", Value.f32(1)),
            Map.entry("rope.scaling.yarn_log_multiplier", Value.f32(0.1f)),
            Map.entry("attn_logit_softcapping", Value.f32(30)),
            Map.entry("final_logit_softcapping", Value.f32(30)),
            Map.entry("use_parallel_residual", Value.bool(true)),
            Map.entry("attention.causal", Value.bool(true)),
            Map.entry("expert_weights_norm", Value.bool(true)),
            Map.entry("attention.sliding_window", Value.u32(32)),
            Map.entry("attention.key_length_mla", Value.u32(16)),
            Map.entry("attention.value_length_mla", Value.u32(16)),
            Map.entry("attention.group_norm_epsilon", Value.f32(1e-5f)),
            Map.entry("posnet.block_count", Value.u32(1)),
            Map.entry("convnext.block_count", Value.u32(1)),
            Map.entry("hrm.layers_per_stack", Value.u32(1)),
            Map.entry("hrm.h_cycles", Value.u32(1)),
            Map.entry("hrm.l_cycles", Value.u32(1)));

    private static final Value OTHERWISE = Value.u32(4);

    private ModelGrower() {}

    /** Changes what {@code complaint} is about; false if it is about nothing that is known here. */
    static boolean grow(ModelSketch sketch, String complaint) {
        Matcher missing = MISSING_TENSOR.matcher(complaint);
        if (missing.find()) {
            return addTensor(sketch, missing.group(1) != null ? missing.group(1) : missing.group(2));
        }
        Matcher without = STANDS_WITHOUT.matcher(complaint);
        if (without.find()) {
            boolean changed = false;
            for (String name : without.group(1).split(" and ")) {
                changed |= addTensor(sketch, name);
            }
            return changed;
        }
        Matcher layers = TOO_FEW_LAYERS.matcher(complaint);
        if (layers.find()) {
            sketch.values.put(layers.group(1), Value.u32(Long.parseLong(layers.group(2))));
            return true;
        }
        Matcher sections = NO_SECTIONS.matcher(complaint);
        if (sections.find()) {
            return addKey(sketch, sections.group(1));
        }
        Matcher window = NO_WINDOW.matcher(complaint);
        if (window.find()) {
            sketch.values.put(window.group(1), Value.u32(32));
            return true;
        }
        Matcher shape = WRONG_SHAPE.matcher(complaint);
        if (shape.find()) {
            return reshape(sketch, shape.group(1), shape.group(2));
        }
        Matcher key = MISSING_KEY.matcher(complaint);
        if (key.find()) {
            return key.group(1) == null ? addKey(sketch, key.group(2)) : addArray(sketch, key.group(2));
        }
        Matcher type = WRONG_TYPE.matcher(complaint);
        if (type.find()) {
            return retype(sketch, type.group(1), type.group(2));
        }
        Matcher required = REQUIRES.matcher(complaint);
        if (required.find()) {
            return addArray(sketch, sketch.architecture() + "." + required.group(1));
        }
        Matcher length = WRONG_LENGTH.matcher(complaint);
        if (length.find()) {
            return lengthen(sketch, length.group(1), Integer.parseInt(length.group(2)));
        }
        return TOO_MANY.matcher(complaint).find() && (removeLayersTooMany(sketch) || removeFused(sketch));
    }

    private static boolean addTensor(ModelSketch sketch, String name) {
        if (sketch.tensor(name) >= 0 || name.length() > 63) {
            return false;
        }
        sketch.tensors.add(new Tensor(name, 0, List.of(1L), name.contains("norm") ? Fill.ONES : Fill.NOISE));
        return true;
    }

    private static boolean reshape(ModelSketch sketch, String name, String wanted) {
        int at = sketch.tensor(name);
        if (at < 0) {
            return false;
        }
        List<Long> extents = new ArrayList<>();
        for (String extent : wanted.split(",")) {
            extents.add(Long.parseLong(extent.strip()));
        }
        while (extents.size() > 1 && extents.get(extents.size() - 1) == 1) {
            extents.remove(extents.size() - 1);
        }
        Tensor tensor = sketch.tensors.get(at);
        if (extents.contains(0L)) {
            return addExtent(sketch, name);
        }
        if (extents.equals(tensor.shape()) || extents.stream().anyMatch(extent -> extent < 0)) {
            return false;
        }
        sketch.tensors.set(at, tensor.withShape(extents));
        return sketch.isSmall();
    }

    private static boolean addKey(ModelSketch sketch, String key) {
        if (sketch.values.containsKey(key)) {
            return false;
        }
        String name = key.substring(key.indexOf('.') + 1);
        sketch.values.put(key, DEFAULTS.getOrDefault(name, OTHERWISE));
        return true;
    }

    private static boolean addArray(ModelSketch sketch, String key) {
        if (sketch.values.containsKey(key)) {
            return false;
        }
        Value layers = sketch.values.get(sketch.architecture() + ".block_count");
        int count = layers == null || !layers.isInteger() ? 2 : (int) Math.min(64, layers.integer());
        sketch.values.put(key, Value.integers(Collections.nCopies(count, 1)));
        return true;
    }

    /** The same key with a value of another type. */
    private static boolean retype(ModelSketch sketch, String key, String type) {
        Value before = sketch.values.get(key);
        if (before == null) {
            return false;
        }
        Value after = switch (type) {
            case "f32" -> Value.f32(key.endsWith("epsilon") ? 1e-5f : 1);
            case "bool" -> Value.bool(true);
            case "str" -> Value.string("none");
            case "arr" -> Value.integers(List.of(1, 1));
            default -> OTHERWISE;
        };
        if (after.type() == before.type()) {
            return false;
        }
        sketch.values.put(key, after);
        return true;
    }

    /** A tensor shall be empty: a number that the file does not have stands in for 0. */
    private static boolean addExtent(ModelSketch sketch, String tensor) {
        String[] keys = tensor.contains("shexp")
                ? new String[] {"expert_shared_feed_forward_length", "expert_shared_count"}
                : tensor.contains("exp") || tensor.contains("gate_inp")
                        ? new String[] {"expert_count", "expert_feed_forward_length"}
                        : new String[] {"attention.gate_lora_rank"};
        for (String name : keys) {
            String key = sketch.architecture() + "." + name;
            if (!sketch.values.containsKey(key)) {
                if (name.equals("expert_count")) {
                    sketch.values.put(sketch.architecture() + ".expert_used_count", Value.u32(2));
                }
                sketch.values.put(key, DEFAULTS.getOrDefault(name, OTHERWISE));
                return true;
            }
        }
        return false;
    }

    private static boolean lengthen(ModelSketch sketch, String key, int length) {
        Value value = sketch.values.get(key);
        if (value == null || length > 512 || !(value.isInteger() || value.type() == ModelSketch.ARRAY)) {
            return false;
        }
        sketch.values.put(key, Value.integers(Collections.nCopies(length, (int) value.integer())));
        return true;
    }

    /** Tensors of layers that there are no longer. */
    private static boolean removeLayersTooMany(ModelSketch sketch) {
        Value layers = sketch.values.get(sketch.architecture() + ".block_count");
        return layers != null
                && layers.isInteger()
                && sketch.tensors.removeIf(tensor ->
                        tensor.name().startsWith("blk.") && number(tensor.name().substring(4)) >= layers.integer());
    }

    /** What was added as one of two ways before llama.cpp asked for the other. */
    private static boolean removeFused(ModelSketch sketch) {
        return sketch.tensors.removeIf(tensor -> isInsteadOf(sketch, tensor.name(), "attn_qkv", "attn_q")
                || isInsteadOf(sketch, tensor.name(), "ssm_in", "attn_gate"));
    }

    private static boolean isInsteadOf(ModelSketch sketch, String name, String one, String other) {
        return name.endsWith("." + one + ".weight") && sketch.tensor(name.replace(one, other)) >= 0;
    }

    private static long number(String text) {
        int end = text.indexOf('.');
        return end > 0 && end < 9 && text.substring(0, end).chars().allMatch(Character::isDigit)
                ? Long.parseLong(text.substring(0, end))
                : -1;
    }
}
