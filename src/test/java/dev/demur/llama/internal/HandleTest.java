package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HandleTest {

    private final AtomicInteger freed = new AtomicInteger();
    private final Handle handle = new Handle("the thing", 42, address -> freed.addAndGet((int) address));

    @Test
    void closing_frees_once() {
        handle.close();
        handle.close();
        assertEquals(42, freed.get());
    }

    @Test
    void closing_during_a_call_frees_when_the_call_returns() {
        handle.acquire();
        handle.acquire();
        handle.close();
        handle.release();
        assertEquals(0, freed.get());
        handle.release();
        assertEquals(42, freed.get());
    }

    @Test
    void use_after_close_names_what_is_closed() {
        handle.close();
        String message =
                assertThrows(IllegalStateException.class, handle::acquire).getMessage();
        assertEquals("the thing is closed", message);
    }

    @Test
    void threads_that_race_with_close_free_once_and_never_early() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger frees = new AtomicInteger();
            Handle raced = new Handle("the thing", 1, address -> frees.addAndGet(inside.get() == 0 ? 1 : 1_000));
            CountDownLatch start = new CountDownLatch(1);
            Thread[] threads = new Thread[4];
            for (int i = 0; i < threads.length; i++) {
                boolean closes = i == 0;
                threads[i] = new Thread(() -> {
                    try {
                        start.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                    if (closes) {
                        raced.close();
                        return;
                    }
                    for (int j = 0; j < 50; j++) {
                        try {
                            raced.acquire();
                        } catch (IllegalStateException e) {
                            return;
                        }
                        inside.incrementAndGet();
                        inside.decrementAndGet();
                        raced.release();
                    }
                });
                threads[i].start();
            }
            start.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(1, frees.get());
        }
    }
}
