package dev.demur.bindings;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What of the bindings through the foreign-function interface calls no function of {@code demur.h}. */
abstract class FfmMemory implements Bindings {

    @Override
    public final String name() {
        return "ffm";
    }

    @Override
    @SuppressWarnings("restricted")
    public final ByteBuffer memoryView(long address, long bytes) {
        return MemorySegment.ofAddress(address)
                .reinterpret(bytes)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder());
    }

    /** A downcall throws nothing of its own: what arrives here is an Error of the JVM. */
    static Error unexpected(Throwable t) {
        return t instanceof Error error ? error : new AssertionError(t);
    }
}
