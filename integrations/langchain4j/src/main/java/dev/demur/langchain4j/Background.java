package dev.demur.langchain4j;

import dev.demur.llama.Cancellation;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Work on a thread of its own. */
final class Background {

    private static final String THREAD = "demur-langchain4j";

    private Background() {}

    /** Starts work that is not waited for. */
    static void start(Runnable work) {
        Thread thread = new Thread(work, THREAD);
        thread.setDaemon(true);
        thread.start();
    }

    /** What work gives; cancelling the future cancels the work. */
    static <T> CompletableFuture<T> future(Function<Cancellation, T> work) {
        Cancellation cancellation = new Cancellation();
        CompletableFuture<T> future = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                boolean cancelled = super.cancel(mayInterruptIfRunning);
                if (cancelled) {
                    cancellation.cancel();
                }
                return cancelled;
            }
        };
        start(() -> {
            try {
                future.complete(work.apply(cancellation));
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }
}
