package dev.demur.gguf;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes GGUF files for tests, sound ones and broken ones: any keys, any tensors, any bytes patched afterwards.
 *
 * <p>Setting a key again replaces its value in place. Tensors are laid out one after the other, unless an offset is
 * given.
 */
public final class GgufBuilder {

    private record Entry(String key, int type, byte[] value) {}

    private record Tensor(
            String name,
            int type,
            byte[] data,
            long[] shape,
            @Nullable Long offset) {}

    private record Patch(int at, byte[] bytes) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<Patch> patches = new ArrayList<>();
    private int version = 3;
    private int alignment = 32;

    /** Sets the version in the header; the layout stays that of 2 and 3. */
    public GgufBuilder version(int number) {
        version = number;
        return this;
    }

    /** Lays tensors out at multiples of this and says so under {@code general.alignment}. */
    public GgufBuilder alignment(int bytes) {
        alignment = bytes;
        return u32("general.alignment", bytes);
    }

    /** Leaves a key out that was set. */
    public GgufBuilder without(String key) {
        entries.removeIf(entry -> entry.key().equals(key));
        return this;
    }

    public GgufBuilder u8(String key, int value) {
        return raw(key, ValueType.U8.ordinal(), new byte[] {(byte) value});
    }

    public GgufBuilder u16(String key, int value) {
        return raw(
                key, ValueType.U16.ordinal(), little(2).putShort((short) value).array());
    }

    public GgufBuilder u32(String key, long value) {
        return raw(key, ValueType.U32.ordinal(), little(4).putInt((int) value).array());
    }

    public GgufBuilder i32(String key, int value) {
        return raw(key, ValueType.I32.ordinal(), little(4).putInt(value).array());
    }

    public GgufBuilder u64(String key, long value) {
        return raw(key, ValueType.U64.ordinal(), little(8).putLong(value).array());
    }

    public GgufBuilder f32(String key, float value) {
        return raw(key, ValueType.F32.ordinal(), little(4).putFloat(value).array());
    }

    public GgufBuilder bool(String key, boolean value) {
        return raw(key, ValueType.BOOL.ordinal(), new byte[] {(byte) (value ? 1 : 0)});
    }

    public GgufBuilder string(String key, String value) {
        return raw(key, ValueType.STRING.ordinal(), stringBytes(value));
    }

    public GgufBuilder strings(String key, List<String> values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String value : values) {
            out.writeBytes(stringBytes(value));
        }
        return array(key, ValueType.STRING.ordinal(), values.size(), out.toByteArray());
    }

    public GgufBuilder i32s(String key, List<Integer> values) {
        ByteBuffer elements = little(4 * values.size());
        values.forEach(elements::putInt);
        return array(key, ValueType.I32.ordinal(), values.size(), elements.array());
    }

    public GgufBuilder f32s(String key, List<Float> values) {
        ByteBuffer elements = little(4 * values.size());
        values.forEach(elements::putFloat);
        return array(key, ValueType.F32.ordinal(), values.size(), elements.array());
    }

    /** An array that says it has {@code count} elements of a type, whatever {@code elements} holds. */
    public GgufBuilder array(String key, int elementType, long count, byte[] elements) {
        ByteBuffer value = little(12 + elements.length);
        value.putInt(elementType).putLong(count).put(elements);
        return raw(key, ValueType.ARRAY.ordinal(), value.array());
    }

    /** A value of a type by its number in the file, as the bytes that follow that number. */
    public GgufBuilder raw(String key, int type, byte[] value) {
        Entry entry = new Entry(key, type, value);
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).key().equals(key)) {
                entries.set(i, entry);
                return this;
            }
        }
        entries.add(entry);
        return this;
    }

    /** Adds a key even where there is one of that name. */
    public GgufBuilder duplicate(String key) {
        entries.add(entries.stream()
                .filter(entry -> entry.key().equals(key))
                .findFirst()
                .orElseThrow());
        return this;
    }

    public GgufBuilder remove(String key) {
        entries.removeIf(entry -> entry.key().equals(key));
        return this;
    }

    /** A tensor of type F32. */
    public GgufBuilder tensor(String name, float[] values, long... shape) {
        ByteBuffer data = little(4 * values.length);
        for (float value : values) {
            data.putFloat(value);
        }
        return tensor(name, TensorType.F32.id(), data.array(), shape);
    }

    /** A tensor of a type by its number in the file. */
    public GgufBuilder tensor(String name, int type, byte[] data, long... shape) {
        tensors.add(new Tensor(name, type, data, shape.clone(), null));
        return this;
    }

    /** A tensor that is said to begin at {@code offset}; its bytes follow those of the tensor before. */
    public GgufBuilder tensorAt(long offset, String name, int type, byte[] data, long... shape) {
        tensors.add(new Tensor(name, type, data, shape.clone(), offset));
        return this;
    }

    public GgufBuilder removeTensor(String name) {
        tensors.removeIf(tensor -> tensor.name().equals(name));
        return this;
    }

    /** Overwrites bytes of the finished file. */
    public GgufBuilder patch(int at, int... bytes) {
        byte[] patched = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            patched[i] = (byte) bytes[i];
        }
        patches.add(new Patch(at, patched));
        return this;
    }

    /** The finished file. */
    public byte[] build() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(little(4).putInt(version).array());
        out.writeBytes(little(8).putLong(tensors.size()).array());
        out.writeBytes(little(8).putLong(entries.size()).array());
        for (Entry entry : entries) {
            out.writeBytes(stringBytes(entry.key()));
            out.writeBytes(little(4).putInt(entry.type()).array());
            out.writeBytes(entry.value());
        }
        long next = 0;
        for (Tensor tensor : tensors) {
            out.writeBytes(stringBytes(tensor.name()));
            out.writeBytes(little(4).putInt(tensor.shape().length).array());
            for (long extent : tensor.shape()) {
                out.writeBytes(little(8).putLong(extent).array());
            }
            out.writeBytes(little(4).putInt(tensor.type()).array());
            out.writeBytes(little(8)
                    .putLong(tensor.offset() == null ? next : tensor.offset())
                    .array());
            next += padded(tensor.data().length);
        }
        for (Tensor tensor : tensors) {
            out.writeBytes(new byte[padded(out.size()) - out.size()]);
            out.writeBytes(tensor.data());
        }
        byte[] bytes = out.toByteArray();
        for (Patch patch : patches) {
            System.arraycopy(patch.bytes(), 0, bytes, patch.at(), patch.bytes().length);
        }
        return bytes;
    }

    /** Writes the finished file and returns its path. */
    public Path write(Path path) {
        try {
            return Files.write(path, build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int padded(int size) {
        return (size + alignment - 1) / alignment * alignment;
    }

    private static byte[] stringBytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return little(8 + bytes.length).putLong(bytes.length).put(bytes).array();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
