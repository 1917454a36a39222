package dev.demur.cli.serve;

import dev.demur.llama.Cancellation;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many requests to the model at once, and so many wait, each on a thread of its own: the library's calls wait for
 * their end. Which of those at the model is computed when is the library's affair.
 */
final class Admission implements AutoCloseable {

    private final ThreadPoolExecutor threads;
    private final BiConsumer<Exchange, Throwable> onFailure;

    /**
     * Nobody is there yet.
     *
     * @param onFailure answers a request whose work threw something
     */
    Admission(int concurrent, int waiting, BiConsumer<Exchange, Throwable> onFailure) {
        this.onFailure = onFailure;
        BlockingQueue<Runnable> queue = waiting == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(waiting);
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(concurrent, concurrent, 60, TimeUnit.SECONDS, queue, work -> {
            Thread thread = new Thread(work, "demur-request-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    /** A request's work, which leaves the queue when it is cancelled there. */
    private final class Work implements Runnable {

        private final Exchange exchange;
        private final Runnable task;
        private volatile Cancellation.@Nullable Scope waiting;

        Work(Exchange exchange, Runnable task) {
            this.exchange = exchange;
            this.task = task;
        }

        void withdraw() {
            if (threads.remove(this)) {
                exchange.fail(exchange.whyCancelled());
            }
        }

        @Override
        public void run() {
            Cancellation.Scope scope = waiting;
            if (scope != null) {
                scope.close();
            }
            try {
                if (!exchange.isEnded()) {
                    exchange.cancellation().throwIfCancelled("the request");
                    task.run();
                }
            } catch (Throwable e) {
                // Whatever it was, the client gets an answer and the thread goes on to the next one.
                onFailure.accept(exchange, e);
            }
        }
    }

    /**
     * Has it done as soon as there is room.
     *
     * @throws ApiException if too many wait already
     */
    void submit(Exchange exchange, Runnable task) {
        Work work = new Work(exchange, task);
        try {
            threads.execute(work);
        } catch (RejectedExecutionException e) {
            throw threads.isShutdown()
                    ? ApiException.unavailable("stopping", "the server is stopping")
                    : ApiException.tooMany("too many requests are waiting already: try again later");
        }
        work.waiting = exchange.cancellation().onCancel(work::withdraw);
    }

    /** How many are at the model. */
    int running() {
        return threads.getActiveCount();
    }

    /** How many wait. */
    int waiting() {
        return threads.getQueue().size();
    }

    /** Takes no more; what is there goes on. */
    @Override
    public void close() {
        threads.shutdown();
    }

    /** Waits until all work has ended; false where it takes longer. */
    boolean awaitEnd(long millis) throws InterruptedException {
        return threads.awaitTermination(millis, TimeUnit.MILLISECONDS);
    }
}
