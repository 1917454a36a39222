package dev.demur.llama;

import dev.demur.bindings.Bindings;
import java.nio.ByteBuffer;

/**
 * A context of llama.cpp: the KV cache of one sequence, and the logits of the last decode.
 *
 * <p>For one thread at a time; {@link #close} may come from any thread and lets a call that is under way finish.
 */
public final class LlamaContext implements AutoCloseable {

    private final LlamaModel model;
    private final Bindings bindings;
    private final Handle handle;
    private final CallFrame frame;
    private final int batchSize;
    private final int size;
    private int position;
    private int lastIndex = -1;

    private LlamaContext(LlamaModel model, Handle handle, CallFrame frame, int size, int batchSize) {
        this.model = model;
        this.bindings = model.runtime().bindings();
        this.handle = handle;
        this.frame = frame;
        this.batchSize = batchSize;
        int held = readSize();
        // llama.cpp rounds up, each release to another multiple: what was asked for is what counts.
        this.size = size == 0 ? held : Math.min(size, held);
    }

    /**
     * A context of {@code size} tokens.
     *
     * @param size the most tokens that it holds; 0 for the length that the model was trained for
     * @param batchSize the most prompt tokens that are decoded in one go
     * @param threads how many threads compute
     * @throws LlamaException if there is not enough memory
     */
    public static LlamaContext create(LlamaModel model, int size, int batchSize, int threads) {
        Bindings bindings = model.runtime().bindings();
        // The arrays of one batch: token, position and sequence, four bytes each, and one byte that asks for logits.
        CallFrame frame = CallFrame.open(bindings, 13L * batchSize);
        long address = model.handle().acquire();
        try {
            int status = bindings.contextCreate(address, size, batchSize, 1, threads, 0, frame.out(), frame.error());
            if (status != Status.OK) {
                throw LlamaModel.withLog(bindings, frame, status);
            }
            LlamaLog.drain(bindings);
            Handle handle = new Handle("the context", frame.outLong(), context -> {
                bindings.contextFree(context);
                frame.close();
            });
            return new LlamaContext(model, handle, frame, size, batchSize);
        } catch (RuntimeException e) {
            frame.close();
            throw e;
        } finally {
            model.handle().release();
        }
    }

    public LlamaModel model() {
        return model;
    }

    /** The most tokens that the context holds. */
    public int size() {
        return size;
    }

    /** The number of tokens that it holds now. */
    public int position() {
        return position;
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

    /** Forgets all tokens. */
    public void clear() {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextRemove(context, 0, 0, -1, frame.error()));
            position = 0;
        } finally {
            handle.release();
        }
    }

    /**
     * Decodes {@code tokens} after those that the context holds; the logits of the last one can then be read.
     *
     * @throws IllegalArgumentException if there are none, or more than fit; the context then is as it was
     * @throws LlamaException if the decode fails; the context then is cleared
     */
    public void decode(int[] tokens) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("there are no tokens to decode");
        }
        if (tokens.length > size - position) {
            throw new IllegalArgumentException(
                    "the prompt has " + tokens.length + " tokens and the context has room for " + (size - position)
                            + " of its " + size + ": shorten the prompt or raise the context size");
        }
        long context = handle.acquire();
        try {
            for (int from = 0; from < tokens.length; from += batchSize) {
                decodeBatch(context, tokens, from, Math.min(tokens.length, from + batchSize));
            }
        } finally {
            handle.release();
        }
    }

    private void decodeBatch(long context, int[] tokens, int from, int to) {
        int count = to - from;
        ByteBuffer data = frame.data();
        int positionsAt = 4 * batchSize;
        int sequencesAt = 8 * batchSize;
        int outputsAt = 12 * batchSize;
        for (int i = 0; i < count; i++) {
            data.putInt(4 * i, tokens[from + i]);
            data.putInt(positionsAt + 4 * i, position + i);
            data.putInt(sequencesAt + 4 * i, 0);
            data.put(outputsAt + i, (byte) (from + i == tokens.length - 1 ? 1 : 0));
        }
        long address = frame.dataAddress();
        int status = bindings.contextDecode(
                context,
                count,
                address,
                address + positionsAt,
                address + sequencesAt,
                address + outputsAt,
                frame.error());
        if (status != Status.OK) {
            RuntimeException failure = LlamaModel.withLog(bindings, frame, status);
            clear();
            throw failure;
        }
        position += count;
        lastIndex = count - 1;
    }

    /**
     * Hands the address of the last decoded token's logits, V floats in llama.cpp's own memory, to {@code reader}; it is
     * valid until the reader returns.
     */
    <T> T withLogits(LogitsReader<T> reader) {
        long context = handle.acquire();
        try {
            frame.check(bindings.contextLogits(context, lastIndex, frame.out(), frame.error()));
            return reader.read(frame.outLong());
        } finally {
            handle.release();
        }
    }

    /** Reads a row of logits. */
    interface LogitsReader<T> {
        T read(long row);
    }

    /**
     * One step of generation: decodes {@code token} after those that the context holds and samples the one that follows.
     *
     * @throws LlamaException with reason FULL if the context is full
     */
    public int step(Sampler sampler, int token) {
        long context = handle.acquire();
        try {
            long samplerAddress = sampler.handle().acquire();
            try {
                int status =
                        bindings.contextStep(context, samplerAddress, token, position, 0, frame.out(), frame.error());
                if (status != Status.OK) {
                    throw LlamaModel.withLog(bindings, frame, status);
                }
            } finally {
                sampler.handle().release();
            }
            position++;
            return frame.outInt();
        } finally {
            handle.release();
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
