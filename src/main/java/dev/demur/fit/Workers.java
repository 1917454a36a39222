package dev.demur.fit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Threads for parts of a piece of work; which parts there are does not depend on how many threads there are. */
final class Workers implements AutoCloseable {

    private final ExecutorService threads;
    private volatile boolean stopped;

    Workers(int count) {
        this.threads = Executors.newFixedThreadPool(count, task -> {
            Thread thread = new Thread(task, "demur-fit");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Does all parts and waits for them.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    void forEach(int parts, IntConsumer work) throws InterruptedException {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            int part = i;
            running.add(threads.submit(() -> {
                if (!stopped) {
                    work.accept(part);
                }
            }));
        }
        try {
            for (Future<?> part : running) {
                part.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            stopped = true;
            throw e;
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
