package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.llama.Kernel;

/** A row of logits in native memory that is read as a context's own is, by each kernel and through the binding in use. */
public final class RowInMemory implements AutoCloseable {

    private static final int NUMBERS = 1 << 12;

    private final Bindings bindings;
    private final NativeCallBuffer row;
    private final NativeCallBuffer calls;
    private int vocabulary;

    /** Room for rows of up to {@code largest} logits. */
    public RowInMemory(LlamaRuntime runtime, int largest) {
        this.bindings = runtime.bindings();
        this.row = NativeCallBuffer.open(bindings, 4L * largest);
        this.calls = NativeCallBuffer.open(bindings, NUMBERS);
    }

    /** Replaces the row. */
    public void put(float[] logits) {
        row.data().asFloatBuffer().put(logits);
        vocabulary = logits.length;
    }

    /** As {@link LlamaContext#read}. */
    public double[] read(Kernel kernel, int[] ids, double temperature) {
        int idsAt = 8 * (2 * ids.length + 2);
        for (int i = 0; i < ids.length; i++) {
            calls.data().putInt(idsAt + 4 * i, ids[i]);
        }
        calls.check(bindings.readout(
                KernelChoice.code(kernel),
                row.dataAddress(),
                vocabulary,
                calls.dataAddress() + idsAt,
                ids.length,
                temperature,
                calls.dataAddress(),
                calls.error()));
        double[] numbers = new double[2 * ids.length + 2];
        calls.data().asDoubleBuffer().get(numbers);
        return numbers;
    }

    @Override
    public void close() {
        row.close();
        calls.close();
    }
}
