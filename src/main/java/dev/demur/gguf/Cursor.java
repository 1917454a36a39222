package dev.demur.gguf;

import java.io.IOException;

/** A position in a file's bytes that only moves over bytes that are there. */
final class Cursor {

    private final String file;
    private final FileBytes source;
    private int position;

    Cursor(String file, FileBytes source) {
        this.file = file;
        this.source = source;
    }

    int position() {
        return position;
    }

    long remaining() {
        return source.size() - position;
    }

    /** A key or a tensor's name. C compares them up to the first NUL, so none may be within. */
    String name(String what, int index, int most) throws IOException {
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

    /** Passes one string value. */
    void skipString(String key) throws IOException {
        skip(stringLength(key), key);
    }

    /** A vocabulary has ten thousands of them: what lies in the loaded bytes is skipped without a call. */
    void skipStrings(int count, String key) throws IOException {
        byte[] bytes = source.array();
        int at = position;
        for (int i = 0; i < count; i++) {
            int start = at + 8;
            if (start <= bytes.length
                    && (bytes[at + 3] | bytes[at + 4] | bytes[at + 5] | bytes[at + 6] | bytes[at + 7]) == 0) {
                int length = (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16;
                if (length <= bytes.length - start) {
                    at = start + length;
                    continue;
                }
            }
            position = at;
            skipString(key);
            at = position;
            bytes = source.array();
        }
        position = at;
    }

    void skip(long count, String what) throws IOException {
        need(count, what);
        position += (int) count;
    }

    void need(long count, String what) throws IOException {
        if (count > remaining()) {
            throw GgufException.damaged(file, "ends at offset " + source.size() + ", within " + what);
        }
        source.require(position, count);
    }

    int int32() {
        int value = FileBytes.int32(source.array(), position);
        position += 4;
        return value;
    }

    long int64() {
        long value = FileBytes.int64(source.array(), position);
        position += 8;
        return value;
    }
}
