package dev.demur.gguf;

import dev.demur.arguments.Given;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one GGUF file; values are decoded when they are asked for. Immutable and thread-safe; it holds nothing open.
 */
public final class Metadata {

    private final String file;
    private final byte[] bytes;
    private final Map<String, MetadataEntry> entries;

    /** Takes over both: neither may change from here on. */
    Metadata(String file, byte[] bytes, Map<String, MetadataEntry> entries) {
        this.file = file;
        this.bytes = bytes;
        this.entries = entries;
    }

    /**
     * The keys of a file of any kind, of which nothing but the container is checked.
     *
     * @throws GgufException if it cannot be read, is no GGUF file, or its metadata or list of tensors is damaged
     */
    public static Metadata read(Path path) {
        Given.value(path, "path");
        return GgufReader.read(path).metadata();
    }

    /** The name of the file, for messages. */
    public String file() {
        return file;
    }

    byte[] bytes() {
        return bytes;
    }

    /** All keys, in the order of the file. */
    public Set<String> keys() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    @Nullable
    MetadataEntry entry(String key) {
        return entries.get(key);
    }

    /** Whether the file has this key. */
    public boolean has(String key) {
        Given.value(key, "key");
        return entries.containsKey(key);
    }

    /**
     * The string under this key, null where the file has no such key.
     *
     * @throws GgufException if the value is no string
     */
    public @Nullable String string(String key) {
        Given.value(key, "key");
        MetadataEntry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        require(entry, entry.type() == ValueType.STRING, "a string");
        return stringAt(entry.position());
    }

    /**
     * The integer of any width under this key, empty where the file has no such key.
     *
     * @throws GgufException if the value is no integer, or one beyond {@link Long#MAX_VALUE}
     */
    public OptionalLong integer(String key) {
        Given.value(key, "key");
        MetadataEntry entry = entries.get(key);
        if (entry == null) {
            return OptionalLong.empty();
        }
        require(entry, entry.type().isInteger(), "an integer");
        return OptionalLong.of(integerAt(entry, 0));
    }

    /** The integer under this key, or the largest of an array of them. */
    OptionalLong largestInteger(String key) {
        MetadataEntry entry = entries.get(key);
        if (entry == null || entry.count() == 0) {
            return OptionalLong.empty();
        }
        ValueType type = entry.elementType() == null ? entry.type() : entry.elementType();
        require(entry, type.isInteger(), "an integer or an array of integers");
        long largest = Long.MIN_VALUE;
        for (int i = 0; i < entry.count(); i++) {
            largest = Math.max(largest, integerAt(entry, i));
        }
        return OptionalLong.of(largest);
    }

    OptionalDouble number(String key) {
        MetadataEntry entry = entries.get(key);
        if (entry == null) {
            return OptionalDouble.empty();
        }
        if (entry.type() == ValueType.F32) {
            return OptionalDouble.of(Float.intBitsToFloat(FileBytes.int32(bytes, entry.position())));
        }
        if (entry.type() == ValueType.F64) {
            return OptionalDouble.of(Double.longBitsToDouble(FileBytes.int64(bytes, entry.position())));
        }
        require(entry, entry.type().isInteger(), "a number");
        return OptionalDouble.of(integerAt(entry, 0));
    }

    @Nullable
    Boolean bool(String key) {
        MetadataEntry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        require(entry, entry.type() == ValueType.BOOL, "a bool");
        return bytes[entry.position()] != 0;
    }

    /**
     * The strings of the array under this key, null where the file has no such key.
     *
     * @throws GgufException if the value is no array of strings
     */
    public @Nullable List<String> strings(String key) {
        Given.value(key, "key");
        MetadataEntry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        require(entry, entry.isArrayOf(ValueType.STRING), "an array of strings");
        List<String> strings = new ArrayList<>(entry.count());
        int at = entry.position();
        for (int i = 0; i < entry.count(); i++) {
            strings.add(stringAt(at));
            at += 8 + FileBytes.int32(bytes, at);
        }
        return Collections.unmodifiableList(strings);
    }

    /**
     * The numbers of the array under this key, null where the file has no such key.
     *
     * @throws GgufException if the value is no array of 32-bit floating-point numbers
     */
    public float @Nullable [] floats(String key) {
        Given.value(key, "key");
        MetadataEntry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        require(entry, entry.isArrayOf(ValueType.F32), "an array of float32");
        float[] floats = new float[entry.count()];
        ByteBuffer.wrap(bytes, entry.position(), 4 * entry.count())
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(floats);
        return floats;
    }

    /**
     * The integers of the array under this key, null where the file has no such key.
     *
     * @throws GgufException if the value is no array of integers
     */
    public long @Nullable [] integers(String key) {
        Given.value(key, "key");
        MetadataEntry entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        ValueType type = entry.elementType();
        require(entry, type != null && type.isInteger(), "an array of integers");
        long[] integers = new long[entry.count()];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = integerAt(entry, i);
        }
        return integers;
    }

    /** The number of bytes of a value, or of all elements of an array. */
    int length(MetadataEntry entry) {
        ValueType type = entry.elementType() == null ? entry.type() : entry.elementType();
        if (type != ValueType.STRING) {
            return entry.count() * type.bytes;
        }
        int end = entry.position();
        for (int i = 0; i < entry.count(); i++) {
            end += 8 + FileBytes.int32(bytes, end);
        }
        return end - entry.position();
    }

    /** Element {@code i} of an array of integers, or the one value of an integer. */
    long integerAt(MetadataEntry entry, int i) {
        ValueType type = entry.elementType() == null ? entry.type() : entry.elementType();
        int last = entry.position() + (i + 1) * type.bytes - 1;
        long value = type.isSigned() ? bytes[last] : bytes[last] & 0xff;
        for (int at = last - 1; at > last - type.bytes; at--) {
            value = value << 8 | bytes[at] & 0xff;
        }
        if (type == ValueType.U64 && value < 0) {
            throw GgufException.damaged(
                    file, entry.key() + " is " + Long.toUnsignedString(value) + ", more than anything can number");
        }
        return value;
    }

    GgufException wrongType(MetadataEntry entry, String expected) {
        return GgufException.damaged(file, entry.key() + " is of type " + entry.typeLabel() + ", not " + expected);
    }

    private void require(MetadataEntry entry, boolean fits, String expected) {
        if (!fits) {
            throw wrongType(entry, expected);
        }
    }

    private String stringAt(int at) {
        return Utf8.decode(bytes, at + 8, FileBytes.int32(bytes, at));
    }
}
