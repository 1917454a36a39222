package dev.demur.cli.ask;

import dev.demur.DemurException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The lines of a chat from a pipe or a file, as UTF-8. For one thread. */
public final class PipedLines implements ChatLines {

    /** Bytes; more than any context holds. */
    private static final int LONGEST = 64 << 20;

    /** An answer that takes longer to end is left behind. */
    private static final long PATIENCE_SECONDS = 10;

    private static final long EVERY_MILLIS = 50;

    private final InputStream in;
    private boolean first = true;
    private boolean interrupted;
    /** Whether a line was handed out and the next one was not asked for yet. */
    private boolean busy;

    private @Nullable Thread hook;

    public PipedLines(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    @Override
    public @Nullable String next() {
        setBusy(false);
        String line = read();
        setBusy(line != null);
        return line;
    }

    /** Does not return where the process is ending: nothing is to be freed while it does. */
    private synchronized void setBusy(boolean now) {
        busy = now && !interrupted;
        notifyAll();
        while (interrupted) {
            try {
                wait();
            } catch (InterruptedException e) {
                continue;
            }
        }
    }

    private @Nullable String read() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int b = in.read();
            if (b < 0) {
                return null;
            }
            while (b >= 0 && b != '\n') {
                if (line.size() == LONGEST) {
                    throw new DemurException("a line of standard input is longer than 64 MiB: shorten it");
                }
                line.write(b);
                b = in.read();
            }
        } catch (IOException e) {
            throw new DemurException("standard input cannot be read: " + e.getMessage(), e);
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
            throw new DemurException("standard input is not UTF-8 text: convert it first", e);
        }
    }

    /** Ctrl-C ends the process, as it does in every script, but not in the middle of a computation. */
    @Override
    public void onInterrupt(Runnable action) {
        Thread ending = new Thread(() -> end(action), "demur-interruption");
        try {
            Runtime.getRuntime().addShutdownHook(ending);
            hook = ending;
        } catch (IllegalStateException e) {
            setInterrupted(); // the process is ending already
        }
    }

    private synchronized void setInterrupted() {
        interrupted = true;
    }

    private synchronized void end(Runnable action) {
        interrupted = true;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        try {
            while (busy && System.nanoTime() < deadline) {
                action.run(); // again, because the answer may not have begun
                wait(EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the process ends now
        }
    }

    @Override
    public boolean areTyped() {
        return false;
    }

    @Override
    public int width() {
        return 0;
    }

    @Override
    public void close() {
        setBusy(false); // the process's standard input stays open
        Thread ending = hook;
        if (ending != null) {
            try {
                Runtime.getRuntime().removeShutdownHook(ending);
            } catch (IllegalStateException e) {
                return; // the process is ending, and the hook with it
            }
        }
    }
}
