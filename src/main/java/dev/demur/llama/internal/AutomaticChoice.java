package dev.demur.llama.internal;

import dev.demur.bindings.Settings;
import dev.demur.llama.Kernel;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Says in the log of {@code dev.demur.llama}, once, which binding and which kernel run where nobody named them. */
public final class AutomaticChoice {

    private static final AtomicBoolean SAID = new AtomicBoolean();

    private AutomaticChoice() {}

    /**
     * Logs at INFO what was chosen, unless everything was named or it was said already.
     *
     * @param named the kernel that was asked for; null: none
     * @param kernel the kernel that runs
     */
    public static void log(LlamaRuntime runtime, @Nullable Kernel named, Kernel kernel) {
        String binding = Settings.get("demur.binding") == null
                ? "binding " + runtime.bindings().name() + " (set demur.binding to choose another)"
                : null;
        String reader = named == null && KernelChoice.isChosenByProcessor()
                ? "kernel " + kernel.id() + " (set demur.kernel to choose another)"
                : null;
        if ((binding != null || reader != null) && SAID.compareAndSet(false, true)) {
            String both = binding == null ? reader : reader == null ? binding : binding + ", " + reader;
            System.getLogger("dev.demur.llama").log(Level.INFO, "chosen for this machine: " + both);
        }
    }
}
