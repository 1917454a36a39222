package dev.demur.llama;

import dev.demur.gguf.GgufFile;
import java.util.List;

/**
 * What a loaded model tells of itself: its file, its vocabulary, and what computes it. All of it can be asked after the model is
 * closed, too.
 *
 * <p>Demur alone makes these; later versions may tell more. Immutable and thread-safe.
 */
public interface ModelInfo {

    /** The file's metadata, as our own reader found it. */
    GgufFile file();

    /** The llama.cpp that runs it: its interface and, where it tells one, its version, as {@code new 0.5.0}. */
    String llama();

    /** What computes: the GPUs that layers lie on, else the CPU. */
    List<Device> devices();

    /** How many of its layers lie on GPUs, the output counting as one; 0 for none. */
    int gpuLayers();

    /** The number of tokens, V. */
    int vocabularySize();

    /** The context length, in tokens, that the model was trained for. */
    int trainedContext();

    /** The number of blocks. */
    int layers();

    /** The width of its residual stream. */
    int embeddingSize();
}
