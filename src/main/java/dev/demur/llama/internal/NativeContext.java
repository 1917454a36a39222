package dev.demur.llama.internal;

import dev.demur.DemurException;
import dev.demur.bindings.Bindings;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TensorInfo;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A context's native object with the arrays of one batch.
 *
 * <p>For one thread at a time; {@link #close} may come from any thread and lets a call that is under way finish.
 */
final class NativeContext implements AutoCloseable {

    /** In place of a token that could not be drawn, because nothing was decoded: as in {@code demur.h}. */
    static final int NOT_DECODED = -2;

    private final LlamaModel model;
    private final Bindings bindings;
    private final Handle handle;
    private final NativeCallBuffer frame;
    private final NativeControl control;
    private final int batchSize;
    private final int size;
    private final int cells;
    private double[] numbers = {};
    private boolean capturesHidden;

    private NativeContext(
            LlamaModel model,
            Handle handle,
            NativeCallBuffer frame,
            NativeControl control,
            int size,
            int batchSize,
            int cells) {
        this.model = model;
        this.bindings = model.runtime().bindings();
        this.handle = handle;
        this.frame = frame;
        this.control = control;
        this.batchSize = batchSize;
        int held = readSize();
        // llama.cpp rounds up, each release to another multiple: what was asked for is what counts.
        this.size = size == 0 ? held : Math.min(size, held);
        this.cells = cells;
    }

    /**
     * A context of some sequences.
     *
     * @param size the most tokens of each; 0 for the length that the model was trained for
     * @param cells the most tokens of all together, which then share their memory; 0: each has its own
     * @param batchSize the most tokens that are decoded in one go
     * @param threads how many threads compute
     * @throws LlamaException if there is not enough memory
     */
    static NativeContext create(LlamaModel model, int size, int cells, int batchSize, int sequences, int threads) {
        requirePositions(model.file(), model.trainedContext(), size);
        Bindings bindings = model.runtime().bindings();
        // The arrays of one batch: token, position and sequence, four bytes each, and one byte that asks for logits; or
        // of
        // one step: sampler, token, sequence and what was drawn.
        NativeCallBuffer frame = NativeCallBuffer.open(bindings, Math.max(13L * batchSize, 20L * sequences));
        NativeControl control = null;
        Handle handle;
        try {
            control = NativeControl.allocate(bindings);
            handle = create(model, frame, control, new int[] {size, cells, batchSize, sequences, threads});
        } catch (Throwable e) {
            frame.close();
            if (control != null) {
                control.close();
            }
            throw e;
        }
        try {
            LlamaLog.drain(bindings);
            return new NativeContext(model, handle, frame, control, size, batchSize, cells);
        } catch (Throwable e) {
            handle.close();
            throw e;
        }
    }

    private static Handle create(LlamaModel model, NativeCallBuffer frame, NativeControl control, int[] sizes) {
        Bindings bindings = model.runtime().bindings();
        long address = model.handle().acquire();
        try {
            int status = bindings.contextCreate(
                    address,
                    sizes[0],
                    sizes[1],
                    sizes[2],
                    sizes[3],
                    sizes[4],
                    control.address(),
                    frame.out(),
                    frame.error());
            if (status == Status.MEMORY) {
                LlamaLog.problems(bindings); // the message has the one that matters
                frame.check(status);
            } else if (status != Status.OK) {
                throw LlamaModel.withLog(bindings, frame, status);
            }
        } finally {
            model.handle().release();
        }
        return new Handle("the context", frame.outLong(), context -> {
            bindings.contextFree(context);
            frame.close();
            control.close();
        });
    }

    /** A model that has learned its positions has no row for those beyond, and llama.cpp asserts that it has. */
    static void requirePositions(GgufFile file, int trained, int size) {
        if (size <= trained) {
            return;
        }
        for (TensorInfo tensor : file.tensors()) {
            if (tensor.name().equals("position_embd.weight")) {
                throw new DemurException("the context size is " + size + ", but the model knows only " + trained
                        + " positions: choose a smaller one");
            }
        }
    }

    /** Calls a native function with the context's address, which is alive until it returns. */
    void call(LongConsumer function) {
        long context = handle.acquire();
        try {
            function.accept(context);
        } finally {
            handle.release();
        }
    }

    Bindings bindings() {
        return bindings;
    }

    LlamaModel model() {
        return model;
    }

    int batchSize() {
        return batchSize;
    }

    /** The most tokens that each sequence holds. */
    int size() {
        return size;
    }

    /** The most tokens of all sequences together, as was asked for. */
    int cells() {
        return cells;
    }

    /** To be called once hidden states are captured. */
    void capturing() {
        capturesHidden = true;
    }

    boolean capturesHidden() {
        return capturesHidden;
    }

    private int readSize() {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextSize(context, frame.out(), frame.error()));
            return frame.outInt();
        } finally {
            handle.release();
        }
    }

    /** Lets a cancellation, if there is one, end the decodes until the scope is closed; the context lives as long. */
    Cancellation.Scope cancelledBy(@Nullable Cancellation cancellation) {
        if (cancellation == null) {
            return () -> {};
        }
        handle.acquire();
        Cancellation.Scope action = cancellation.onCancel(control::cancel);
        AtomicBoolean closed = new AtomicBoolean();
        return () -> {
            if (!closed.getAndSet(true)) {
                action.close();
                control.reset();
                handle.release();
            }
        };
    }

    /** Ends the decode that is under way, and every later one until {@link #goOn}. */
    void interrupt() {
        handle.acquire();
        try {
            control.cancel();
        } finally {
            handle.release();
        }
    }

    /** Lets what is decoded from now on run. */
    void goOn() {
        handle.acquire();
        try {
            control.reset();
        } finally {
            handle.release();
        }
    }

    /** The position that the next token of a sequence must have. */
    int position(int sequence) {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextPosition(context, sequence, frame.out(), frame.error()));
            return frame.outInt();
        } finally {
            handle.release();
        }
    }

    /** Forgets a sequence's tokens from the position {@code from} on. */
    void remove(int sequence, int from) {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextRemove(context, sequence, from, -1, frame.error()));
        } finally {
            handle.release();
        }
    }

    /** Has a sequence hold the first tokens of another, and nothing else. */
    void share(int from, int to, int count) {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextShare(context, from, to, count, frame.error()));
        } finally {
            handle.release();
        }
    }

    /** Copies what a sequence holds; null where there is no memory for that. */
    @Nullable
    SavedTokens save(int sequence, int[] tokens) {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextSave(context, sequence, 0, 0, frame.out(), frame.error()));
            long bytes = frame.outLong();
            long address = bindings.memoryAllocate(bytes);
            if (address == 0) {
                return null;
            }
            SavedTokens saved = new SavedTokens(bindings, address, bytes, tokens);
            int status = bindings.contextSave(context, sequence, address, bytes, frame.out(), frame.error());
            if (status != Status.OK) {
                saved.close();
            }
            frame.check(status);
            return saved;
        } finally {
            handle.release();
        }
    }

    /** Has a sequence hold what was saved, and nothing else. */
    void restore(int sequence, SavedTokens saved) {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextRestore(
                    context, sequence, saved.address(), saved.bytes(), saved.tokens().length, frame.error()));
        } finally {
            handle.release();
        }
    }

    /**
     * Tokens that follow one another in a sequence.
     *
     * @param tokens an array with them
     * @param from where they begin in the array
     * @param to where they end
     * @param position of the first of them in the sequence
     * @param sequence its number
     * @param output whether the last of them is asked for logits
     */
    record Slice(int[] tokens, int from, int to, int position, int sequence, boolean output) {}

    /**
     * Decodes at most {@link #batchSize} tokens in one go; after a failure the sequences are as they were, or empty.
     *
     * @return the index of the last token of each slice
     */
    int[] decode(List<Slice> slices) {
        long context = handle.acquire();
        try {
            int[] last = new int[slices.size()];
            int count = 0;
            for (int i = 0; i < last.length; i++) {
                count = put(slices.get(i), count);
                last[i] = count - 1;
            }
            long address = frame.dataAddress();
            int status = bindings.contextDecode(
                    context,
                    count,
                    address,
                    address + 4L * batchSize,
                    address + 8L * batchSize,
                    address + 12L * batchSize,
                    frame.error());
            if (status != Status.OK) {
                throw LlamaModel.withLog(bindings, frame, status);
            }
            return last;
        } finally {
            handle.release();
        }
    }

    private int put(Slice slice, int first) {
        ByteBuffer data = frame.data();
        int at = first;
        for (int i = slice.from; i < slice.to; i++) {
            data.putInt(4 * at, slice.tokens[i]);
            data.putInt(4 * (batchSize + at), slice.position + i - slice.from);
            data.putInt(4 * (2 * batchSize + at), slice.sequence);
            data.put(12 * batchSize + at, (byte) (slice.output && i == slice.to - 1 ? 1 : 0));
            at++;
        }
        return at;
    }

    /**
     * Reads what stands at some tokens in the logits of token {@code i} of the last decode.
     *
     * @return {@code demur_readout}'s numbers, in an array that the next call writes to
     */
    double[] read(int i, Kernel kernel, int[] ids, double temperature) {
        int count = 2 * ids.length + 2;
        long context = handle.acquire();
        try {
            frame.require(8L * count + 4L * ids.length);
            ByteBuffer data = frame.data();
            for (int k = 0; k < ids.length; k++) {
                data.putInt(8 * count + 4 * k, ids[k]);
            }
            frame.check(bindings.contextRead(
                    context,
                    i,
                    KernelChoice.code(kernel),
                    frame.dataAddress() + 8L * count,
                    ids.length,
                    temperature,
                    frame.dataAddress(),
                    frame.error()));
            if (numbers.length != count) {
                numbers = new double[count];
            }
            for (int k = 0; k < count; k++) {
                numbers[k] = data.getDouble(8 * k);
            }
            return numbers;
        } finally {
            handle.release();
        }
    }

    /**
     * Decodes a token behind those of each of some sequences, and samples the tokens that follow.
     *
     * @param steps with a sampler each, or none with one where the compute graph takes the tokens
     * @param drawn gets what was drawn, in the order of the steps: {@link #NOT_DECODED} where the decode failed, -1 where
     *     only the draw did
     */
    void step(List<? extends DecodeStep> steps, int[] drawn) {
        int count = steps.size();
        boolean sampled = steps.get(0).sampler() != null;
        int acquired = 0;
        long context = handle.acquire();
        try {
            ByteBuffer data = frame.data();
            for (; acquired < count; acquired++) {
                DecodeStep step = steps.get(acquired);
                Sampler sampler = step.sampler();
                if (sampler != null) {
                    data.putLong(8 * acquired, sampler.handle().acquire());
                }
                data.putInt(8 * count + 4 * acquired, step.token());
                data.putInt(12 * count + 4 * acquired, step.sequence());
            }
            long at = frame.dataAddress();
            int status = bindings.contextStep(
                    context,
                    count,
                    at + 8L * count,
                    at + 12L * count,
                    sampled ? at : 0,
                    at + 16L * count,
                    frame.error());
            for (int i = 0; i < count; i++) {
                drawn[i] = data.getInt(16 * count + 4 * i);
            }
            if (status != Status.OK) {
                throw LlamaModel.withLog(bindings, frame, status);
            }
        } finally {
            for (int i = 0; i < acquired; i++) {
                Sampler sampler = steps.get(i).sampler();
                if (sampler != null) {
                    sampler.handle().release();
                }
            }
            handle.release();
        }
    }

    /** Samples the token that follows token {@code i} of the last decode. */
    int sample(Sampler sampler, int i) {
        long samplerAddress = sampler.handle().acquire();
        try {
            long context = handle.acquire();
            try {
                frame.check(bindings.contextSample(context, samplerAddress, i, frame.out(), frame.error()));
                return frame.outInt();
            } finally {
                handle.release();
            }
        } finally {
            sampler.handle().release();
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
