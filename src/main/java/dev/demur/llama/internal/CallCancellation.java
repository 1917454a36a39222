package dev.demur.llama.internal;

import dev.demur.llama.Cancellation;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import org.jspecify.annotations.Nullable;

/**
 * What ends one call: its caller's cancellation, if there is one, or an interrupt of the thread that calls, whose flag stays
 * set.
 *
 * <p>For the thread that calls. The JDK tells one object of an interrupt, as the channels do: what a listener reads or writes
 * on a channel takes that place, so {@link #listen} takes it back.
 */
public final class CallCancellation implements AutoCloseable {

    private final Cancellation cancellation = new Cancellation();
    private final Cancellation.Scope given;
    private final Interrupts interrupts = new Interrupts();

    private CallCancellation(@Nullable Cancellation given) {
        this.given = given == null ? () -> {} : given.onCancel(cancellation::cancel);
    }

    /**
     * Begins a call on this thread; cancelled at once where the thread is interrupted already.
     *
     * @param given the caller's cancellation; null for none
     */
    public static CallCancellation begin(@Nullable Cancellation given) {
        CallCancellation call = new CallCancellation(given);
        call.listen();
        return call;
    }

    /** Cancelled once the call is to end. */
    public Cancellation cancellation() {
        return cancellation;
    }

    /** Hears of interrupts from here on, and of one that came meanwhile. */
    public void listen() {
        interrupts.listen();
    }

    @Override
    public void close() {
        interrupts.stop();
        given.close();
    }

    /** A channel that transfers nothing: closing it is what an interrupt does. */
    private final class Interrupts extends AbstractInterruptibleChannel {

        void listen() {
            begin();
        }

        void stop() {
            try {
                end(true);
            } catch (ClosedByInterruptException e) {
                return; // the cancellation knows, and the thread's flag is set
            } catch (AsynchronousCloseException e) {
                throw new IllegalStateException("nobody else closes this channel", e);
            }
        }

        @Override
        protected void implCloseChannel() {
            cancellation.cancel();
        }
    }
}
