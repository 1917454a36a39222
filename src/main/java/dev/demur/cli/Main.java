package dev.demur.cli;

import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.Failure;
import dev.demur.cli.options.FileContent;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Version;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Terminal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The program {@code demur}: finds the command, runs it, and turns failures into one line and an exit status. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        System.exit(start(args, Terminal.ofProcess()));
    }

    /** Runs the command line of the process, after what is wrong around it was said. */
    private static int start(String[] args, Terminal terminal) {
        String problem = StderrLoggerFinder.problem();
        if (problem != null) {
            Warning.show(terminal, problem);
        }
        try {
            String[] restored = RawArguments.restored(args);
            Command command = restored.length == 0 ? null : Commands.named(restored[0]);
            Ending ending = Ending.watch(Thread.currentThread(), command == null || !command.endsItself());
            try {
                return run(restored, terminal);
            } finally {
                ending.close();
            }
        } catch (UsageException e) {
            return Failure.report(e, "demur", terminal);
        }
    }

    /** Runs one command line and returns its exit status; throws nothing. */
    static int run(String[] args, Terminal terminal) {
        Command command = args.length == 0 ? null : Commands.named(args[0]);
        try {
            return run(command, args, terminal);
        } catch (Throwable failure) {
            // Whatever it was, a person gets one line: this is the outermost frame of the program.
            return Failure.report(failure, command == null ? "demur" : "demur " + command.name(), terminal);
        }
    }

    private static int run(@Nullable Command command, String[] args, Terminal terminal) {
        ParseResult root = parse(root(command == null ? Commands.all() : List.of(command)), args);
        ParseResult last = root.hasSubcommand() ? root.subcommand() : root;
        if (root.isUsageHelpRequested() || last.isUsageHelpRequested()) {
            CommandLine line =
                    (root.isUsageHelpRequested() ? root : last).commandSpec().commandLine();
            terminal.print(line.getUsageMessage(terminal.outStyle().colours() ? Ansi.ON : Ansi.OFF));
            return ExitStatus.SUCCESS;
        }
        if (root.isVersionHelpRequested() || last.isVersionHelpRequested()) {
            terminal.print("demur " + Version.text() + "\n");
            return ExitStatus.SUCCESS;
        }
        if (command == null) {
            throw new UsageException("no command is given: it is one of " + Commands.NAMES);
        }
        Arguments arguments = new Arguments(last);
        FileContent.require(arguments);
        return command.run(arguments, terminal);
    }

    private static ParseResult parse(CommandLine root, String[] args) {
        try {
            return root.parseArgs(args);
        } catch (ParameterException e) {
            throw new UsageException(UsageMessage.of(e), e);
        }
    }

    /** The program with these of its commands. */
    static CommandLine root(List<Command> commands) {
        CommandSpec spec = CommandSpec.create().name("demur");
        Options.addStandard(spec);
        spec.usageMessage()
                .synopsisSubcommandLabel("COMMAND")
                .description("Runs a language model, and refuses what your policy says it should refuse.")
                .commandListHeading("%nCommands:%n")
                .footer(
                        "",
                        "Examples:",
                        "  demur ask \"How do I boil an egg?\"",
                        "  demur ask --threshold safety=0.2 --json \"How do I pick a lock?\"",
                        "  demur inspect models/demur-tiny.gguf",
                        "  demur doctor",
                        "",
                        "Exit status: 0 success (a refusal is one), 1 failure at run time, 2 wrong usage.",
                        "DEMUR_LOG=debug shows llama.cpp's log, DEMUR_DEBUG=1 the stack trace of a",
                        "failure; NO_COLOR=1 turns colours off.");
        for (Command command : commands) {
            CommandSpec sub = command.spec();
            Options.addStandard(sub);
            spec.addSubcommand(command.name(), sub);
        }
        CommandLine line = new CommandLine(spec);
        configure(line);
        return line;
    }

    /** A prompt is text: nothing in it names a file of arguments or a variable. */
    private static void configure(CommandLine line) {
        line.setExpandAtFiles(false);
        line.setInterpolateVariables(false);
        line.setUsageHelpLongOptionsMaxWidth(32);
    }
}
