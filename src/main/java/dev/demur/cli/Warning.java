package dev.demur.cli;

/** What a person should know about a result that is still one: a line on standard error. */
final class Warning {

    private Warning() {}

    static void show(Terminal terminal, String warning) {
        terminal.error(
                "demur: " + terminal.errStyle().warning("warning") + ": " + Text.oneLine(OptionNames.in(warning)));
    }
}
