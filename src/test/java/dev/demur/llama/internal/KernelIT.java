package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.bindings.Bindings;
import dev.demur.bindings.Native;
import dev.demur.llama.Kernel;
import dev.demur.suites.EveryBinding;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which kernel is chosen. */
@EveryBinding
public class KernelIT {

    private final Bindings bindings = Native.bindings();

    @BeforeEach
    @AfterEach
    void forget() {
        System.clearProperty("demur.kernel");
        System.clearProperty("demur.kernel.cap");
    }

    @Test
    void a_cap_limits_what_is_chosen() {
        Kernel best = KernelChoice.choose(bindings, null);
        for (Kernel cap : Kernel.values()) {
            System.setProperty("demur.kernel.cap", cap.id());
            Kernel chosen = KernelChoice.choose(bindings, null);
            assertEquals(cap, KernelChoice.cap());
            assertTrue(KernelChoice.isSupported(bindings, chosen));
            boolean mine = KernelChoice.isSupported(bindings, cap);
            assertEquals(mine && cap.compareTo(best) < 0 ? cap : best, chosen, "cap " + cap);
        }
    }

    @Test
    void a_named_kernel_may_exceed_the_cap() {
        Kernel best = KernelChoice.choose(bindings, null);
        System.setProperty("demur.kernel.cap", "scalar");
        assertEquals(Kernel.SCALAR, KernelChoice.choose(bindings, null));
        assertEquals(best, KernelChoice.choose(bindings, best));
        System.setProperty("demur.kernel", best.id());
        assertEquals(best, KernelChoice.choose(bindings, null));
    }

    @Test
    void an_unknown_cap_is_named() {
        assertNull(KernelChoice.cap());
        System.setProperty("demur.kernel.cap", "sse");
        String message = String.valueOf(assertThrows(DemurException.class, () -> KernelChoice.choose(bindings, null))
                .getMessage());
        assertEquals("demur.kernel.cap: unknown kernel 'sse': scalar, avx2, avx512 or neon", message);
    }
}
