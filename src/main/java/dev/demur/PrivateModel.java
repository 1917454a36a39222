package dev.demur;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A model's bytes in a temporary file that only this user can read: llama.cpp maps its weights from a file.
 *
 * @param file is deleted by {@link #delete}, or when the JVM ends
 */
record PrivateModel(Path file) {

    private static final int AT_ONCE = 1 << 20;

    /** Copies what comes from {@code in}, which stays open. */
    static PrivateModel copy(ReadableByteChannel in) throws IOException {
        return made(out -> {
            ByteBuffer part = ByteBuffer.allocate(AT_ONCE);
            while (in.read(part) >= 0) {
                write(part.flip(), out);
                part.clear();
            }
        });
    }

    /** Copies what remains in the buffer. */
    static PrivateModel copy(ByteBuffer bytes) throws IOException {
        return made(out -> write(bytes, out));
    }

    private static void write(ByteBuffer bytes, FileChannel out) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private static PrivateModel made(Content content) throws IOException {
        PrivateModel model = new PrivateModel(Files.createTempFile("demur-", ".gguf"));
        model.file.toFile().deleteOnExit();
        boolean whole = false;
        try (FileChannel out = FileChannel.open(model.file, StandardOpenOption.WRITE)) {
            content.writeTo(out);
            whole = true;
        } finally {
            if (!whole) {
                model.delete();
            }
        }
        return model;
    }

    /** Deletes the file; where the system keeps a file that is in use, the end of the JVM does. */
    void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            System.getLogger("dev.demur").log(System.Logger.Level.DEBUG, "{0} stays until the JVM ends: {1}", file, e);
        }
    }

    /** What stands in the file. */
    private interface Content {
        void writeTo(FileChannel out) throws IOException;
    }
}
