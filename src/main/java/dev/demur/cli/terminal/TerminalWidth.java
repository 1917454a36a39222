package dev.demur.cli.terminal;

import java.io.IOException;
import java.util.function.IntSupplier;
import org.jline.terminal.TerminalBuilder;

/** How many columns the process's terminal has. */
public final class TerminalWidth {

    private TerminalWidth() {}

    /** As many as there are now, told once; 0 where standard output is no terminal, or its width cannot be told. */
    public static IntSupplier of(Terminal terminal) {
        int width = terminal.isInteractive() ? ofProcess() : 0;
        return () -> width;
    }

    private static int ofProcess() {
        try (org.jline.terminal.Terminal system = TerminalBuilder.builder()
                .system(true)
                .nativeSignals(false)
                .dumb(true)
                .build()) {
            return system.getSize().getColumns();
        } catch (IOException e) {
            return 0; // the answer is written as it comes
        }
    }
}
