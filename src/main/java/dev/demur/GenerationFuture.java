package dev.demur;

import dev.demur.llama.Cancellation;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A generation on a thread of its own that a future stands for. */
final class GenerationFuture {

    private GenerationFuture() {}

    /**
     * Starts {@code source}, which is given what cancels it: the future, and {@code outer} if there is one.
     */
    static CompletableFuture<Generation> start(
            @Nullable Cancellation outer, Function<Cancellation, Generation> source) {
        Cancellation own = new Cancellation();
        CompletableFuture<Generation> future = new CompletableFuture<>();
        CompletableFuture<Generation> unused = future.whenComplete((generation, failure) -> own.cancel());
        Thread thread = new Thread(() -> run(future, own, outer, source), "demur-generation");
        thread.setDaemon(true);
        thread.start();
        return future;
    }

    private static void run(
            CompletableFuture<Generation> future,
            Cancellation own,
            @Nullable Cancellation outer,
            Function<Cancellation, Generation> source) {
        Cancellation.Scope scope = outer == null ? null : outer.onCancel(own::cancel);
        try (scope) {
            future.complete(source.apply(own));
        } catch (Throwable e) {
            future.completeExceptionally(e);
        }
    }
}
