package dev.demur.bindings;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** {@link Bindings} through JNI, for every Java; each native method is one function of {@code native/src/jni.c}. */
final class JniBindings implements Bindings {

    private JniBindings() {}

    /**
     * Loads libdemur.
     *
     * @param absolutePath the library's file
     * @throws UnsatisfiedLinkError where it cannot be loaded
     */
    static JniBindings load(String absolutePath) {
        System.load(absolutePath);
        return new JniBindings();
    }

    @Override
    public String name() {
        return "jni";
    }

    @Override
    public ByteBuffer memoryView(long address, long bytes) {
        return directBuffer(address, bytes).order(ByteOrder.nativeOrder());
    }

    private static native ByteBuffer directBuffer(long address, long bytes);

    @Override
    public native int apiVersion();

    @Override
    public native long cpuFeatures();

    @Override
    public native long memoryAllocate(long bytes);

    @Override
    public native void memoryFree(long memory);

    @Override
    public native int runtimeOpen(long path, long requiredFeatures, long runtime, long error);

    @Override
    public native int runtimeDescribe(long runtime, long out, long capacity, long length, long error);

    @Override
    public native int logRead(long out, long capacity, long length, long error);

    @Override
    public native int chatApply(
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

    @Override
    public native int chatTemplateNames(long runtime, long out, long capacity, long length, long error);

    @Override
    public native int modelLoad(
            long runtime, long path, long devices, int gpuLayers, long control, long model, long error);

    @Override
    public native void modelFree(long model);

    @Override
    public native int modelNumber(long model, int key, long value, long error);

    @Override
    public native int modelDescribe(long model, long out, long capacity, long length, long error);

    @Override
    public native int tokenAttributes(long model, int first, int count, long attributes, long error);

    @Override
    public native int tokenize(
            long model,
            long text,
            int bytes,
            int addSpecial,
            int parseSpecial,
            long ids,
            int capacity,
            long count,
            long error);

    @Override
    public native int tokenPiece(long model, int token, int special, long out, long capacity, long length, long error);

    @Override
    public native int contextCreate(
            long model,
            int contextSize,
            int batchSize,
            int sequences,
            int threads,
            long control,
            long context,
            long error);

    @Override
    public native void contextFree(long context);

    @Override
    public native int contextSize(long context, long size, long error);

    @Override
    public native int contextPosition(long context, int sequence, long position, long error);

    @Override
    public native int contextDecode(
            long context, int count, long tokens, long positions, long sequences, long outputs, long error);

    @Override
    public native int contextRead(
            long context, int index, int kernel, long ids, int idCount, double temperature, long out, long error);

    @Override
    public native int contextRemove(long context, int sequence, int from, int to, long error);

    @Override
    public native int contextSample(long context, long sampler, int index, long next, long error);

    @Override
    public native int contextStep(
            long context, int count, long tokens, long sequences, long samplers, long next, long error);

    @Override
    public native int kernelSupported(int kernel);

    @Override
    public native int kernelBest(int cap);

    @Override
    public native int readout(
            int kernel, long row, int vocabulary, long ids, int idCount, double temperature, long out, long error);

    @Override
    public native int contextGraph(long context, long ids, int idCount, long error);

    @Override
    public native int contextPolicy(
            long context, int sequence, int mode, double temperature, long thresholds, long order, long error);

    @Override
    public native int contextNumbers(long context, int index, long out, long error);

    @Override
    public native int contextHidden(long context, long layers, long poolings, int count, long error);

    @Override
    public native int contextHiddenRange(long context, int sequence, int from, int to, long kept, long error);

    @Override
    public native int contextHiddenRead(long context, int sequence, long out, long error);

    @Override
    public native int samplerCreate(
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

    @Override
    public native void samplerFree(long sampler);

    @Override
    public native int samplerAllow(long sampler, long allowed, long error);

    @Override
    public native int samplerAccept(long sampler, int token, long error);
}
