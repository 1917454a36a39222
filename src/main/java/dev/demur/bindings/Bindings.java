package dev.demur.bindings;

import java.nio.ByteBuffer;

/**
 * The functions of {@code demur.h}, one method each, reached through JNI or through the foreign-function interface.
 *
 * <p>Only primitives and addresses cross: every {@code long} that C declares as a pointer is an address, and 0 is NULL.
 * Each method passes its arguments through unchanged and returns what C returned (an {@code int} is a {@code
 * demur_status} unless said otherwise); what they mean, who owns what and how long it lives stands in {@code demur.h}.
 * Nothing is checked here: callers are the classes of {@code dev.demur.llama}, which are safe to use.
 */
public interface Bindings {

    /** How C is reached: {@code jni} or {@code ffm}. */
    String name();

    /** {@code bytes} bytes of native memory at {@code address} in native byte order, valid as long as that memory. */
    ByteBuffer memoryView(long address, long bytes);

    int apiVersion();

    long cpuFeatures();

    long memoryAllocate(long bytes);

    void memoryFree(long memory);

    int runtimeOpen(long path, long requiredFeatures, long runtime, long error);

    int runtimeDescribe(long runtime, long out, long capacity, long length, long error);

    int logRead(long out, long capacity, long length, long error);

    int chatApply(
            long runtime,
            long chatTemplate,
            long messages,
            long messagesBytes,
            int messageCount,
            int addGenerationPrompt,
            long out,
            long capacity,
            long length,
            long error);

    int chatTemplateNames(long runtime, long out, long capacity, long length, long error);

    int modelLoad(long runtime, long path, long devices, int gpuLayers, long control, long model, long error);

    void modelFree(long model);

    int modelNumber(long model, int key, long value, long error);

    int modelDescribe(long model, long out, long capacity, long length, long error);

    int tokenAttributes(long model, int first, int count, long attributes, long error);

    int tokenize(
            long model,
            long text,
            int bytes,
            int addSpecial,
            int parseSpecial,
            long ids,
            int capacity,
            long count,
            long error);

    int tokenPiece(long model, int token, int special, long out, long capacity, long length, long error);

    int contextCreate(
            long model,
            int contextSize,
            int cells,
            int batchSize,
            int sequences,
            int threads,
            long control,
            long context,
            long error);

    void contextFree(long context);

    int contextSize(long context, long size, long error);

    int contextPosition(long context, int sequence, long position, long error);

    int contextDecode(long context, int count, long tokens, long positions, long sequences, long outputs, long error);

    int contextRead(
            long context, int index, int kernel, long ids, int idCount, double temperature, long out, long error);

    int contextRemove(long context, int sequence, int from, int to, long error);

    int contextShare(long context, int from, int to, int count, long error);

    int contextSave(long context, int sequence, long out, long capacity, long bytes, long error);

    int contextRestore(long context, int sequence, long in, long bytes, int count, long error);

    int contextSample(long context, long sampler, int index, long next, long error);

    int contextStep(long context, int count, long tokens, long sequences, long samplers, long next, long error);

    /** 1 or 0. */
    int kernelSupported(int kernel);

    /** A {@code demur_kernel}. */
    int kernelBest(int cap);

    int readout(int kernel, long row, int vocabulary, long ids, int idCount, double temperature, long out, long error);

    int contextGraph(long context, long ids, int idCount, long error);

    int contextPolicy(
            long context, int sequence, int mode, double temperature, long thresholds, long order, long error);

    int contextNumbers(long context, int index, long out, long error);

    int contextHidden(long context, long layers, long poolings, int count, long error);

    int contextHiddenRange(long context, int sequence, int from, int to, long kept, long error);

    int contextHiddenRead(long context, int sequence, long out, long error);

    int samplerCreate(
            long model,
            int kernel,
            double temperature,
            int topK,
            double topP,
            double minP,
            double repeat,
            double frequency,
            double presence,
            int penaltyLast,
            long seed,
            long masked,
            int maskedCount,
            long sampler,
            long error);

    void samplerFree(long sampler);

    int samplerAllow(long sampler, long allowed, long error);

    int samplerAccept(long sampler, int token, long error);
}
