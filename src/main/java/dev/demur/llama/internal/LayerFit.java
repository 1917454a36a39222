package dev.demur.llama.internal;

import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TensorInfo;
import dev.demur.llama.Device;
import java.util.List;

/** How much memory a model's layers need on a device, estimated from its file. */
final class LayerFit {

    /** Tokens that llama.cpp computes at once. */
    private static final long BATCH = 512;

    private static final long BYTES_OF_F32 = 4;
    private static final long BYTES_OF_F16 = 2;

    /** Intermediate results of the width of the model, and of its feed-forward layer, that are there at the same time. */
    private static final long WIDE_RESULTS = 8;

    /** What drivers and compiled shaders take. */
    private static final long OVERHEAD = 64L << 20;

    /** A twentieth of what is free stays free. */
    private static final long SPARE = 20;

    private final long[] blocks;
    private final long rest;
    private final long memory;
    private final long computing;

    /**
     * An estimate in bytes.
     *
     * @param blocks each block's weights, the first block first
     * @param rest all weights outside of the blocks
     * @param memory what one block keeps of the tokens in the contexts, in F16
     * @param computing what a device needs while it computes, whatever lies on it
     */
    LayerFit(long[] blocks, long rest, long memory, long computing) {
        this.blocks = blocks.clone();
        this.rest = rest;
        this.memory = memory;
        this.computing = computing;
    }

    /**
     * Reads it from a file.
     *
     * @param contextTokens the tokens that the model's contexts will hold together
     */
    static LayerFit of(GgufFile file, long contextTokens) {
        long count = Math.max(
                0,
                Math.min(
                        file.hyperparameter("block_count").orElse(0),
                        file.tensors().size()));
        long[] blocks = new long[(int) count];
        long rest = 0;
        for (TensorInfo tensor : file.tensors()) {
            // A type that is not known is no wider than F32.
            long bytes = tensor.bytes() >= 0 ? tensor.bytes() : BYTES_OF_F32 * tensor.elements();
            int block = block(tensor.name());
            if (block >= 0 && block < blocks.length) {
                blocks[block] += bytes;
            } else {
                rest += bytes;
            }
        }
        long width = file.hyperparameter("embedding_length").orElse(0);
        long heads = Math.max(1, file.hyperparameter("attention.head_count").orElse(1));
        long kept = file.hyperparameter("attention.head_count_kv").orElse(heads);
        long key = file.hyperparameter("attention.key_length").orElse(width / heads);
        long value = file.hyperparameter("attention.value_length").orElse(width / heads);
        long inner = file.hyperparameter("feed_forward_length").orElse(4 * width);
        long results = WIDE_RESULTS * (width + inner) + file.tokenCount();
        long scores = heads * contextTokens;
        return new LayerFit(
                blocks,
                rest,
                BYTES_OF_F16 * contextTokens * kept * (key + value),
                OVERHEAD + BYTES_OF_F32 * BATCH * (results + scores));
    }

    /** The block that a tensor belongs to, by its name; -1 for none. */
    private static int block(String name) {
        String[] parts = name.split("\\.", 3);
        try {
            return parts.length == 3 && parts[0].equals("blk") ? Integer.parseInt(parts[1]) : -1;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** How many layers fit into what is free on these devices together, the output among them. */
    int layers(List<Device> devices) {
        long free = 0;
        for (Device device : devices) {
            free += Math.max(0, device.memoryFree() - device.memoryFree() / SPARE - computing);
        }
        // llama.cpp puts the last blocks and the output there; releases differ in which of them comes first.
        long needed = rest;
        int layers = 0;
        for (int block = blocks.length - 1; block >= 0; block--) {
            needed += blocks[block] + memory;
            if (needed > free) {
                return layers;
            }
            layers++;
        }
        return needed <= free ? layers + 1 : 0;
    }
}
