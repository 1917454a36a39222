package dev.demur.gguf;

import org.jspecify.annotations.Nullable;

/** The tensor types of ggml that a file may hold today: how many elements a block has and how many bytes it takes. */
public enum TensorType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q8_1(9, 32, 36),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    IQ2_XXS(16, 256, 66),
    IQ2_XS(17, 256, 74),
    IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18),
    IQ3_S(21, 256, 110),
    IQ2_S(22, 256, 82),
    IQ4_XS(23, 256, 136),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, 256, 56),
    BF16(30, 1, 2),
    TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17),
    NVFP4(40, 64, 36),
    Q1_0(41, 128, 18),
    Q2_0(42, 64, 18);

    private static final TensorType[] ALL = values();

    private final int id;
    private final int blockElements;
    private final int blockBytes;

    TensorType(int id, int blockElements, int blockBytes) {
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /** The type with this number in a file; null for one that is newer than this list, or was removed from ggml. */
    static @Nullable TensorType of(int id) {
        for (TensorType type : ALL) {
            if (type.id == id) {
                return type;
            }
        }
        return null;
    }

    /** Its number in a file. */
    public int id() {
        return id;
    }

    /** The elements of one block; rows are whole blocks. */
    public int blockElements() {
        return blockElements;
    }

    /** The bytes of one block. */
    public int blockBytes() {
        return blockBytes;
    }

    /** Whether llama.cpp can multiply a matrix of this type; integers and its scratch types end the process. */
    boolean isWeight() {
        boolean integer = this == I8 || this == I16 || this == I32 || this == I64;
        return !integer && this != F64 && this != Q8_1 && this != Q8_K;
    }
}
