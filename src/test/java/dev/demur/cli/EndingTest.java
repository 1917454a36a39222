package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(1800)
class EndingTest {

    /** Longer than any test. */
    private static final long PATIENT = TimeUnit.DAYS.toMillis(1);

    private final CountDownLatch began = new CountDownLatch(1);
    private final CountDownLatch leaves = new CountDownLatch(1);
    private final AtomicBoolean inNative = new AtomicBoolean(true);

    /** A thread that is in native code until it is interrupted, or told to leave. */
    private Thread worker() throws InterruptedException {
        Thread worker = new Thread(() -> {
            began.countDown();
            try {
                leaves.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            inNative.set(false);
        });
        worker.start();
        began.await();
        return worker;
    }

    private Thread ending(Ending ending) {
        Thread hook = new Thread(ending::end);
        hook.start();
        return hook;
    }

    @Test
    void the_process_ends_when_no_thread_is_in_native_code() throws InterruptedException {
        Thread worker = worker();
        Thread hook = ending(new Ending(worker, false, thread -> thread == worker && inNative.get(), PATIENT));
        hook.join(200);
        assertTrue(hook.isAlive(), "a thread is in native code");
        assertFalse(worker.isInterrupted());
        leaves.countDown();
        hook.join();
    }

    @Test
    void a_command_that_has_no_way_of_its_own_to_be_ended_is_interrupted() throws InterruptedException {
        Thread worker = worker();
        Thread hook = ending(new Ending(worker, true, thread -> thread == worker && inNative.get(), PATIENT));
        hook.join();
        worker.join();
        assertFalse(inNative.get());
    }

    @Test
    void what_stays_in_native_code_is_left_behind_after_a_while() throws InterruptedException {
        Thread worker = worker();
        long start = System.nanoTime();
        ending(new Ending(worker, false, thread -> true, 300)).join();
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(300));
        assertTrue(worker.isAlive());
        leaves.countDown();
    }

    @Test
    void a_command_that_is_over_ends_the_wait() throws InterruptedException {
        Ending ending = Ending.watch(Thread.currentThread(), false);
        ending.close();
        Ending closed = new Ending(Thread.currentThread(), false, thread -> true, PATIENT);
        closed.close();
        ending(closed).join();
    }
}
