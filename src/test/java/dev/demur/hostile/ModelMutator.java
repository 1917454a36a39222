package dev.demur.hostile;

import dev.demur.gguf.TensorType;
import dev.demur.hostile.ModelSketch.Fill;
import dev.demur.hostile.ModelSketch.Tensor;
import dev.demur.hostile.ModelSketch.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Changes a model in ways that keep it a well-formed file. The same random numbers give the same changes. */
final class ModelMutator {

    private static final long[] INTEGERS = {
        0,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        12,
        15,
        16,
        17,
        24,
        31,
        32,
        33,
        48,
        64,
        65,
        100,
        128,
        256,
        511,
        512,
        1023,
        4096,
        65_535,
        65_536,
        1 << 20,
        Integer.MAX_VALUE,
        0x8000_0000L,
        0xffff_ffffL,
        -2
    };

    private static final float[] FLOATS = {
        0,
        -0f,
        1,
        -1,
        2,
        0.5f,
        1e-5f,
        1e-38f,
        1e-45f,
        1e6f,
        1e30f,
        Float.MAX_VALUE,
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        -1e-5f,
        10_000
    };

    private static final String[] STRINGS = {"", "none", "linear", "yarn", "longrope", "mean", "silu", "gelu", "x"};

    private static final String[] NAMES_OF_TENSORS = {
        "rope_freqs.weight",
        "blk.0.rope_freqs.weight",
        "blk.0.rope_factors_long.weight",
        "blk.0.attn_q.bias",
        "blk.0.attn_k.bias",
        "blk.0.attn_v.bias",
        "blk.0.attn_output.bias",
        "blk.0.ffn_gate.bias",
        "blk.0.ffn_up.bias",
        "blk.0.ffn_down.bias",
        "blk.0.attn_q_norm.weight",
        "blk.0.attn_k_norm.weight",
        "blk.0.attn_qkv.weight",
        "blk.0.attn_norm.bias",
        "blk.0.ffn_gate_exps.weight",
        "blk.0.ffn_gate_inp.weight",
        "blk.0.attn_sinks.weight",
        "output.weight",
        "output.bias",
        "output_norm.bias",
        "token_types.weight",
        "position_embd.weight",
        "token_embd_norm.weight",
        "blk.0.attn_sub_norm.weight",
        "blk.0.attn_q.scale",
        "cls.weight",
        "cls.output.weight"
    };

    private final Random random;

    ModelMutator(Random random) {
        this.random = random;
    }

