package dev.demur.gguf;

import dev.demur.DemurException;
import dev.demur.arguments.Given;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Writes GGUF files of version 3: keys alone, or a model with some of its keys set anew and its weights as they are.
 *
 * <p>A file appears whole or not at all: what is written lies beside it until it is finished. Not thread-safe.
 */
public final class GgufWriter {

    private static final int VERSION = 3;
    private static final int LEAST_ALIGNMENT = 32;

    /** Each key as it lies in a file, from its value's type on. */
    private final Map<String, byte[]> values = new LinkedHashMap<>();

    /** Sets a key to a string. */
    public GgufWriter string(String key, String value) {
        Given.value(key, "key");
        Given.value(value, "value");
        return set(key, ValueType.STRING, bytes(value));
    }

    /** Sets a key to an unsigned integer of 32 bits. */
    public GgufWriter integer(String key, int value) {
        Given.value(key, "key");
        return set(key, ValueType.U32, little(4).putInt(value).array());
    }

    /** Sets a key to an array of strings. */
    public GgufWriter strings(String key, List<String> elements) {
        Given.value(key, "key");
        Given.value(elements, "elements");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        elements.forEach(element -> out.writeBytes(bytes(element)));
        return array(key, ValueType.STRING, elements.size(), out.toByteArray());
    }

    /** Sets a key to an array of 32-bit floating-point numbers. */
    public GgufWriter floats(String key, float... elements) {
        Given.value(key, "key");
        Given.value(elements, "elements");
        ByteBuffer data = little(4 * elements.length);
        data.asFloatBuffer().put(elements);
        return array(key, ValueType.F32, elements.length, data.array());
    }

    /** Sets a key to an array of signed integers of 64 bits. */
    public GgufWriter integers(String key, long... elements) {
        Given.value(key, "key");
        Given.value(elements, "elements");
        ByteBuffer data = little(8 * elements.length);
        data.asLongBuffer().put(elements);
        return array(key, ValueType.I64, elements.length, data.array());
    }

    private GgufWriter array(String key, ValueType type, int count, byte[] elements) {
        ByteBuffer value = little(12 + elements.length);
        value.putInt(type.ordinal()).putLong(count).put(elements);
        return set(key, ValueType.ARRAY, value.array());
    }

    private GgufWriter set(String key, ValueType type, byte[] value) {
        ByteBuffer typed = little(4 + value.length);
        typed.putInt(type.ordinal()).put(value);
        values.put(key, typed.array());
        return this;
    }

    /**
     * Writes a file of the keys alone, in the order in which they were first set.
     *
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        Given.value(file, "file");
        writeWhole(file, channel -> writeAll(channel, header(0, values)));
    }

    /**
     * Writes a copy of a model with these keys in place of its own of the same names, or after them.
     *
     * @param without tells which of the model's keys are left out, unless they are set here
     * @throws DemurException if the model is split into several files, or is the file to write
     * @throws IOException if a file cannot be read or written
     */
    public void copy(GgufFile model, Predicate<String> without, Path file) throws IOException {
        Given.value(model, "model");
        Given.value(without, "without");
        Given.value(file, "file");
        GgufContents contents = model.contents();
        if (Files.exists(file) && Files.isSameFile(model.path(), file)) {
            throw new DemurException(file + " is the model itself: name another file to write");
        }
        Map<String, byte[]> all = new LinkedHashMap<>();
        for (String key : contents.metadata().keys()) {
            if (values.containsKey(key) || !without.test(key)) {
                all.put(key, raw(contents.metadata(), key));
            }
        }
        all.putAll(values);
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.writeBytes(header(contents.tensors().size(), all));
        for (TensorInfo tensor : contents.tensors()) {
            head.writeBytes(tensor(tensor));
        }
        long alignment = Math.max(LEAST_ALIGNMENT, contents.alignment());
        long padding = -head.size() & (alignment - 1);
        head.writeBytes(new byte[(int) padding]);
        writeWhole(file, channel -> {
            writeAll(channel, head.toByteArray());
            try (FileChannel weights = FileChannel.open(model.path(), StandardOpenOption.READ)) {
                long at = contents.dataStart();
                while (at < contents.size()) {
                    at += weights.transferTo(at, contents.size() - at, channel);
                }
            }
        });
    }

    /** What writes into an opened file. */
    private interface Content {
        void to(FileChannel channel) throws IOException;
    }

    private static void writeWhole(Path file, Content content) throws IOException {
        // Not a temporary file of the system's, which others could not read once it is finished.
        Path unfinished = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".part");
        try {
            try (FileChannel channel = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                content.to(channel);
            }
            Files.move(unfinished, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static void writeAll(FileChannel channel, byte[] bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            channel.write(rest);
        }
    }

    private static byte[] header(int tensors, Map<String, byte[]> keys) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(
                little(20).putInt(VERSION).putLong(tensors).putLong(keys.size()).array());
        keys.forEach((key, value) -> {
            out.writeBytes(bytes(key));
            out.writeBytes(value);
        });
        return out.toByteArray();
    }

    private static byte[] tensor(TensorInfo tensor) {
        byte[] name = bytes(tensor.name());
        ByteBuffer info = little(name.length + 16 + 8 * tensor.shape().size());
        info.put(name).putInt(tensor.shape().size());
        tensor.shape().forEach(info::putLong);
        return info.putInt(tensor.typeId()).putLong(tensor.offset()).array();
    }

    /** A key's value as the file has it, from its type on. */
    private static byte[] raw(Metadata metadata, String key) {
        MetadataEntry entry = metadata.entry(key);
        if (entry == null) {
            throw new IllegalStateException(key + " is among the keys and is not there");
        }
        int length = metadata.length(entry);
        ValueType element = entry.elementType();
        ByteBuffer value = little((element == null ? 4 : 16) + length);
        value.putInt(entry.type().ordinal());
        if (element != null) {
            value.putInt(element.ordinal()).putLong(entry.count());
        }
        return value.put(metadata.bytes(), entry.position(), length).array();
    }

    private static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return little(8 + utf8.length).putLong(utf8.length).put(utf8).array();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
