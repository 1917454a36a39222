package dev.demur.gguf;

import dev.demur.arguments.Given;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file says about one tensor.
 *
 * @param name unique in the file, as {@code blk.0.attn_q.weight}
 * @param shape 1 to 4 extents of at least 1, the row length first; their product fits a {@code long}
 * @param typeId the type's number in the file
 * @param type the type, null where {@link TensorType} does not know the number
 * @param offset where its bytes begin, counted from the file's data section
 */
public record TensorInfo(
        String name, List<Long> shape, int typeId, @Nullable TensorType type, long offset) {

    public TensorInfo {
        Given.value(name, "name");
        shape = Given.list(shape, "shape");
        if (shape.isEmpty() || shape.size() > 4) {
            throw new IllegalArgumentException(name + ": has " + shape.size() + " dimensions instead of 1 to 4");
        }
        long elements = 1;
        for (long extent : shape) {
            if (extent < 1) {
                throw new IllegalArgumentException(name + ": has an extent of " + extent);
            }
            elements = Math.multiplyExact(elements, extent);
        }
    }

    /** The number of elements. */
    public long elements() {
        long elements = 1;
        for (long extent : shape) {
            elements *= extent;
        }
        return elements;
    }

    /** The size in bytes; -1 where the type is not known. */
    public long bytes() {
        return type == null ? -1 : Math.multiplyExact(elements() / type.blockElements(), (long) type.blockBytes());
    }
}
