package dev.demur.llama.internal;

import dev.demur.DemurException;
import dev.demur.bindings.Bindings;
import dev.demur.bindings.Native;
import dev.demur.bindings.Settings;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaException;
import org.jspecify.annotations.Nullable;

/** Which kernels there are here, and which of them is used. */
public final class KernelChoice {

    private static final int NO_CAP = -1;
    private static final String SETTING = "demur.kernel";

    private KernelChoice() {}

    /**
     * The kernel to use: the one named, else the one that {@code demur.kernel} names, else the best for this processor
     * within the {@link #cap}, which a named one may exceed.
     *
     * @throws DemurException if the settings name a kernel that there is not
     * @throws LlamaException if this processor or this build of libdemur does not have it
     * @throws dev.demur.NativeLoadException if libdemur cannot be loaded here
     */
    public static Kernel choose(@Nullable Kernel named) {
        return choose(Native.bindings(), named);
    }

    static Kernel choose(Bindings bindings, @Nullable Kernel named) {
        Kernel kernel = named != null ? named : setting(SETTING);
        if (kernel == null) {
            Kernel cap = cap();
            return of(bindings.kernelBest(cap == null ? NO_CAP : code(cap)));
        }
        if (!isSupported(bindings, kernel)) {
            throw new LlamaException(
                    LlamaException.Reason.UNSUPPORTED,
                    "this CPU or this build of libdemur has no kernel " + kernel.id() + ": leave the choice open,"
                            + " or take scalar");
        }
        return kernel;
    }

    /** Whether nothing but the processor, and a cap, says which kernel is used where none is named. */
    public static boolean isChosenByProcessor() {
        return Settings.get(SETTING) == null;
    }

    /**
     * The most that is chosen where no kernel is named, from {@code demur.kernel.cap}: avx2 is more than scalar and avx512
     * more than avx2, neon is more than scalar; one that is not of this processor's kind, unless it is scalar, limits
     * nothing. Null where there is none.
     *
     * @throws DemurException if there is no such kernel
     */
    public static @Nullable Kernel cap() {
        return setting("demur.kernel.cap");
    }

    private static @Nullable Kernel setting(String setting) {
        String name = Settings.get(setting);
        if (name == null) {
            return null;
        }
        try {
            return Kernel.of(name);
        } catch (IllegalArgumentException e) {
            throw new DemurException(setting + ": " + e.getMessage(), e);
        }
    }

    private static Kernel of(int code) {
        for (Kernel kernel : Kernel.values()) {
            if (code(kernel) == code) {
                return kernel;
            }
        }
        throw new AssertionError("demur_kernel " + code);
    }

    /**
     * Whether this CPU and this build of libdemur have it.
     *
     * @throws dev.demur.NativeLoadException if libdemur cannot be loaded here
     */
    public static boolean isSupported(Kernel kernel) {
        return isSupported(Native.bindings(), kernel);
    }

    static boolean isSupported(Bindings bindings, Kernel kernel) {
        return bindings.kernelSupported(code(kernel)) == 1;
    }

    /** The value of {@code demur_kernel} in {@code demur.h}. */
    static int code(Kernel kernel) {
        return switch (kernel) {
            case SCALAR -> 0;
            case AVX2 -> 1;
            case AVX512 -> 2;
            case NEON -> 3;
        };
    }
}
