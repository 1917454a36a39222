package dev.demur.hostile;

import dev.demur.gguf.TensorType;

/** The size of a tensor type's blocks; 32 elements in 18 bytes for a type that nobody knows. */
record TensorBlock(int elements, int bytes) {

    static TensorBlock of(int type) {
        for (TensorType known : TensorType.values()) {
            if (known.id() == type) {
                return new TensorBlock(known.blockElements(), known.blockBytes());
            }
        }
        return new TensorBlock(32, 18);
    }
}
