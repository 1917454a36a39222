package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.llama.LlamaException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A {@code demur_control}: native memory through which a load or a decode is told to stop, and a load tells how far it
 * is.
 *
 * <p>Thread-safe but for {@link #close}, after which nothing else may be called.
 */
final class NativeControl implements AutoCloseable {

    private static final int BYTES = 8;
    private static final int CANCEL = 0;
    private static final int PROGRESS = 4;
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

    private final Bindings bindings;
    private final long address;
    private final ByteBuffer memory;

    private NativeControl(Bindings bindings, long address) {
        this.bindings = bindings;
        this.address = address;
        this.memory = bindings.memoryView(address, BYTES);
    }

    static NativeControl allocate(Bindings bindings) {
        long address = bindings.memoryAllocate(BYTES);
        if (address == 0) {
            throw new LlamaException(LlamaException.Reason.MEMORY, "no native memory for " + BYTES + " bytes");
        }
        return new NativeControl(bindings, address);
    }

    long address() {
        return address;
    }

    /** Ends what this control was given to. */
    void cancel() {
        INT.setVolatile(memory, CANCEL, 1);
    }

    /** Lets what is begun from now on run. */
    void reset() {
        INT.setVolatile(memory, CANCEL, 0);
    }

    /** From 0 to 1. */
    float progress() {
        return Float.intBitsToFloat((int) INT.getVolatile(memory, PROGRESS));
    }

    @Override
    public void close() {
        bindings.memoryFree(address);
    }
}
