package dev.demur.llama.internal;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a listener how far a load is, from a thread of its own, because C calls no Java: it reads what llama.cpp writes
 * to native memory. Closing it ends the thread.
 */
final class LoadProgress implements AutoCloseable {

    private static final long PERIOD_MILLIS = 20;

    private final NativeControl control;
    private final DoubleConsumer listener;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private double told = -1;
    private @Nullable Throwable failure;

    private LoadProgress(NativeControl control, DoubleConsumer listener) {
        this.control = control;
        this.listener = listener;
        this.thread = new Thread(this::watch, "demur-load-progress");
        thread.setDaemon(true);
    }

    static LoadProgress start(NativeControl control, DoubleConsumer listener) {
        LoadProgress progress = new LoadProgress(control, listener);
        progress.thread.start();
        return progress;
    }

    private void watch() {
        try {
            do {
                tell(control.progress());
            } while (!ended.await(PERIOD_MILLIS, TimeUnit.MILLISECONDS));
        } catch (Throwable e) {
            failure = e;
            control.cancel();
        }
    }

    private void tell(double progress) {
        if (progress > told) {
            told = progress;
            listener.accept(progress);
        }
    }

    /** Tells 1 on this thread, or throws what the listener threw. */
    void complete() {
        throwFailure();
        tell(1);
    }

    /** Ends the thread and throws what the listener threw, if it did. */
    void throwFailure() {
        end();
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }

    @Override
    public void close() {
        end();
    }

    private void end() {
        ended.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
