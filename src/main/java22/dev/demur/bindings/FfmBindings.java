package dev.demur.bindings;

import static dev.demur.bindings.FfmLoader.function;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * {@code demur.h} through the foreign-function interface of Java 22.
 *
 * <p>Addresses are passed as {@code JAVA_LONG}, which every 64-bit calling convention passes like a pointer. Handles are
 * constants, which the compiler sees through; so there is one library, set by {@link FfmLoader} before this is initialised.
 */
final class FfmBindings extends FfmContexts {

    private static final MethodHandle API_VERSION = function("demur_api_version", "()I");
    private static final MethodHandle CPU_FEATURES = function("demur_cpu_features", "()J");
    private static final MethodHandle MEMORY_ALLOCATE = function("demur_memory_allocate", "(J)J");
    private static final MethodHandle MEMORY_FREE = function("demur_memory_free", "(J)V");
    private static final MethodHandle RUNTIME_OPEN = function("demur_runtime_open", "(JJJJ)I");
    private static final MethodHandle RUNTIME_DESCRIBE = function("demur_runtime_describe", "(JJJJJ)I");
    private static final MethodHandle LOG_READ = function("demur_log_read", "(JJJJ)I");
    private static final MethodHandle CHAT_APPLY = function("demur_chat_apply", "(JJJJIIJJJJ)I");
    private static final MethodHandle CHAT_TEMPLATE_NAMES = function("demur_chat_template_names", "(JJJJJ)I");
    private static final MethodHandle MODEL_LOAD = function("demur_model_load", "(JJJIJJJ)I");
    private static final MethodHandle MODEL_FREE = function("demur_model_free", "(J)V");
    private static final MethodHandle MODEL_NUMBER = function("demur_model_number", "(JIJJ)I");
    private static final MethodHandle MODEL_DESCRIBE = function("demur_model_describe", "(JJJJJ)I");
    private static final MethodHandle TOKEN_ATTRIBUTES = function("demur_token_attributes", "(JIIJJ)I");
    private static final MethodHandle TOKENIZE = function("demur_tokenize", "(JJIIIJIJJ)I");
    private static final MethodHandle TOKEN_PIECE = function("demur_token_piece", "(JIIJJJJ)I");
    private static final MethodHandle KERNEL_SUPPORTED = function("demur_kernel_supported", "(I)I");
    private static final MethodHandle KERNEL_BEST = function("demur_kernel_best", "(I)I");
    private static final MethodHandle READOUT = function("demur_readout", "(IJIJIDJJ)I");
    private static final MethodHandle SAMPLER_CREATE = function("demur_sampler_create", "(JIDIDDDDDIJJIJJ)I");
    private static final MethodHandle SAMPLER_FREE = function("demur_sampler_free", "(J)V");
    private static final MethodHandle SAMPLER_ALLOW = function("demur_sampler_allow", "(JJJ)I");
    private static final MethodHandle SAMPLER_ACCEPT = function("demur_sampler_accept", "(JIJ)I");

    @Override
    public String name() {
        return "ffm";
    }

    @Override
    @SuppressWarnings("restricted")
    public ByteBuffer memoryView(long address, long bytes) {
        return MemorySegment.ofAddress(address)
                .reinterpret(bytes)
                .asByteBuffer()
                .order(ByteOrder.nativeOrder());
    }

    @Override
    public int apiVersion() {
        try {
            return (int) API_VERSION.invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long cpuFeatures() {
        try {
            return (long) CPU_FEATURES.invokeExact();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public long memoryAllocate(long bytes) {
        try {
            return (long) MEMORY_ALLOCATE.invokeExact(bytes);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public void memoryFree(long memory) {
        try {
            MEMORY_FREE.invokeExact(memory);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int runtimeOpen(long path, long requiredFeatures, long runtime, long error) {
        try {
            return (int) RUNTIME_OPEN.invokeExact(path, requiredFeatures, runtime, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int runtimeDescribe(long runtime, long out, long capacity, long length, long error) {
        try {
            return (int) RUNTIME_DESCRIBE.invokeExact(runtime, out, capacity, length, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int logRead(long out, long capacity, long length, long error) {
        try {
            return (int) LOG_READ.invokeExact(out, capacity, length, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int chatApply(
            long runtime,
            long chatTemplate,
            long messages,
            long messagesBytes,
            int messageCount,
            int addGenerationPrompt,
            long out,
            long capacity,
            long length,
            long error) {
        try {
            return (int) CHAT_APPLY.invokeExact(
                    runtime,
                    chatTemplate,
                    messages,
                    messagesBytes,
                    messageCount,
                    addGenerationPrompt,
                    out,
                    capacity,
                    length,
                    error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int chatTemplateNames(long runtime, long out, long capacity, long length, long error) {
        try {
            return (int) CHAT_TEMPLATE_NAMES.invokeExact(runtime, out, capacity, length, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int modelLoad(long runtime, long path, long devices, int gpuLayers, long control, long model, long error) {
        try {
            return (int) MODEL_LOAD.invokeExact(runtime, path, devices, gpuLayers, control, model, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public void modelFree(long model) {
        try {
            MODEL_FREE.invokeExact(model);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int modelNumber(long model, int key, long value, long error) {
        try {
            return (int) MODEL_NUMBER.invokeExact(model, key, value, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int modelDescribe(long model, long out, long capacity, long length, long error) {
        try {
            return (int) MODEL_DESCRIBE.invokeExact(model, out, capacity, length, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int tokenAttributes(long model, int first, int count, long attributes, long error) {
        try {
            return (int) TOKEN_ATTRIBUTES.invokeExact(model, first, count, attributes, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int tokenize(
            long model,
            long text,
            int bytes,
            int addSpecial,
            int parseSpecial,
            long ids,
            int capacity,
            long count,
            long error) {
        try {
            return (int)
                    TOKENIZE.invokeExact(model, text, bytes, addSpecial, parseSpecial, ids, capacity, count, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int tokenPiece(long model, int token, int special, long out, long capacity, long length, long error) {
        try {
            return (int) TOKEN_PIECE.invokeExact(model, token, special, out, capacity, length, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int kernelSupported(int kernel) {
        try {
            return (int) KERNEL_SUPPORTED.invokeExact(kernel);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int kernelBest(int cap) {
        try {
            return (int) KERNEL_BEST.invokeExact(cap);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int readout(
            int kernel, long row, int vocabulary, long ids, int idCount, double temperature, long out, long error) {
        try {
            return (int) READOUT.invokeExact(kernel, row, vocabulary, ids, idCount, temperature, out, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int samplerCreate(
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
            long error) {
        try {
            return (int) SAMPLER_CREATE.invokeExact(
                    model,
                    kernel,
                    temperature,
                    topK,
                    topP,
                    minP,
                    repeat,
                    frequency,
                    presence,
                    penaltyLast,
                    seed,
                    masked,
                    maskedCount,
                    sampler,
                    error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public void samplerFree(long sampler) {
        try {
            SAMPLER_FREE.invokeExact(sampler);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int samplerAllow(long sampler, long allowed, long error) {
        try {
            return (int) SAMPLER_ALLOW.invokeExact(sampler, allowed, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int samplerAccept(long sampler, int token, long error) {
        try {
            return (int) SAMPLER_ACCEPT.invokeExact(sampler, token, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
