package dev.demur.desktop.model;

import com.sun.management.OperatingSystemMXBean;
import dev.demur.DemurException;
import dev.demur.LoadOptions;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.Metadata;
import dev.demur.readout.HeadFile;
import dev.demur.readout.internal.ReadoutFinder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model file tells before it is loaded.
 *
 * @param name its own name, or that of the file
 * @param architecture as {@code llama}
 * @param needed an estimate of the memory that it takes, in bytes
 * @param free the memory that this machine has left, in bytes; negative where that is not known
 * @param missing why there is nothing to decide by, where that is so; else null
 */
public record ModelCheck(
        Path file,
        String name,
        String architecture,
        long needed,
        long free,
        @Nullable String missing) {

    private static final long BYTES_OF_F16 = 2;
    private static final long BYTES_OF_F32 = 4;
    private static final long BATCH = 512;

    /**
     * Reads the file's keys.
     *
     * @param readout what is to decide, as {@link dev.demur.LoadOptions#readout}; null: what is found with the model
     * @param contextSize tokens of the context; 0: as many as the model was trained for, up to a limit
     * @throws dev.demur.gguf.GgufException if it is missing, damaged or no GGUF file
     * @throws DemurException if it is no model but a head
     */
    static ModelCheck of(Path file, @Nullable String readout, int contextSize, Texts texts) {
        if (HeadFile.ARCHITECTURE.equals(Metadata.read(file).string("general.architecture"))) {
            throw new DemurException(texts.get("model.isHead", file.getFileName()));
        }
        GgufFile gguf = GgufFile.read(file);
        String missing = null;
        try {
            ReadoutFinder.find(gguf, readout, Map.of());
        } catch (DemurException e) {
            if (readout != null) {
                throw e;
            }
            missing = e.getMessage();
        }
        String name = gguf.string("general.name");
        return new ModelCheck(
                file,
                name == null || name.isBlank() ? file.getFileName().toString() : name,
                gguf.architecture(),
                estimate(gguf, contextSize),
                available(),
                missing);
    }

    /** Whether it is likely not to fit into what is free. */
    public boolean isTight() {
        return free >= 0 && needed > free;
    }

    /** The weights, what the context keeps of its tokens, and what is there while it computes. */
    private static long estimate(GgufFile file, int contextSize) {
        long trained = file.hyperparameter("context_length").orElse(LoadOptions.DEFAULT_CONTEXT_SIZE);
        long tokens = contextSize > 0 ? contextSize : Math.min(trained, LoadOptions.DEFAULT_CONTEXT_SIZE);
        long blocks = file.hyperparameter("block_count").orElse(0);
        long width = file.hyperparameter("embedding_length").orElse(0);
        long heads = Math.max(1, file.hyperparameter("attention.head_count").orElse(1));
        long kept = file.hyperparameter("attention.head_count_kv").orElse(heads);
        long key = file.hyperparameter("attention.key_length").orElse(width / heads);
        long value = file.hyperparameter("attention.value_length").orElse(width / heads);
        long inner = file.hyperparameter("feed_forward_length").orElse(4 * width);
        long cache = BYTES_OF_F16 * tokens * blocks * kept * (key + value);
        long computing = BYTES_OF_F32 * BATCH * (8 * (width + inner) + file.tokenCount());
        return file.fileSize() + cache + computing;
    }

    private static long available() {
        Path linux = Path.of("/proc/meminfo");
        if (Files.isReadable(linux)) {
            try {
                for (String line : Files.readAllLines(linux)) {
                    if (line.startsWith("MemAvailable:")) {
                        return Long.parseLong(line.replaceAll("\\D+", "")) << 10;
                    }
                }
            } catch (IOException e) {
                return -1;
            }
        }
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getFreeMemorySize()
                : -1;
    }
}
