package dev.demur.cli;

import dev.demur.DemurException;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.DefaultModel;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.Options;
import dev.demur.cli.terminal.Terminal;
import dev.demur.desktop.DesktopApp;
import dev.demur.desktop.model.Surroundings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur desktop}: the window. */
final class DesktopCommand implements Command {

    @Override
    public String name() {
        return "desktop";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Opens a window to chat, to see why a prompt is refused, and to set how readily.")
                .description(
                        "",
                        "Conversations are kept in a folder of the user's own. Nothing is sent anywhere.",
                        "Needs a display.")
                .footer(
                        "",
                        "Examples:",
                        "  demur desktop",
                        "  demur desktop --model my.gguf --language de",
                        "",
                        "Exit status: 0 success, 1 failure at run time, 2 wrong usage.");
        spec.addOption(Options.file(
                        "--model", "FILE", "The model to load (default: the last one, at first the bundled one)."))
                .addOption(Options.file(
                        "--folder",
                        "FOLDER",
                        "Where conversations and settings are kept (default: where this system keeps such things)."))
                .addOption(Options.choice(
                        "--language",
                        "LANGUAGE",
                        List.of("en", "de"),
                        "The language of the window (default: as chosen there, else the system's)."));
        return spec;
    }

    @Override
    public boolean endsItself() {
        return true;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        String language = arguments.has("--language") ? arguments.oneOf("--language", List.of("en", "de")) : null;
        Path model = arguments.path("--model");
        if (model != null && !Files.exists(model)) {
            throw new DemurException(model + ": there is no such file");
        }
        try {
            DesktopApp.run(new DesktopApp.Options(
                    arguments.path("--folder"),
                    model,
                    bundled(),
                    language,
                    new Surroundings(new DesktopData(), new DesktopServer())));
        } catch (NoClassDefFoundError e) {
            throw new DemurException(
                    "demur desktop needs a Java with the module java.desktop, and this one lacks it (" + e.getMessage()
                            + "): set DEMUR_JAVA_HOME to a full JDK or JRE",
                    e);
        }
        return ExitStatus.SUCCESS;
    }

    private static @Nullable Path bundled() {
        try {
            return DefaultModel.find();
        } catch (DemurException e) {
            return null; // the window says that there is none
        }
    }
}
