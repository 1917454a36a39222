package dev.demur.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The lines of a chat from a pipe or a file, as UTF-8. */
final class PipedLines implements ChatLines {

    /** Bytes; more than any context holds. */
    private static final int LONGEST = 64 << 20;

    private final InputStream in;
    private boolean first = true;

    PipedLines(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    @Override
    public @Nullable String next() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            while (b >= 0 && b != '\n') {
                if (line.size() == LONGEST) {
                    throw new IllegalArgumentException("a line of standard input is longer than 64 MiB: shorten it");
                }
                line.write(b);
                b = in.read();
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("standard input cannot be read: " + e.getMessage(), e);
        }
        String text = decoded(line.toByteArray());
        boolean marked = first && text.startsWith("\ufeff");
        first = false;
        return text.substring(marked ? 1 : 0, text.endsWith("\r") ? text.length() - 1 : text.length());
    }

    private static String decoded(byte[] line) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("standard input is not UTF-8 text: convert it first", e);
        }
    }

    @Override
    public void onInterrupt(Runnable action) {
        // Ctrl-C ends the process, as it does in every script.
    }

    @Override
    public boolean areTyped() {
        return false;
    }

    @Override
    public void close() {
        // The process's standard input stays open.
    }
}
