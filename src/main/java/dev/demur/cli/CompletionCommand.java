package dev.demur.cli;

import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.terminal.Terminal;
import picocli.AutoComplete;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur generate-completion}: a script that completes commands and options in bash and zsh. */
final class CompletionCommand implements Command {

    @Override
    public String name() {
        return "generate-completion";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Prints a script that completes commands and options in bash and zsh.")
                .footer("", "Example:", "  source <(demur generate-completion)");
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        terminal.print(AutoComplete.bash("demur", Main.root(Commands.all())));
        terminal.print("\n");
        return ExitStatus.SUCCESS;
    }
}
