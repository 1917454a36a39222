package dev.demur.gguf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a file's header, metadata and tensor list into records, and refuses what cannot be read safely.
 *
 * <p>Every count and length is compared with the bytes that are left before anything is made from it. No streams,
 * lambdas or formatters here: a program that has just started runs this once, and would wait for them to be loaded.
 */
final class GgufReader {

    private static final int HEADER_BYTES = 24;
    /** An empty key, its type and a value of one byte; llama.cpp compares each key with all before it. */
    private static final int LEAST_ENTRY_BYTES = 13;

    private static final int MOST_KEYS = 1 << 14;
    /** An empty name, one dimension, type and offset. */
    private static final int LEAST_TENSOR_BYTES = 32;

    private static final int MOST_TENSORS = 1 << 16;
    private static final int MOST_KEY_BYTES = 1 << 16;
    private static final int MOST_NAME_BYTES = 63;
    private static final int MOST_DIMENSIONS = 4;
    private static final String ALIGNMENT_KEY = "general.alignment";
    private static final long DEFAULT_ALIGNMENT = 32;

    private final String file;
    private final FileBytes source;
    private int position;

    private GgufReader(String file, FileBytes source) {
        this.file = file;
        this.source = source;
    }

    static GgufContents read(Path path) {
        String file = nameOf(path);
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                throw new GgufException(file, "is a folder; name the model file in it");
            }
            if (!attributes.isRegularFile()) {
                throw new GgufException(file, "is no regular file; name a file that holds the model");
            }
            try (RandomAccessFile opened = new RandomAccessFile(path.toFile(), "r")) {
                return new GgufReader(file, new FileBytes(file, opened)).read();
            }
        } catch (NoSuchFileException e) {
            throw new GgufException(file, "does not exist; check the path " + path, e);
        } catch (IOException e) {
            throw new GgufException(file, "cannot be read (" + e + "); check the permissions of " + path, e);
        }
    }

    static String nameOf(Path path) {
        Path name = path.getFileName();
        return name == null ? path.toString() : name.toString();
    }

    private GgufContents read() throws IOException {
        checkMagic();
        int version = version();
        long tensorCount = count("tensors", LEAST_TENSOR_BYTES, MOST_TENSORS);
        long keyCount = count("metadata keys", LEAST_ENTRY_BYTES, MOST_KEYS);
        Map<String, MetadataEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < keyCount; i++) {
            MetadataEntry entry = entry(i);
            if (entries.put(entry.key(), entry) != null) {
                throw GgufException.damaged(file, "has the key " + entry.key() + " twice");
            }
        }
        List<TensorInfo> tensors = new ArrayList<>();
        for (int i = 0; i < tensorCount; i++) {
            tensors.add(tensor(i));
        }
        Metadata metadata = new Metadata(file, source.array(), entries);
        long alignment = alignment(metadata);
        long dataStart = (position + alignment - 1) & -alignment;
        return new GgufContents(
                file, version, alignment, metadata, List.copyOf(tensors), dataStart, source.size());
    }

    private void checkMagic() throws IOException {
        long size = source.size();
        if (size == 0) {
            throw new GgufException(file, "is empty; copy or download it again");
        }
        int there = (int) Math.min(size, HEADER_BYTES);
        source.require(0, there);
        byte[] bytes = source.array();
        if (there < 4 || bytes[0] != 'G' || bytes[1] != 'G' || bytes[2] != 'U' || bytes[3] != 'F') {
            boolean pointer = there > 8 && Utf8.decode(bytes, 0, 8).equals("version ");
            throw new GgufException(
                    file,
                    pointer
                            ? "is a Git LFS pointer, not the model; fetch the model with git lfs pull"
                            : "is no GGUF file (it does not begin with GGUF); name a model in GGUF format");
        }
        if (there < HEADER_BYTES) {
            throw GgufException.damaged(file, "ends after " + size + " bytes, within the header");
        }
        position = 4;
    }

    private int version() {
        int version = int32();
        if (version == 2 || version == 3) {
            return version;
        }
        if (version == 1) {
            throw new GgufException(file, "is in GGUF version 1, which llama.cpp no longer reads; convert it again");
        }
        if ((version & 0xffff) == 0 && version != 0) {
            throw new GgufException(file, "is a big-endian GGUF file; convert it again for little-endian machines");
        }
        throw new GgufException(
                file,
                "is in GGUF version " + Integer.toUnsignedString(version)
                        + ", of which nothing is known here; use a file of version 2 or 3");
    }

    private long count(String what, int leastBytes, int most) {
        int at = position;
        long count = int64();
        if (count < 0 || count > (source.size() - HEADER_BYTES) / leastBytes) {
            throw GgufException.damaged(
                    file,
                    "says at offset " + at + " that it has " + Long.toUnsignedString(count) + " " + what
                            + ", for which its " + source.size() + " bytes have no room");
        }
        if (count > most) {
            throw new GgufException(
                    file, "has " + count + " " + what + ", more than the " + most + " that are read; use another file");
        }
        return count;
    }

    private MetadataEntry entry(int index) throws IOException {
        int at = position;
        String key = name("metadata key ", index, MOST_KEY_BYTES);
        ValueType type = valueType(key);
        if (type != ValueType.ARRAY) {
            int value = position;
            if (type == ValueType.STRING) {
                skip(stringLength(key), key);
            } else {
                skip(type.bytes, key);
            }
            return new MetadataEntry(key, type, null, 1, value);
        }
        ValueType elementType = valueType(key);
        if (elementType == ValueType.ARRAY) {
            throw new GgufException(
                    file,
                    key + " at offset " + at + " is an array of arrays, which llama.cpp does not read; convert the "
                            + "model without it");
        }
        need(8, key);
        long count = int64();
        long leastBytes = elementType == ValueType.STRING ? 8 : elementType.bytes;
        if (count < 0 || count > remaining() / leastBytes) {
            throw GgufException.damaged(
                    file,
                    key + " at offset " + at + " says that it has " + Long.toUnsignedString(count)
                            + " elements, but only " + remaining() + " bytes are left");
        }
        int first = position;
        if (elementType == ValueType.STRING) {
            skipStrings((int) count, key);
        } else {
            skip(count * elementType.bytes, key);
        }
        return new MetadataEntry(key, type, elementType, (int) count, first);
    }

    private ValueType valueType(String key) throws IOException {
        int at = position;
        need(4, key);
        int id = int32();
        ValueType type = ValueType.of(id);
        if (type == null) {
            throw GgufException.damaged(
                    file, key + " has at offset " + at + " the value type " + id + ", which does not exist");
        }
        return type;
    }

    private TensorInfo tensor(int index) throws IOException {
        int at = position;
        String name = name("tensor ", index, MOST_NAME_BYTES);
        need(4, name);
        int dimensions = int32();
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw GgufException.damaged(
                    file,
                    "tensor " + name + " at offset " + at + " has " + Integer.toUnsignedString(dimensions)
                            + " dimensions instead of 1 to " + MOST_DIMENSIONS);
        }
        need(8L * dimensions + 12, name);
        Long[] shape = new Long[dimensions];
        long elements = 1;
        for (int i = 0; i < dimensions; i++) {
            long extent = int64();
            if (extent < 1 || extent > Long.MAX_VALUE / elements) {
                throw GgufException.damaged(
                        file,
                        "tensor " + name + " at offset " + at + " has in dimension " + i + " the extent "
                                + Long.toUnsignedString(extent));
            }
            elements *= extent;
            shape[i] = extent;
        }
        int typeId = int32();
        TensorType type = TensorType.of(typeId);
        if (type != null) {
            checkBlocks(name, shape[0], elements, type);
        }
        return new TensorInfo(name, List.of(shape), typeId, type, int64());
    }

    private void checkBlocks(String name, long row, long elements, TensorType type) {
        if (row % type.blockElements() != 0) {
            throw GgufException.damaged(
                    file,
                    "tensor " + name + " of type " + type + " has rows of " + row + " elements, no multiple of "
                            + type.blockElements());
        }
        if (elements / type.blockElements() > Long.MAX_VALUE / type.blockBytes()) {
            throw GgufException.damaged(file, "tensor " + name + " has " + elements + " elements");
        }
    }

    private long alignment(Metadata metadata) {
        MetadataEntry entry = metadata.entry(ALIGNMENT_KEY);
        if (entry == null) {
            return DEFAULT_ALIGNMENT;
        }
        if (entry.type() != ValueType.U32) {
            throw metadata.wrongType(entry, "u32");
        }
        long alignment = metadata.integerAt(entry, 0);
        if (Long.bitCount(alignment) != 1) {
            throw GgufException.damaged(file, ALIGNMENT_KEY + " is " + alignment + ", not a power of two");
        }
        return alignment;
    }

    /** A key or a tensor's name. C compares them up to the first NUL, so none may be within. */
    private String name(String what, int index, int most) throws IOException {
        int at = position;
        need(8, what);
        long length = int64();
        if (length < 1 || length > most) {
            throw GgufException.damaged(
                    file,
                    what + index + " at offset " + at + " has a name of " + Long.toUnsignedString(length)
                            + " bytes instead of 1 to " + most);
        }
        need(length, what);
        byte[] bytes = source.array();
        for (int i = 0; i < length; i++) {
            int c = bytes[position + i];
            if (c >= 0 && c < ' ' || c == 0x7f) {
                throw GgufException.damaged(
                        file, what + index + " at offset " + at + " has a control character in its name");
            }
        }
        if (!Utf8.isValid(bytes, position, (int) length)) {
            throw GgufException.damaged(file, what + index + " at offset " + at + " has a name that is not UTF-8");
        }
        String name = Utf8.decode(bytes, position, (int) length);
        position += (int) length;
        return name;
    }

    private long stringLength(String key) throws IOException {
        int at = position;
        need(8, key);
        long length = int64();
        if (length < 0 || length > remaining()) {
            throw GgufException.damaged(
                    file,
                    "a string of " + key + " at offset " + at + " says that it has " + Long.toUnsignedString(length)
                            + " bytes, but only " + remaining() + " are left");
        }
        return length;
    }

    /** A vocabulary has ten thousands of them: what lies in the loaded bytes is skipped without a call. */
    private void skipStrings(int count, String key) throws IOException {
        byte[] bytes = source.array();
        int at = position;
        for (int i = 0; i < count; i++) {
            int start = at + 8;
            if (start <= bytes.length && (bytes[at + 3] | bytes[at + 4] | bytes[at + 5] | bytes[at + 6] | bytes[at + 7]) == 0) {
                int length = (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16;
                if (length <= bytes.length - start) {
                    at = start + length;
                    continue;
                }
            }
            position = at;
            skip(stringLength(key), key);
            at = position;
            bytes = source.array();
        }
        position = at;
    }

    private long remaining() {
        return source.size() - position;
    }

    private void skip(long count, String what) throws IOException {
        need(count, what);
        position += (int) count;
    }

    private void need(long count, String what) throws IOException {
        if (count > remaining()) {
            throw GgufException.damaged(file, "ends at offset " + source.size() + ", within " + what);
        }
        source.require(position, count);
    }

    private int int32() {
        int value = FileBytes.int32(source.array(), position);
        position += 4;
        return value;
    }

    private long int64() {
        long value = FileBytes.int64(source.array(), position);
        position += 8;
        return value;
    }
}
