package dev.demur.bindings;

import static dev.demur.bindings.FfmLoader.function;

import java.lang.invoke.MethodHandle;

/** The functions of {@code demur.h} about contexts; {@link FfmBindings} has the others and says how they are called. */
abstract class FfmContexts implements Bindings {

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
    private static final MethodHandle CONTEXT_GRAPH = function("demur_context_graph", "(JJIJ)I");
    private static final MethodHandle CONTEXT_POLICY = function("demur_context_policy", "(JIIDJJJ)I");
    private static final MethodHandle CONTEXT_NUMBERS = function("demur_context_numbers", "(JIJJ)I");
    private static final MethodHandle CONTEXT_HIDDEN = function("demur_context_hidden", "(JJJIJ)I");
    private static final MethodHandle CONTEXT_HIDDEN_RANGE = function("demur_context_hidden_range", "(JIIIJJ)I");
    private static final MethodHandle CONTEXT_HIDDEN_READ = function("demur_context_hidden_read", "(JIJJ)I");

    /** A downcall throws nothing of its own: what arrives here is an Error of the JVM. */
    static Error unexpected(Throwable t) {
        return t instanceof Error error ? error : new AssertionError(t);
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
}
