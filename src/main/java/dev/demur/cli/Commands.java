package dev.demur.cli;

import dev.demur.cli.ask.AskCommand;
import dev.demur.cli.ask.ChatCommand;
import dev.demur.cli.calibrate.CalibrateCommand;
import dev.demur.cli.calibrate.EvalCommand;
import dev.demur.cli.calibrate.FitCommand;
import dev.demur.cli.calibrate.MonitorCommand;
import dev.demur.cli.calibrate.PolicyCommand;
import dev.demur.cli.calibrate.ScoreCommand;
import dev.demur.cli.doctor.DoctorCommand;
import dev.demur.cli.doctor.InspectCommand;
import dev.demur.cli.options.Command;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The list of commands; a command's classes are loaded only where it is named, or help lists all. */
final class Commands {

    static final String NAMES =
            "ask, chat, serve, fit, score, calibrate, eval, monitor, policy, inspect, doctor, desktop, generate-completion";

    private Commands() {}

    static @Nullable Command named(String name) {
        return switch (name) {
            case "ask" -> new AskCommand();
            case "chat" -> new ChatCommand();
            case "serve" -> new ServeCommand();
            case "fit" -> new FitCommand();
            case "score" -> new ScoreCommand();
            case "calibrate" -> new CalibrateCommand();
            case "eval" -> new EvalCommand();
            case "monitor" -> new MonitorCommand();
            case "policy" -> new PolicyCommand();
            case "inspect" -> new InspectCommand();
            case "doctor" -> new DoctorCommand();
            case "desktop" -> new DesktopCommand();
            case "generate-completion" -> new CompletionCommand();
            default -> null;
        };
    }

    static List<Command> all() {
        return List.of(
                new AskCommand(),
                new ChatCommand(),
                new ServeCommand(),
                new FitCommand(),
                new ScoreCommand(),
                new CalibrateCommand(),
                new EvalCommand(),
                new MonitorCommand(),
                new PolicyCommand(),
                new InspectCommand(),
                new DoctorCommand(),
                new DesktopCommand(),
                new CompletionCommand());
    }
}
