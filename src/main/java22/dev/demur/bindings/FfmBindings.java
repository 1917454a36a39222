package dev.demur.bindings;

import static dev.demur.bindings.FfmLoader.function;

import java.lang.invoke.MethodHandle;

/**
 * {@code demur.h} through the foreign-function interface of Java 22.
 *
 * <p>Addresses are passed as {@code JAVA_LONG}, which every 64-bit calling convention passes like a pointer. Handles are
 * constants, which the compiler sees through; so there is one library, set by {@link FfmLoader} before this is initialised.
 */
final class FfmBindings extends FfmMemory {

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
    private static final MethodHandle CONTEXT_CREATE = function("demur_context_create", "(JIIIIIJJJ)I");
    private static final MethodHandle CONTEXT_FREE = function("demur_context_free", "(J)V");
    private static final MethodHandle CONTEXT_SIZE = function("demur_context_size", "(JJJ)I");
    private static final MethodHandle CONTEXT_POSITION = function("demur_context_position", "(JIJJ)I");
    private static final MethodHandle CONTEXT_DECODE = function("demur_context_decode", "(JIJJJJJ)I");
    private static final MethodHandle CONTEXT_READ = function("demur_context_read", "(JIIJIDJJ)I");
    private static final MethodHandle CONTEXT_REMOVE = function("demur_context_remove", "(JIIIJ)I");
    private static final MethodHandle CONTEXT_SHARE = function("demur_context_share", "(JIIIJ)I");
    private static final MethodHandle CONTEXT_SAVE = function("demur_context_save", "(JIJJJJ)I");
    private static final MethodHandle CONTEXT_RESTORE = function("demur_context_restore", "(JIJJIJ)I");
    private static final MethodHandle CONTEXT_SAMPLE = function("demur_context_sample", "(JJIJJ)I");
    private static final MethodHandle CONTEXT_STEP = function("demur_context_step", "(JIJJJJJ)I");
    private static final MethodHandle KERNEL_SUPPORTED = function("demur_kernel_supported", "(I)I");
    private static final MethodHandle KERNEL_BEST = function("demur_kernel_best", "(I)I");
    private static final MethodHandle READOUT = function("demur_readout", "(IJIJIDJJ)I");
    private static final MethodHandle CONTEXT_GRAPH = function("demur_context_graph", "(JJIJ)I");
    private static final MethodHandle CONTEXT_POLICY = function("demur_context_policy", "(JIIDJJJ)I");
    private static final MethodHandle CONTEXT_NUMBERS = function("demur_context_numbers", "(JIJJ)I");
    private static final MethodHandle CONTEXT_HIDDEN = function("demur_context_hidden", "(JJJIJ)I");
    private static final MethodHandle CONTEXT_HIDDEN_RANGE = function("demur_context_hidden_range", "(JIIIJJ)I");
    private static final MethodHandle CONTEXT_HIDDEN_READ = function("demur_context_hidden_read", "(JIJJ)I");
    private static final MethodHandle SAMPLER_CREATE = function("demur_sampler_create", "(JIDIDDDDDIJJIJJ)I");
    private static final MethodHandle SAMPLER_FREE = function("demur_sampler_free", "(J)V");
    private static final MethodHandle SAMPLER_ALLOW = function("demur_sampler_allow", "(JJJ)I");
    private static final MethodHandle SAMPLER_ACCEPT = function("demur_sampler_accept", "(JIJ)I");

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
    public int contextCreate(
            long model,
            int contextSize,
            int cells,
            int batchSize,
            int sequences,
            int threads,
            long control,
            long context,
            long error) {
        try {
            return (int) CONTEXT_CREATE.invokeExact(
                    model, contextSize, cells, batchSize, sequences, threads, control, context, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public void contextFree(long context) {
        try {
            CONTEXT_FREE.invokeExact(context);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextSize(long context, long size, long error) {
        try {
            return (int) CONTEXT_SIZE.invokeExact(context, size, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextPosition(long context, int sequence, long position, long error) {
        try {
            return (int) CONTEXT_POSITION.invokeExact(context, sequence, position, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextDecode(
            long context, int count, long tokens, long positions, long sequences, long outputs, long error) {
        try {
            return (int) CONTEXT_DECODE.invokeExact(context, count, tokens, positions, sequences, outputs, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextRead(
            long context, int index, int kernel, long ids, int idCount, double temperature, long out, long error) {
        try {
            return (int) CONTEXT_READ.invokeExact(context, index, kernel, ids, idCount, temperature, out, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextRemove(long context, int sequence, int from, int to, long error) {
        try {
            return (int) CONTEXT_REMOVE.invokeExact(context, sequence, from, to, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextShare(long context, int from, int to, int count, long error) {
        try {
            return (int) CONTEXT_SHARE.invokeExact(context, from, to, count, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextSave(long context, int sequence, long out, long capacity, long bytes, long error) {
        try {
            return (int) CONTEXT_SAVE.invokeExact(context, sequence, out, capacity, bytes, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextRestore(long context, int sequence, long in, long bytes, int count, long error) {
        try {
            return (int) CONTEXT_RESTORE.invokeExact(context, sequence, in, bytes, count, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextSample(long context, long sampler, int index, long next, long error) {
        try {
            return (int) CONTEXT_SAMPLE.invokeExact(context, sampler, index, next, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextStep(long context, int count, long tokens, long sequences, long samplers, long next, long error) {
        try {
            return (int) CONTEXT_STEP.invokeExact(context, count, tokens, sequences, samplers, next, error);
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
    public int contextGraph(long context, long ids, int idCount, long error) {
        try {
            return (int) CONTEXT_GRAPH.invokeExact(context, ids, idCount, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextPolicy(
            long context, int sequence, int mode, double temperature, long thresholds, long order, long error) {
        try {
            return (int) CONTEXT_POLICY.invokeExact(context, sequence, mode, temperature, thresholds, order, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextNumbers(long context, int index, long out, long error) {
        try {
            return (int) CONTEXT_NUMBERS.invokeExact(context, index, out, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextHidden(long context, long layers, long poolings, int count, long error) {
        try {
            return (int) CONTEXT_HIDDEN.invokeExact(context, layers, poolings, count, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextHiddenRange(long context, int sequence, int from, int to, long kept, long error) {
        try {
            return (int) CONTEXT_HIDDEN_RANGE.invokeExact(context, sequence, from, to, kept, error);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    @Override
    public int contextHiddenRead(long context, int sequence, long out, long error) {
        try {
            return (int) CONTEXT_HIDDEN_READ.invokeExact(context, sequence, out, error);
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
