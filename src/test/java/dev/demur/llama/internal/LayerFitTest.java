package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.Device;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerFitTest {

    private static final long MIB = 1 << 20;

    /** Four blocks of 100 MiB, 50 MiB besides, 10 MiB of tokens in a block, 40 MiB to compute. */
    private static final LayerFit FIT =
            new LayerFit(new long[] {100 * MIB, 100 * MIB, 100 * MIB, 100 * MIB}, 50 * MIB, 10 * MIB, 40 * MIB);

    /** A device of which {@code mebibytes} may be used: a twentieth of what is free is left alone. */
    private static Device with(long mebibytes) {
        long free = (mebibytes * MIB + 19) * 20 / 19;
        return new Device("GPU0", "a card", "gpu", free, 2 * free);
    }

    @Test
    void as_many_layers_as_fit_beside_the_output_and_what_computing_takes() {
        assertEquals(5, FIT.layers(List.of(with(530))));
        assertEquals(3, FIT.layers(List.of(with(529))));
        assertEquals(1, FIT.layers(List.of(with(200))));
        assertEquals(0, FIT.layers(List.of(with(199))));
        assertEquals(0, FIT.layers(List.of(with(0))));
    }

    @Test
    void each_of_several_devices_needs_room_to_compute() {
        assertEquals(5, FIT.layers(List.of(with(285), with(285))));
        assertEquals(3, FIT.layers(List.of(with(284), with(284))));
        assertEquals(1, FIT.layers(List.of(with(200), with(30))));
    }

    @Test
    void a_model_that_tells_nothing_of_its_blocks_goes_there_whole_or_not_at_all() {
        LayerFit unknown = new LayerFit(new long[0], 100 * MIB, 0, 0);
        assertEquals(1, unknown.layers(List.of(with(100))));
        assertEquals(0, unknown.layers(List.of(with(99))));
    }

    @Test
    void the_bundled_model_s_weights_are_all_counted_and_a_longer_context_takes_more() {
        GgufFile file = GgufFile.read(Path.of("models", "demur-tiny.gguf"));
        int blocks = (int) file.hyperparameter("block_count").orElseThrow();
        assertEquals(blocks + 1, LayerFit.of(file, 4096).layers(List.of(with(2048))));
        assertEquals(0, LayerFit.of(file, 4096).layers(List.of(with(64))));
        long least = 0;
        for (long tokens : new long[] {1024, 4096, 65_536, 1 << 20}) {
            long needed = 0;
            while (LayerFit.of(file, tokens).layers(List.of(with(needed))) <= blocks) {
                needed += 16;
            }
            assertTrue(needed > least, needed + " MiB for " + tokens + " tokens");
            least = needed;
        }
    }
}
