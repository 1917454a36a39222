package dev.demur.llama;

import dev.demur.DemurException;
import dev.demur.bindings.Bindings;
import dev.demur.bindings.Native;
import dev.demur.bindings.Settings;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The native code that reads a row of logits, to decide on it or to draw from it: the scalar twin, which is the specification, or a SIMD one. */
public enum Kernel {
    SCALAR(0),
    AVX2(1),
    AVX512(2),
    NEON(3);

    private static final int NO_CAP = -1;
    private static final String SETTING = "demur.kernel";
    private static final String NAMES = "scalar, avx2, avx512 or neon";

    private final int code;

    Kernel(int code) {
        this.code = code;
    }

    /** The name that {@code --kernel} takes. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The value of {@code demur_kernel} in {@code demur.h}. */
    int code() {
        return code;
    }

    /**
     * The kernel of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Kernel of(String id) {
        for (Kernel kernel : values()) {
            if (kernel.id().equals(id)) {
                return kernel;
            }
        }
        throw new IllegalArgumentException("unknown kernel '" + id + "': " + NAMES);
    }

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
            return of(bindings.kernelBest(cap == null ? NO_CAP : cap.code));
        }
        if (!kernel.isSupported(bindings)) {
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
            return of(name);
        } catch (IllegalArgumentException e) {
            throw new DemurException(setting + ": " + e.getMessage(), e);
        }
    }

    private static Kernel of(int code) {
        for (Kernel kernel : values()) {
            if (kernel.code == code) {
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
    public boolean isSupported() {
        return isSupported(Native.bindings());
    }

    boolean isSupported(Bindings bindings) {
        return bindings.kernelSupported(code) == 1;
    }
}
