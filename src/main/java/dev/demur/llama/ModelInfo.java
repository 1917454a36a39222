package dev.demur.llama;

import dev.demur.gguf.GgufFile;
import java.util.List;

/**
 * What a loaded model tells of itself: its file, its vocabulary, and what computes it. Whoever loaded the model closes it; this has
 * no way to.
 *
 * <p>Thread-safe. What asks llama.cpp ({@link #layers}, {@link #embeddingSize}, {@link #piece}) is an {@link IllegalStateException}
 * once the model is closed.
 */
public sealed interface ModelInfo permits LlamaModel {

    /** The llama.cpp that runs it. */
    LlamaRuntime runtime();

    /** The file's metadata, as our own reader found it. */
    GgufFile file();

    /** What computes: the GPUs that layers lie on, else the CPU. */
    List<Device> devices();

    /** Where its layers lie. */
    Placement placement();

    /** The number of tokens, V. */
    int vocabularySize();

    /** The context length, in tokens, that the model was trained for. */
    int trainedContext();

    /** The number of blocks. */
    int layers();

    /** The width of its residual stream. */
    int embeddingSize();

    /**
     * The bytes of a token, which may be part of a UTF-8 character.
     *
     * @param token from 0 to {@link #vocabularySize} - 1
     * @param special whether a control token gives its spelling; if not it gives nothing
     */
    byte[] piece(int token, boolean special);

    /** Throws an {@link IllegalStateException} if the model is closed. */
    void requireOpen();
}
