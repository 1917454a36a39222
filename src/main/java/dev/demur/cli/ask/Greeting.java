package dev.demur.cli.ask;

import dev.demur.cli.terminal.Bytes;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TensorInfo;
import dev.demur.policy.Labels;

/** What a person who begins a chat is told: who answers, and the three commands that matter. */
public final class Greeting {

    private static final long MILLION = 1_000_000;
    private static final long BILLION = 1_000_000_000;
    private static final int TENTHS = 10;

    /** As wide as the longest command, and the space behind it. */
    private static final int COMMAND = 24;

    /** In fewer columns a command and what it does do not fit beside each other. */
    private static final int NARROW = 72;

    private Greeting() {}

    /**
     * Greets on standard error.
     *
     * @param columns of the terminal; 0 where that is not known
     */
    public static void show(Terminal terminal, GgufFile file, Labels labels, int columns) {
        Style style = terminal.errStyle();
        terminal.error(style.bold(Text.oneLine(name(file))) + ", " + size(file));
        command(terminal, columns, "/why", "shows what the last decision was made from");
        command(
                terminal,
                columns,
                "/threshold " + labels.id(Math.max(0, labels.indexOf("safety"))) + "=0.7",
                "changes how readily it refuses");
        command(terminal, columns, "/help", "lists the others; Ctrl-D ends the chat");
    }

    private static void command(Terminal terminal, int columns, String command, String effect) {
        boolean narrow = columns > 0 && columns < NARROW;
        String gap = narrow ? "\n    " : " ".repeat(Math.max(2, COMMAND - command.length()));
        terminal.error("  " + command + terminal.errStyle().dim(gap + effect));
    }

    /** The file's name: a person chose it, while what a model calls itself is often what its maker's tools left there. */
    public static String name(GgufFile file) {
        return String.valueOf(file.path().getFileName()).replaceFirst("(?i)\\.gguf$", "");
    }

    /** As {@code 135 million parameters, 87.5 MiB}. */
    public static String size(GgufFile file) {
        long parameters = 0;
        for (TensorInfo tensor : file.tensors()) {
            parameters += tensor.elements();
        }
        return parameters(parameters) + ", " + Bytes.text(file.fileSize());
    }

    private static String parameters(long count) {
        if (count < MILLION) {
            return count + " parameters";
        }
        boolean many = count >= BILLION;
        long unit = many ? BILLION : MILLION;
        boolean tenths = count < TENTHS * unit;
        double rounded = tenths
                ? Math.round((double) count * TENTHS / unit) / (double) TENTHS
                : Math.round((double) count / unit);
        return Decimal.plain(rounded) + (many ? " billion" : " million") + " parameters";
    }
}
