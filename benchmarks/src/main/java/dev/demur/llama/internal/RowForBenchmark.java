package dev.demur.llama.internal;

import dev.demur.bindings.Bindings;
import dev.demur.llama.Kernel;
import java.nio.ByteBuffer;

/** A row of logits in native memory, which is read as {@link LlamaContext#read} reads that of a context. */
public final class RowForBenchmark implements AutoCloseable {

    private final Bindings bindings;
    private final int vocabulary;
    private final NativeCallBuffer row;
    private final NativeCallBuffer calls;
    private double[] numbers = {};

    /** Copies the logits. */
    public RowForBenchmark(LlamaRuntime runtime, float[] logits) {
        bindings = runtime.bindings();
        vocabulary = logits.length;
        row = NativeCallBuffer.open(bindings, 4L * vocabulary);
        row.data().asFloatBuffer().put(logits);
        calls = NativeCallBuffer.open(bindings, 0);
    }

    /** The numbers of some tokens, in an array that the next call writes to. */
    public double[] read(Kernel kernel, int[] ids, double temperature) {
        int idsAt = 8 * (2 * ids.length + 2);
        calls.require(idsAt + 4L * ids.length);
        ByteBuffer data = calls.data();
        for (int i = 0; i < ids.length; i++) {
            data.putInt(idsAt + 4 * i, ids[i]);
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
        int count = 2 * ids.length + 2;
        if (numbers.length != count) {
            numbers = new double[count];
        }
        for (int i = 0; i < count; i++) {
            numbers[i] = data.getDouble(8 * i);
        }
        return numbers;
    }

    @Override
    public void close() {
        row.close();
        calls.close();
    }
}
