package dev.demur.llama;

import java.util.Locale;

/** The native code that reads a row of logits, to decide on it or to draw from it: the scalar twin, which is the specification, or a SIMD one. */
public enum Kernel {
    /** The specification, which every processor runs. */
    SCALAR,
    /** For x86-64 with AVX2 and FMA. */
    AVX2,
    /** For x86-64 with AVX-512. */
    AVX512,
    /** For 64-bit ARM. */
    NEON;

    private static final String NAMES = "scalar, avx2, avx512 or neon";

    /** The name that {@code --kernel} takes. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
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
}
