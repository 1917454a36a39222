package dev.demur.cli.options;

import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;

/** What a person should know about a result that is still one: a line on standard error. */
public final class Warning {

    private Warning() {}

    public static void show(Terminal terminal, String warning) {
        terminal.error(
                "demur: " + terminal.errStyle().warning("warning") + ": " + Text.oneLine(OptionNames.in(warning)));
    }
}
