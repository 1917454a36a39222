/**
 * GGUF model files: what they hold, read without llama.cpp, and whether llama.cpp may be shown them.
 *
 * <p>{@link dev.demur.gguf.GgufFile} is the way in. Reading checks the container (counts, lengths, offsets, alignment,
 * sizes) and the few values that make llama.cpp end the process instead of failing; it costs time and memory for the
 * metadata only, never for the weights. Layout: the GGUF specification in ggml's {@code docs/gguf.md}, versions 2 and 3.
 *
 * <p>A pure leaf; every type is immutable and safe to use from several threads.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.gguf;

import org.jspecify.annotations.NullMarked;
