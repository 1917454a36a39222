package dev.demur;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A call on a thread of its own. A test can wait until that thread waits, where sleeping would be a guess. */
final class OwnThread<T> {

    private final FutureTask<T> result;
    private final Thread thread;

    private OwnThread(Callable<T> call) {
        result = new FutureTask<>(call);
        thread = new Thread(result, "own-thread");
        thread.setDaemon(true);
        thread.start();
    }

    static <T> OwnThread<T> start(Callable<T> call) {
        return new OwnThread<>(call);
    }

    Thread thread() {
        return thread;
    }

    boolean isDone() {
        return result.isDone();
    }

    /**
     * Returns once the call waits in a method; a call that ends and has not waited there is an error.
     *
     * @param method with its class, as {@code dev.demur.Call.await}
     */
    void awaitWaitIn(String method) throws InterruptedException {
        while (!waitsIn(method)) {
            if (result.isDone()) {
                throw new AssertionError("the call ended and did not wait in " + method);
            }
            Thread.sleep(1);
        }
    }

    private boolean waitsIn(String method) {
        Thread.State state = thread.getState();
        return (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING)
                && Stream.of(thread.getStackTrace())
                        .anyMatch(frame -> method.equals(frame.getClassName() + "." + frame.getMethodName()));
    }

    /** What it returned, waited for; the limit only keeps a test from hanging. */
    T get() throws InterruptedException, ExecutionException, TimeoutException {
        return result.get(30, TimeUnit.MINUTES);
    }

    /** What it threw, waited for. */
    Throwable failure() {
        return assertThrows(ExecutionException.class, this::get).getCause();
    }
}
