package dev.demur.bindings;

import java.io.IOException;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@link Bindings} through JNI, for every Java; each native method is one function of {@code native/src/jni.c}. */
final class JniBindings implements Bindings {

    private JniBindings() {}

    /**
     * Loads libdemur.
     *
     * @param library the library's file, by its absolute path
     * @throws UnsatisfiedLinkError where it cannot be loaded
     */
    static JniBindings load(Path library) {
        try {
            System.load(library.toString());
        } catch (UnsatisfiedLinkError e) {
            if (!isLoadedByAnotherClassLoader(e)) {
                throw e;
            }
            share(library);
        }
        return new JniBindings();
    }

    private static boolean isLoadedByAnotherClassLoader(UnsatisfiedLinkError e) {
        return String.valueOf(e.getMessage())
                .toLowerCase(Locale.ROOT)
                .contains("already loaded in another classloader");
    }

    /**
     * Binds this class to the libdemur that another class loader has loaded: Java loads a file for one class loader only,
     * while there must be one libdemur for the process, because what it knows of llama.cpp is the process's. A copy of the
     * file is loaded for this class loader, and all it does is to look up the functions of the first.
     */
    private static void share(Path library) {
        Path copy = NativeCache.open().copyOf(library);
        try {
            System.load(copy.toString());
        } finally {
            deleteLoaded(copy);
        }
        byte[] path = library.toString().getBytes(StandardCharsets.UTF_8);
        for (Method method : JniBindings.class.getDeclaredMethods()) {
            if (Modifier.isNative(method.getModifiers()) && !method.getName().equals("link")) {
                String problem = link(
                        path,
                        method.getName(),
                        MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                                .toMethodDescriptorString());
                if (problem != null) {
                    throw new UnsatisfiedLinkError("for a second class loader: " + problem);
                }
            }
        }
    }

    private static void deleteLoaded(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            // Windows keeps the file of a library that is loaded; a later writer removes it.
            copy.toFile().deleteOnExit();
        }
    }

    /**
     * Makes a native method of this class the function of that name in another libdemur.
     *
     * @param path the other's file in UTF-8
     * @return what kept it from that; null for nothing
     */
    private static native @Nullable String link(byte[] path, String method, String descriptor);

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
            int cells,
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
    public native int contextShare(long context, int from, int to, int count, long error);

    @Override
    public native int contextSave(long context, int sequence, long out, long capacity, long bytes, long error);

    @Override
    public native int contextRestore(long context, int sequence, long in, long bytes, int count, long error);

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
