package dev.demur.hostile;

import dev.demur.gguf.GgufBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A GGUF file taken apart, to be changed piece by piece and put together again; its weights are made up anew. */
final class ModelSketch {

    static final int U32 = 4;
    static final int I32 = 5;
    static final int F32 = 6;
    static final int BOOL = 7;
    static final int STRING = 8;
    static final int ARRAY = 9;

    /** The bytes of a value by the number of its type; 0 where it varies. */
    private static final int[] BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    private static final long MOST_TENSOR_BYTES = 4 << 20;
    private static final long MOST_METADATA_BYTES = 8 << 20;

    /** A metadata value: its type's number and the bytes that follow it. */
    record Value(int type, byte[] bytes) {

        static Value u32(long value) {
            return new Value(U32, little(4).putInt((int) value).array());
        }

        static Value f32(float value) {
            return new Value(F32, little(4).putFloat(value).array());
        }

        static Value bool(boolean value) {
            return new Value(BOOL, new byte[] {(byte) (value ? 1 : 0)});
        }

        static Value string(String text) {
            return new Value(STRING, stringBytes(text));
        }

        static Value array(int elementType, int count, byte[] elements) {
            ByteBuffer value = little(12 + elements.length);
            value.putInt(elementType).putLong(count).put(elements);
            return new Value(ARRAY, value.array());
        }

        static Value integers(List<Integer> values) {
            ByteBuffer elements = little(4 * values.size());
            values.forEach(elements::putInt);
            return array(I32, values.size(), elements.array());
        }

        static Value strings(List<String> values) {
            ByteBuffer elements = little(
                    values.stream().mapToInt(text -> stringBytes(text).length).sum());
            values.forEach(text -> elements.put(stringBytes(text)));
            return array(STRING, values.size(), elements.array());
        }

        boolean isInteger() {
            return type != F32 && type < BOOL || type == 10 || type == 11;
        }

        int elementType() {
            return in().getInt();
        }

        int count() {
            return (int) in().getLong(4);
        }

        /** The integer, or an array's first. */
        long integer() {
            ByteBuffer in = in();
            int bytes = BYTES[type];
            if (type == ARRAY) {
                in.position(12);
                bytes = BYTES[elementType()];
            }
            long value = 0;
            for (int i = 0; i < bytes && in.hasRemaining(); i++) {
                value |= (in.get() & 0xffL) << 8 * i;
            }
            return value;
        }

        List<String> stringList() {
            ByteBuffer in = in().position(12);
            List<String> strings = new ArrayList<>();
            for (int i = 0; i < count(); i++) {
                strings.add(text(in));
            }
            return strings;
        }

        private ByteBuffer in() {
            return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    /** What a tensor is filled with. */
    enum Fill {
        NOISE,
        ONES,
        ZEROS,
        NAN,
        INFINITE,
        HUGE
    }

    record Tensor(String name, int type, List<Long> shape, Fill fill) {

        long elements() {
            long elements = 1;
            for (long extent : shape) {
                elements *= Math.max(0, Math.min(extent, 1L << 31));
                elements = Math.min(elements, 1L << 31);
            }
            return elements;
        }

        Tensor withShape(List<Long> newShape) {
            return new Tensor(name, type, newShape, fill);
        }
    }

    final Map<String, Value> values = new LinkedHashMap<>();
    final List<Tensor> tensors = new ArrayList<>();

    /** Takes a sound file apart. */
    static ModelSketch of(byte[] file) {
        ModelSketch sketch = new ModelSketch();
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).position(8);
        long tensors = in.getLong();
        long keys = in.getLong();
        for (long i = 0; i < keys; i++) {
            String key = text(in);
            int type = in.getInt();
            int start = in.position();
            skip(in, type);
            byte[] bytes = new byte[in.position() - start];
            in.get(start, bytes);
            sketch.values.put(key, new Value(type, bytes));
        }
        for (long i = 0; i < tensors; i++) {
            String name = text(in);
            List<Long> shape = new ArrayList<>();
            for (int left = in.getInt(); left > 0; left--) {
                shape.add(in.getLong());
            }
            Fill fill = name.endsWith("norm.weight") ? Fill.ONES : Fill.NOISE;
            sketch.tensors.add(new Tensor(name, in.getInt(), shape, fill));
            in.getLong();
        }
        return sketch;
    }

    private static void skip(ByteBuffer in, int type) {
        if (type == STRING) {
            text(in);
        } else if (type == ARRAY) {
            int elementType = in.getInt();
            for (long left = in.getLong(); left > 0; left--) {
                skip(in, elementType);
            }
        } else {
            in.position(in.position() + BYTES[type]);
        }
    }

    ModelSketch copy() {
        ModelSketch copy = new ModelSketch();
        copy.values.putAll(values);
        copy.tensors.addAll(tensors);
        return copy;
    }

    String architecture() {
        Value value = values.get("general.architecture");
        return value == null || value.type() != STRING ? "" : text(value.in());
    }

    /** Renames the architecture and all of its keys. */
    void architecture(String name) {
        String old = architecture() + ".";
        Map<String, Value> before = new LinkedHashMap<>(values);
        values.clear();
        before.forEach((key, value) ->
                values.put(key.startsWith(old) ? name + "." + key.substring(old.length()) : key, value));
        values.put("general.architecture", Value.string(name));
    }

    int tensor(String name) {
        for (int i = 0; i < tensors.size(); i++) {
            if (tensors.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether it is small enough to be written. */
    boolean isSmall() {
        long elements = 0;
        for (Tensor tensor : tensors) {
            elements += tensor.elements();
        }
        long metadata = values.values().stream()
                .mapToLong(value -> value.bytes().length)
                .sum();
        return elements <= MOST_TENSOR_BYTES && metadata <= MOST_METADATA_BYTES;
    }

    /** The file, with the same weights for the same seed. */
    byte[] build(long seed) {
        GgufBuilder builder = new GgufBuilder();
        values.forEach((key, value) -> builder.raw(key, value.type(), value.bytes()));
        Random random = new Random(seed);
        for (Tensor tensor : tensors) {
            long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
            builder.tensor(tensor.name(), tensor.type(), data(tensor, random), shape);
        }
        return builder.build();
    }

    private static byte[] data(Tensor tensor, Random random) {
        TensorBlock block = TensorBlock.of(tensor.type());
        int bytes = (int) (tensor.elements() / block.elements() * block.bytes());
        byte[] data = new byte[bytes];
        if (tensor.fill() == Fill.ZEROS) {
            return data;
        }
        if (tensor.type() == 0) {
            ByteBuffer floats = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
            while (floats.hasRemaining()) {
                floats.putFloat(number(tensor.fill(), random));
            }
            return data;
        }
        random.nextBytes(data);
        if (tensor.fill() == Fill.NAN || tensor.fill() == Fill.INFINITE) {
            return data;
        }
        for (int i = 1; i < bytes; i += 2) {
            data[i] = (byte) (data[i] & 0x80 | 0x2c); // halves of about 0.07, and no scale that is not finite
        }
        return data;
    }

    private static float number(Fill fill, Random random) {
        return switch (fill) {
            case NOISE -> (random.nextFloat() - 0.5f) * 0.6f;
            case ONES -> 1;
            case ZEROS -> 0;
            case NAN -> Float.NaN;
            case INFINITE -> Float.POSITIVE_INFINITY;
            case HUGE -> 1e38f;
        };
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[(int) in.getLong()];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] stringBytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return little(8 + bytes.length).putLong(bytes.length).put(bytes).array();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
