package dev.demur.llama.internal;

import dev.demur.DemurException;
import dev.demur.bindings.Bindings;
import dev.demur.gguf.GgufFile;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Device;
import dev.demur.llama.LlamaException;
import dev.demur.llama.ModelInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model whose weights llama.cpp has loaded, with its tokenizer.
 *
 * <p>Thread-safe. Closing it while contexts made from it are open is safe: the weights go with the last of them. A call
 * after {@link #close} is an {@link IllegalStateException}.
 */
public final class LlamaModel implements AutoCloseable {

    /** Attribute bits of a token, as {@code demur.h} gives them. */
    static final int UNKNOWN = 1;

    static final int CONTROL = 1 << 3;
    static final int USER_DEFINED = 1 << 4;
    static final int STRIPS_LEFT = 1 << 7;
    static final int STRIPS_RIGHT = 1 << 8;
    static final int END_OF_GENERATION = 1 << 16;

    private static final int KEY_VOCABULARY = 0;
    private static final int KEY_CONTEXT = 1;
    private static final int KEY_EMBEDDING = 2;
    private static final int KEY_LAYERS = 3;
    private static final int KEY_BOS = 6;
    private static final int KEY_ADD_BOS = 9;
    private static final int KEY_VOCABULARY_TYPE = 10;

    private static final int TYPE_SENTENCE_PIECE = 1;
    private static final int TYPE_BYTE_PAIR = 2;

    private final LlamaRuntime runtime;
    private final Bindings bindings;
    private final Handle handle;
    private final GgufFile file;
    private final int vocabulary;
    private final int trainedContext;
    private final Placement placement;
    private final ModelInfo info;

    private LlamaModel(LlamaRuntime runtime, GgufFile file, Handle handle, Placement placement) {
        this.runtime = runtime;
        this.bindings = runtime.bindings();
        this.file = file;
        this.handle = handle;
        this.placement = placement;
        this.vocabulary = (int) number(KEY_VOCABULARY);
        this.trainedContext = (int) number(KEY_CONTEXT);
        this.info = new LoadedModelInfo(
                file, runtime, placement, vocabulary, trainedContext, (int) number(KEY_LAYERS), (int)
                        number(KEY_EMBEDDING));
    }

    /**
     * Checks the file with our own reader, then has llama.cpp load it (memory-mapped).
     *
     * @param gpuLayers how many layers go to a GPU; negative for as many as fit there beside the context of its training
     * @throws DemurException if layers are to lie on a GPU and there is none
     * @throws dev.demur.gguf.GgufException if the file is missing, damaged or no GGUF file
     * @throws LlamaException if llama.cpp cannot load it; the message has llama.cpp's own words
     */
    public static LlamaModel load(LlamaRuntime runtime, Path path, int gpuLayers) {
        GgufFile file = GgufFile.read(path);
        Placement placement = Placement.choose(runtime, file, List.of(), gpuLayers, trained -> trained);
        return load(runtime, file, path, placement, null, null);
    }

    /**
     * As {@link #load(LlamaRuntime, Path, int)}, for a file that has been read already, watched and perhaps cancelled.
     *
     * @param cancellation ends the load; null for none
     * @param progress hears how far it is, from 0 to 1 and never less than before, on a thread of its own and at the end
     *     on this one; what it throws ends the load and reaches the caller; null for none
     * @throws CancellationException if it was cancelled; nothing remains of it
     */
    public static LlamaModel load(
            LlamaRuntime runtime,
            GgufFile file,
            Path path,
            Placement placement,
            @Nullable Cancellation cancellation,
            @Nullable DoubleConsumer progress) {
        NativeControl control = NativeControl.allocate(runtime.bindings());
        Cancellation.Scope scope = cancellation == null ? () -> {} : cancellation.onCancel(control::cancel);
        try (scope) {
            return progress == null
                    ? load(runtime, file, path, placement, control)
                    : watched(control, progress, () -> load(runtime, file, path, placement, control));
        } finally {
            control.close();
        }
    }

    private static LlamaModel watched(NativeControl control, DoubleConsumer listener, Supplier<LlamaModel> load) {
        try (LoadProgress progress = LoadProgress.start(control, listener)) {
            LlamaModel model;
            try {
                model = load.get();
            } catch (CancellationException e) {
                progress.throwFailure();
                throw e;
            }
            try {
                progress.complete();
                return model;
            } catch (Throwable e) {
                model.close();
                throw e;
            }
        }
    }

    private static LlamaModel load(
            LlamaRuntime runtime, GgufFile file, Path path, Placement placement, NativeControl control) {
        Bindings bindings = runtime.bindings();
        try (NativeCallBuffer frame =
                        NativeCallBuffer.ofText(bindings, path.toAbsolutePath().toString());
                NativeCallBuffer devices = NativeCallBuffer.ofText(bindings, placement.lines())) {
            int status = bindings.modelLoad(
                    runtime.address(),
                    frame.dataAddress(),
                    devices.dataAddress(),
                    placement.gpuLayers(),
                    control.address(),
                    frame.out(),
                    frame.error());
            if (status != Status.OK) {
                throw withLog(bindings, frame, status);
            }
            Handle handle = new Handle("the model " + path.getFileName(), frame.outLong(), bindings::modelFree);
            try {
                LlamaLog.drain(bindings);
                return new LlamaModel(runtime, file, handle, placement);
            } catch (Throwable e) {
                handle.close();
                throw e;
            }
        }
    }

    /** The failure of a call, with what llama.cpp logged about it. */
    static RuntimeException withLog(Bindings bindings, NativeCallBuffer frame, int status) {
        String log = LlamaLog.problems(bindings);
        try {
            frame.check(status);
        } catch (LlamaException e) {
            return log.isEmpty() ? e : new LlamaException(e.reason(), e.getMessage() + " (llama.cpp: " + log + ")", e);
        } catch (RuntimeException e) {
            return e;
        }
        throw new AssertionError("status " + status);
    }

    /** What users are told of it. */
    public ModelInfo info() {
        return info;
    }

    /** The llama.cpp that runs it. */
    public LlamaRuntime runtime() {
        return runtime;
    }

    /** The file's metadata, as our own reader found it. */
    public GgufFile file() {
        return file;
    }

    /** What computes: the GPUs that layers lie on, else the CPU. */
    public List<Device> devices() {
        return info.devices();
    }

    /** Where its layers lie. */
    public Placement placement() {
        return placement;
    }

    /** The number of tokens, V. */
    public int vocabularySize() {
        return vocabulary;
    }

    /** The context length, in tokens, that the model was trained for. */
    public int trainedContext() {
        return trainedContext;
    }

    /** The number of blocks. */
    public int layers() {
        return info.layers();
    }

    /** The width of its residual stream. */
    public int embeddingSize() {
        return info.embeddingSize();
    }

    /** Throws an {@link IllegalStateException} if the model is closed. */
    public void requireOpen() {
        handle.requireOpen();
    }

    Handle handle() {
        return handle;
    }

    /** The token that starts a text by the model's own rule, or -1 if it adds none. */
    int beginOfText() {
        return number(KEY_ADD_BOS) == 1 ? (int) number(KEY_BOS) : -1;
    }

    /** Whether the vocabulary is SentencePiece's, which writes a space as {@code ▁} and may put one before a text. */
    boolean isSentencePiece() {
        return number(KEY_VOCABULARY_TYPE) == TYPE_SENTENCE_PIECE;
    }

    /** Whether the vocabulary is byte-level BPE, whose texts are first cut into words by regular expressions. */
    boolean isBytePair() {
        return number(KEY_VOCABULARY_TYPE) == TYPE_BYTE_PAIR;
    }

    private long number(int key) {
        long model = handle.acquire();
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 0)) {
            frame.check(bindings.modelNumber(model, key, frame.out(), frame.error()));
            return frame.outLong();
        } finally {
            handle.release();
        }
    }

    /** The attribute bits of all tokens. */
    int[] tokenAttributes() {
        long model = handle.acquire();
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, 4L * vocabulary)) {
            frame.check(bindings.tokenAttributes(model, 0, vocabulary, frame.dataAddress(), frame.error()));
            int[] attributes = new int[vocabulary];
            frame.data().asIntBuffer().get(attributes);
            return attributes;
        } finally {
            handle.release();
        }
    }

    /**
     * Token ids of {@code text}, without any that the model would add before or after.
     *
     * @param parseSpecial whether spellings of control tokens become these tokens; user-defined tokens are found in
     *     either case
     */
    int[] tokenize(String text, boolean parseSpecial) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long model = handle.acquire();
        try {
            int room = bytes.length + 16;
            int[] ids = tokenize(model, bytes, parseSpecial, room);
            return ids.length <= room ? ids : tokenize(model, bytes, parseSpecial, ids.length);
        } finally {
            handle.release();
        }
    }

    /** The ids, or, where {@code room} is too small for them, an array whose length is their number. */
    private int[] tokenize(long model, byte[] text, boolean parseSpecial, int room) {
        int idsAt = (text.length + 3) & ~3;
        try (NativeCallBuffer frame = NativeCallBuffer.open(bindings, idsAt + 4L * room)) {
            ByteBuffer data = frame.data();
            data.put(text);
            int status = bindings.tokenize(
                    model,
                    frame.dataAddress(),
                    text.length,
                    0,
                    parseSpecial ? 1 : 0,
                    frame.dataAddress() + idsAt,
                    room,
                    frame.out(),
                    frame.error());
            int[] ids = new int[frame.outInt()];
            if (status == Status.SPACE && ids.length > room) {
                return ids;
            }
            frame.check(status);
            data.position(idsAt);
            data.slice().order(data.order()).asIntBuffer().get(ids);
            return ids;
        }
    }

    /**
     * The bytes of a token, which may be part of a UTF-8 character.
     *
     * @param token from 0 to {@link #vocabularySize} - 1
     * @param special whether a control token gives its spelling; if not it gives nothing
     */
    public byte[] piece(int token, boolean special) {
        long address = handle.acquire();
        try {
            return NativeCallBuffer.bytes(
                    bindings,
                    (out, capacity, length, error) ->
                            bindings.tokenPiece(address, token, special ? 1 : 0, out, capacity, length, error));
        } finally {
            handle.release();
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
