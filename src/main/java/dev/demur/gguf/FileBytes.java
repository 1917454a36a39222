package dev.demur.gguf;

import java.io.IOException;
import java.io.RandomAccessFile;

/**
 * The bytes of a file from its start, read as far as they are asked for.
 *
 * <p>A plain array, because this code mostly runs in the interpreter of a JVM that has just started, where every call
 * of a buffer's accessor costs more than the bytes it fetches; and a file that the JVM's own archive has classes for,
 * which it lacks for channels. Little-endian.
 */
final class FileBytes {

    /** More than ten times the metadata of the largest vocabularies in use. */
    static final int LIMIT = 1 << 28;

    private static final int FIRST_READ = 1 << 18;

    private final String file;
    private final RandomAccessFile opened;
    private final long size;
    private byte[] bytes = new byte[0];
    private int loaded;

    FileBytes(String file, RandomAccessFile opened) throws IOException {
        this.file = file;
        this.opened = opened;
        this.size = opened.length();
    }

    /** The size of the file. */
    long size() {
        return size;
    }

    /** The bytes loaded so far; another array after the next {@link #require}. */
    byte[] array() {
        return bytes;
    }

    /** Loads at least {@code count} bytes from {@code position} on. The caller has checked them against the size. */
    void require(int position, long count) throws IOException {
        long end = position + count;
        if (end <= loaded) {
            return;
        }
        if (end > LIMIT) {
            throw new GgufException(
                    file,
                    "its metadata goes on beyond " + (LIMIT >> 20)
                            + " MiB, more than any model needs; use a file from a source that you trust");
        }
        int wanted = (int) Math.min(size, Math.min(LIMIT, Math.max(end, Math.max(FIRST_READ, 2L * loaded))));
        byte[] grown = new byte[wanted];
        System.arraycopy(bytes, 0, grown, 0, loaded);
        bytes = grown;
        while (loaded < wanted) {
            int read = opened.read(bytes, loaded, wanted - loaded);
            if (read < 0) {
                throw new GgufException(file, "became shorter while it was read; load it when nothing writes it");
            }
            loaded += read;
        }
    }

    static int int32(byte[] bytes, int at) {
        return (bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff) << 16 | bytes[at + 3] << 24;
    }

    static long int64(byte[] bytes, int at) {
        return (int32(bytes, at) & 0xffff_ffffL) | (long) int32(bytes, at + 4) << 32;
    }
}
