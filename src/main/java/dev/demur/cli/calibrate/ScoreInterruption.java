package dev.demur.cli.calibrate;

import dev.demur.scoring.ScoreWriter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Leaves nothing behind where the process is told to end (Ctrl-C, SIGTERM) before the first row is scored: closes the score
 * file, which deletes one without a row. One with rows stays, to be gone on with.
 */
public final class ScoreInterruption implements AutoCloseable {

    private @Nullable ScoreWriter writer; // guarded by this
    private final Thread hook = new Thread(this::end, "demur-score-interruption");
    private boolean ended; // guarded by this

    private ScoreInterruption() {}

    /** Watches until it is closed. */
    public static ScoreInterruption watch() {
        ScoreInterruption interruption = new ScoreInterruption();
        try {
            Runtime.getRuntime().addShutdownHook(interruption.hook);
        } catch (IllegalStateException e) {
            interruption.end(); // the process is ending already
        }
        return interruption;
    }

    private synchronized void end() {
        ended = true;
        ScoreWriter begun = writer;
        if (begun != null) {
            begun.closeIfEmpty();
        }
    }

    /**
     * Opens a writer, which is closed when the process ends. An end that comes meanwhile waits, so that it closes what was just
     * made.
     */
    public synchronized ScoreWriter open(Supplier<ScoreWriter> opening) {
        ScoreWriter opened = opening.get();
        writer = opened;
        if (ended) {
            opened.closeIfEmpty();
        }
        return opened;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending, and the hook with it
        }
    }
}
