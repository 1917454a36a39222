package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CancellationTest {

    private final Cancellation cancellation = new Cancellation();
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void cancelling_runs_what_is_registered_and_stays() {
        cancellation.onCancel(runs::incrementAndGet);
        cancellation.throwIfCancelled("the work");
        assertFalse(cancellation.isCancelled());
        cancellation.cancel();
        assertTrue(cancellation.isCancelled());
        assertEquals(1, runs.get());
        String message = assertThrows(CancellationException.class, () -> cancellation.throwIfCancelled("the work"))
                .getMessage();
        assertEquals("the work was cancelled", message);
    }

    @Test
    void what_is_registered_later_runs_at_once() {
        cancellation.cancel();
        cancellation.onCancel(runs::incrementAndGet);
        assertEquals(1, runs.get());
    }

    @Test
    void a_closed_scope_no_longer_runs_and_others_do() {
        Runnable action = runs::incrementAndGet;
        Cancellation.Scope first = cancellation.onCancel(action);
        cancellation.onCancel(action);
        first.close();
        first.close();
        cancellation.cancel();
        assertEquals(1, runs.get());
    }

    /** What native memory depends on: after close nothing writes to it. */
    @Test
    void threads_that_race_with_cancel_never_see_it_run_after_close() throws InterruptedException {
        for (int round = 0; round < 500; round++) {
            Cancellation raced = new Cancellation();
            boolean[] freed = new boolean[1];
            AtomicInteger late = new AtomicInteger();
            Cancellation.Scope scope = raced.onCancel(() -> late.addAndGet(freed[0] ? 1 : 0));
            Thread canceller = new Thread(raced::cancel);
            canceller.start();
            scope.close();
            freed[0] = true;
            canceller.join();
            assertEquals(0, late.get());
        }
    }
}
