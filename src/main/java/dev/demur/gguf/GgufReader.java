package dev.demur.gguf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
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
    private final Cursor cursor;

    private GgufReader(String file, FileBytes source) {
        this.file = file;
        this.source = source;
        this.cursor = new Cursor(file, source);
    }

    static GgufContents read(Path path) {
        String file = nameOf(path);
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new GgufException(file, "lies in " + path.getFileSystem() + "; copy it to a folder of this machine");
        }
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
            throw new GgufException(file, "does not exist; check the path " + path.toAbsolutePath(), e);
        } catch (IOException e) {
            String problem = Files.exists(path) && !Files.isReadable(path)
                    ? "may not be read: permission denied"
                    : "cannot be read (" + reason(e) + ")";
            throw new GgufException(file, problem + "; check " + path + " and its permissions", e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return reason == null ? e.toString() : reason;
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
        long dataStart = (cursor.position() + alignment - 1) & -alignment;
        return new GgufContents(file, version, alignment, metadata, List.copyOf(tensors), dataStart, source.size());
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
        cursor.skip(4, "the header");
    }

    private int version() {
        int version = cursor.int32();
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
        int at = cursor.position();
        long count = cursor.int64();
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
        int at = cursor.position();
        String key = cursor.name("metadata key ", index, MOST_KEY_BYTES);
        ValueType type = valueType(key);
        if (type != ValueType.ARRAY) {
            int value = cursor.position();
            if (type == ValueType.STRING) {
                cursor.skipString(key);
            } else {
                cursor.skip(type.bytes, key);
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
        cursor.need(8, key);
        long count = cursor.int64();
        long leastBytes = elementType == ValueType.STRING ? 8 : elementType.bytes;
        if (count < 0 || count > cursor.remaining() / leastBytes) {
            throw GgufException.damaged(
                    file,
                    key + " at offset " + at + " says that it has " + Long.toUnsignedString(count)
                            + " elements, but only " + cursor.remaining() + " bytes are left");
        }
        int first = cursor.position();
        if (elementType == ValueType.STRING) {
            cursor.skipStrings((int) count, key);
        } else {
            cursor.skip(count * elementType.bytes, key);
        }
        return new MetadataEntry(key, type, elementType, (int) count, first);
    }

    private ValueType valueType(String key) throws IOException {
        int at = cursor.position();
        cursor.need(4, key);
        int id = cursor.int32();
        ValueType type = ValueType.of(id);
        if (type == null) {
            throw GgufException.damaged(
                    file, key + " has at offset " + at + " the value type " + id + ", which does not exist");
        }
        return type;
    }

    private TensorInfo tensor(int index) throws IOException {
        int at = cursor.position();
        String name = cursor.name("tensor ", index, MOST_NAME_BYTES);
        cursor.need(4, name);
        int dimensions = cursor.int32();
        if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
            throw GgufException.damaged(
                    file,
                    "tensor " + name + " at offset " + at + " has " + Integer.toUnsignedString(dimensions)
                            + " dimensions instead of 1 to " + MOST_DIMENSIONS);
        }
        cursor.need(8L * dimensions + 12, name);
        Long[] shape = new Long[dimensions];
        long elements = 1;
        for (int i = 0; i < dimensions; i++) {
            long extent = cursor.int64();
            if (extent < 1 || extent > Long.MAX_VALUE / elements) {
                throw GgufException.damaged(
                        file,
                        "tensor " + name + " at offset " + at + " has in dimension " + i + " the extent "
                                + Long.toUnsignedString(extent));
            }
            elements *= extent;
            shape[i] = extent;
        }
        int typeId = cursor.int32();
        TensorType type = TensorType.of(typeId);
        if (type != null) {
            checkBlocks(name, shape[0], elements, type);
        }
        return new TensorInfo(name, List.of(shape), typeId, type, cursor.int64());
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
}
