package dev.demur;

import dev.demur.llama.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** What ends a batch while it decodes: that each of its requests is cancelled. A single one just leaves it. */
final class BatchCancellation implements AutoCloseable {

    private final Cancellation whole = new Cancellation();
    private final List<Cancellation.Scope> scopes = new ArrayList<>();

    /**
     * For these requests, until it is closed.
     *
     * @param each is run when one of them is cancelled
     */
    BatchCancellation(List<Request> requests, Runnable each) {
        AtomicInteger left = new AtomicInteger(requests.size());
        for (Request request : requests) {
            Cancellation cancellation = request.cancellation();
            if (cancellation != null) {
                AtomicBoolean heard = new AtomicBoolean();
                scopes.add(cancellation.onCancel(() -> {
                    if (!heard.getAndSet(true) && left.decrementAndGet() == 0) {
                        whole.cancel();
                    }
                    each.run();
                }));
            }
        }
    }

    /** Cancelled once all of the requests are. */
    Cancellation whole() {
        return whole;
    }

    @Override
    public void close() {
        scopes.forEach(Cancellation.Scope::close);
    }
}