    /** One to three changes. */
    void mutate(ModelSketch sketch) {
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> hyperparameter(sketch);
                case 5, 6, 7 -> tensor(sketch);
                case 8, 9, 10 -> tokenizer(sketch);
                default -> architecture(sketch);
            }
        }
    }

    private void hyperparameter(ModelSketch sketch) {
        String prefix = sketch.architecture() + ".";
        List<String> own = sketch.values.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .toList();
        if (own.isEmpty() || random.nextInt(4) == 0) {
            sketch.values.put(prefix + pick(Architectures.KEYS), anyValue());
            return;
        }
        change(sketch, pick(own));
    }

    private void change(ModelSketch sketch, String key) {
        Value value = sketch.values.get(key);
        int how = random.nextInt(16);
        if (how == 0) {
            sketch.values.remove(key);
        } else if (how == 1 || value == null) {
            sketch.values.put(key, anyValue());
        } else if (how == 2) {
            sketch.values.put(key, layers(value));
        } else if (value.type() == ModelSketch.F32) {
            sketch.values.put(key, Value.f32(FLOATS[random.nextInt(FLOATS.length)]));
        } else if (value.type() == ModelSketch.BOOL) {
            sketch.values.put(key, Value.bool(value.bytes()[0] == 0));
        } else if (value.isInteger()) {
            sketch.values.put(key, Value.u32(integerNear(value.integer())));
        } else {
            sketch.values.put(key, anyValue());
        }
    }

    private long integerNear(long value) {
        return switch (random.nextInt(6)) {
            case 0 -> value + random.nextInt(7) - 3;
            case 1 -> value * 2;
            case 2 -> value / 2;
            case 3 -> value * 3 / 4;
            default -> integer();
        };
    }

    private long integer() {
        return INTEGERS[random.nextInt(INTEGERS.length)];
    }

    private Value anyValue() {
        return switch (random.nextInt(8)) {
            case 0 -> Value.f32(FLOATS[random.nextInt(FLOATS.length)]);
            case 1 -> Value.bool(random.nextBoolean());
            case 2 -> Value.string(STRINGS[random.nextInt(STRINGS.length)]);
            case 3 -> layers(Value.u32(integer()));
            default -> Value.u32(integer());
        };
    }

    /** An array with the value, or one near it, for each of a few layers. */
    private Value layers(Value value) {
        List<Integer> all =
                new ArrayList<>(Collections.nCopies(random.nextInt(5), value.isInteger() ? (int) value.integer() : 1));
        for (int i = 0; i < all.size(); i++) {
            if (random.nextInt(3) == 0) {
                all.set(i, (int) integer());
            }
        }
        return Value.integers(all);
    }

    private void architecture(ModelSketch sketch) {
        if (random.nextInt(8) == 0) {
            sketch.values.put("general.architecture", Value.string(pick(Architectures.NAMES)));
        } else {
            sketch.architecture(pick(Architectures.NAMES));
        }
    }

    private void tensor(ModelSketch sketch) {
        if (sketch.tensors.isEmpty()) {
            return;
        }
        int at = random.nextInt(sketch.tensors.size());
        Tensor tensor = sketch.tensors.get(at);
        switch (random.nextInt(10)) {
            case 0 -> sketch.tensors.remove(at);
            case 1 -> sketch.tensors.set(at, renamed(tensor, name(sketch)));
            case 2 -> sketch.tensors.add(renamed(tensor, name(sketch)));
            case 3, 4 -> sketch.tensors.set(at, typed(tensor, type()));
            case 5, 6 -> sketch.tensors.set(at, new Tensor(tensor.name(), tensor.type(), tensor.shape(), fill()));
            case 7 -> sketch.tensors.replaceAll(each -> typed(each, tensor.type() == 0 ? type() : 0));
            default -> sketch.tensors.set(at, tensor.withShape(shape(tensor.shape())));
        }
    }

    private static Tensor renamed(Tensor tensor, String name) {
        return new Tensor(name, tensor.type(), tensor.shape(), tensor.fill());
    }

    /** With another type, where its rows are whole blocks of that. */
    private static Tensor typed(Tensor tensor, int type) {
        long block = TensorBlock.of(type).elements();
        return tensor.shape().get(0) % block != 0
                ? tensor
                : new Tensor(tensor.name(), type, tensor.shape(), tensor.fill());
    }

    private String name(ModelSketch sketch) {
        return random.nextBoolean()
                ? NAMES_OF_TENSORS[random.nextInt(NAMES_OF_TENSORS.length)]
                : sketch.tensors
                        .get(random.nextInt(sketch.tensors.size()))
                        .name()
                        .replace("blk.1", "blk.2");
    }

    private int type() {
        int any = random.nextInt(TensorType.values().length + 2);
        return any < TensorType.values().length ? TensorType.values()[any].id() : any == 0 ? 4 : 99;
    }

    private Fill fill() {
        return Fill.values()[random.nextInt(Fill.values().length)];
    }

    private List<Long> shape(List<Long> old) {
        List<Long> shape = new ArrayList<>(old);
        int at = random.nextInt(shape.size());
        switch (random.nextInt(6)) {
            case 0 -> Collections.reverse(shape);
            case 1 -> shape.set(at, Math.max(1, shape.get(at) / 2));
            case 2 -> shape.set(at, shape.get(at) * 2);
            case 3 -> shape.set(at, shape.get(at) + random.nextInt(3) - 1);
            case 4 -> shape.set(at, Math.max(1, integer()) % 4096 + 1);
            default -> {
                if (shape.size() < 4) {
                    shape.add(1L + random.nextInt(3));
                } else {
                    shape.remove(3);
                }
            }
        }
        return shape;
    }

    private void tokenizer(ModelSketch sketch) {
        String prefix = "tokenizer.ggml.";
        switch (random.nextInt(12)) {
            case 0 -> sketch.values.put(prefix + "model", Value.string(pick(Architectures.TOKENIZERS)));
            case 1 -> sketch.values.put(prefix + "pre", Value.string(pick(Architectures.PRE_TOKENIZERS)));
            case 2, 3 -> tokens(sketch);
            case 4 -> types(sketch);
            case 5 -> merges(sketch);
            case 6 -> scores(sketch);
            case 7 -> charsMap(sketch);
            case 8 -> sketch.values.put(prefix + pick(Architectures.TOKENIZER_KEYS), Value.bool(random.nextBoolean()));
            case 9 -> sketch.values.put("tokenizer.chat_template", Value.string(template()));
            default -> change(sketch, prefix + pick(Architectures.TOKENIZER_KEYS));
        }
    }

    /** Tokens changed, or fewer or more of them, with the arrays beside them, so that only llama.cpp can mind. */
    private void tokens(ModelSketch sketch) {
        Value value = sketch.values.get("tokenizer.ggml.tokens");
        if (value == null || value.type() != ModelSketch.ARRAY || value.elementType() != ModelSketch.STRING) {
            return;
        }
        List<String> tokens = new ArrayList<>(value.stringList());
        int count = tokens.size();
        switch (random.nextInt(4)) {
            case 0 -> tokens.subList(random.nextInt(count), count).clear();
            case 1 -> {
                for (int i = 0; i < 5; i++) {
                    tokens.add("more" + i);
                }
            }
            case 2 -> tokens.set(random.nextInt(count), "");
            default ->
                tokens.set(
                        random.nextInt(count),
                        "\u2581".repeat(random.nextInt(400)) + "\ud83d\ude00" + random.nextInt());
        }
        sketch.values.put("tokenizer.ggml.tokens", Value.strings(tokens));
        if (random.nextBoolean()) {
            sketch.values.put("tokenizer.ggml.token_type", Value.integers(Collections.nCopies(tokens.size(), 1)));
        }
        if (random.nextBoolean()) {
            sketch.values.put("tokenizer.ggml.scores", floats(tokens.size()));
        }
    }

    private int tokenCount(ModelSketch sketch) {
        Value tokens = sketch.values.get("tokenizer.ggml.tokens");
        return tokens == null || tokens.type() != ModelSketch.ARRAY ? 300 : tokens.count();
    }

    private void types(ModelSketch sketch) {
        List<Integer> types = new ArrayList<>();
        int only = random.nextInt(8);
        for (int i = tokenCount(sketch); i > 0; i--) {
            types.add(only == 0 ? 1 + random.nextInt(6) : Math.min(only, 6));
        }
        sketch.values.put("tokenizer.ggml.token_type", Value.integers(types));
    }

    private void merges(ModelSketch sketch) {
        List<String> merges = new ArrayList<>();
        String[] parts = {"t h", "a", "", " ", "  ", "\u0120 t", "x y z", "th e", "\ud83d\ude00 \ud83d\ude00", "h e"};
        for (int i = random.nextInt(20); i > 0; i--) {
            merges.add(parts[random.nextInt(parts.length)]);
        }
        sketch.values.put("tokenizer.ggml.merges", Value.strings(merges));
    }

    private void scores(ModelSketch sketch) {
        sketch.values.put("tokenizer.ggml.scores", floats(tokenCount(sketch)));
    }

    private Value floats(int count) {
        java.nio.ByteBuffer elements = java.nio.ByteBuffer.allocate(4 * count).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            elements.putFloat(FLOATS[random.nextInt(FLOATS.length)]);
        }
        return Value.array(ModelSketch.F32, count, elements.array());
    }

    private void charsMap(ModelSketch sketch) {
        byte[] map = new byte[random.nextInt(200)];
        random.nextBytes(map);
        for (int i = 1; i < Math.min(4, map.length); i++) {
            map[i] = 0; // a length that the map may have
        }
        if (random.nextBoolean()) {
            Arrays.fill(map, (byte) 0);
        }
        sketch.values.put("tokenizer.ggml.precompiled_charsmap", Value.array(0, map.length, map));
        sketch.values.put("tokenizer.ggml.model", Value.string("t5"));
    }

    private String template() {
        return switch (random.nextInt(5)) {
            case 0 -> "";
            case 1 -> "<|im_start|>".repeat(3000);
            case 2 -> "[INST]<<SYS>>";
            case 3 -> "%s%n%s<|im_start|>";
            default -> "<|start_of_role|>\ud83d\ude00<|assistant|>";
        };
    }

    /** Damages a finished file anywhere: bits, bytes, a piece cut out, doubled or moved. */
    byte[] blind(byte[] file) {
        byte[] out = file.clone();
        for (int left = 1 + random.nextInt(8); left > 0; left--) {
            int head = random.nextInt(3) == 0 ? out.length : Math.min(out.length, 1 << random.nextInt(16));
            int at = random.nextInt(Math.max(1, head));
            switch (random.nextInt(4)) {
                case 0 -> out[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> out[at] = (byte) random.nextInt();
                case 2 -> Arrays.fill(out, at, Math.min(out.length, at + 8), (byte) (random.nextBoolean() ? 0 : 0xff));
                default -> {
                    int length = Math.min(1 + random.nextInt(64), out.length - at);
                    System.arraycopy(out, at, out, random.nextInt(out.length - length + 1), length);
                }
            }
        }
        return random.nextInt(10) == 0 ? Arrays.copyOf(out, random.nextInt(out.length)) : out;
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
