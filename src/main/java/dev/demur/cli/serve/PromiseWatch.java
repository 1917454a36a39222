package dev.demur.cli.serve;

import dev.demur.monitor.AuditLabel;
import dev.demur.monitor.Monitor;
import dev.demur.monitor.MonitorException;
import dev.demur.monitor.MonitorReport;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether the policy's promise holds for what a server decides, and keeps what is known in a file.
 *
 * <p>The file is written before a label is confirmed, {@value #SAVING_SECONDS} seconds after a decision at the latest, and at the
 * end, all by one thread of its own. Thread-safe.
 */
public final class PromiseWatch implements AutoCloseable {

    private static final int SAVING_SECONDS = 5;
    private static final int LAST_SECONDS = 10;

    private final Monitor monitor;
    private final Path file;
    private final BiConsumer<String, Throwable> problems;
    private final ScheduledThreadPoolExecutor thread;
    private volatile boolean unsaved;
    private boolean failed; // of the thread alone: what cannot be written is told once, until it can

    /**
     * Begins to watch, or goes on.
     *
     * @param file where everything that is known is kept; what was there is replaced
     * @param problems hears where it cannot be written later on
     * @throws MonitorException if it cannot be written now
     */
    public PromiseWatch(Monitor monitor, Path file, BiConsumer<String, Throwable> problems) {
        this.monitor = monitor;
        this.file = file;
        this.problems = problems;
        monitor.save(file);
        thread = new ScheduledThreadPoolExecutor(1, work -> {
            Thread saver = new Thread(work, "demur-monitor");
            saver.setDaemon(true);
            return saver;
        });
        var unused = thread.scheduleWithFixedDelay(this::saveChanges, SAVING_SECONDS, SAVING_SECONDS, TimeUnit.SECONDS);
    }

    Labels labels() {
        return monitor.labels();
    }

    MonitorReport report() {
        return monitor.report();
    }

    /** The ids of the decisions that await their labels, the earliest first. */
    List<String> awaiting() {
        return monitor.awaiting();
    }

    /**
     * Observes a decision.
     *
     * @param id of the request, or of a part of it
     * @return the id where it was drawn and awaits a label; else null
     */
    @Nullable
    String observe(String id, Decision decision) {
        boolean drawn = monitor.observe(id, decision);
        unsaved = true;
        return drawn ? id : null;
    }

    /**
     * Labels a decision, and writes that down.
     *
     * @param then hears, on another thread, that it was done, by null, or why it was not
     * @throws ApiException if the server is stopping
     */
    void label(String id, AuditLabel label, Consumer<@Nullable ApiException> then) {
        try {
            thread.execute(() -> then.accept(taken(id, label)));
        } catch (RejectedExecutionException e) {
            throw ApiException.unavailable("stopping", "the server is stopping");
        }
    }

    private @Nullable ApiException taken(String id, AuditLabel label) {
        try {
            monitor.label(id, label);
        } catch (IllegalArgumentException e) {
            return ApiException.notFound("id", "unknown_id", String.valueOf(e.getMessage()));
        }
        unsaved = true;
        saveChanges();
        return unsaved
                ? ApiException.failure("the label was taken, and cannot be kept beyond the server's end", null)
                : null;
    }

    private void saveChanges() {
        if (!unsaved) {
            return;
        }
        unsaved = false;
        try {
            monitor.save(file);
            failed = false;
        } catch (MonitorException e) {
            unsaved = true;
            if (!failed) {
                failed = true;
                problems.accept("the monitor's file", e);
            }
        }
    }

    /** Writes what is not written yet; decisions and labels that come now are not taken any more. */
    @Override
    public void close() {
        thread.execute(this::saveChanges);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST_SECONDS, TimeUnit.SECONDS)) {
                problems.accept("the monitor's file", new IllegalStateException("it takes too long to write"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
