package dev.demur.cli.doctor;

import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Terminal;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code demur inspect MODEL.gguf}: what a model file holds, read without loading it. */
public final class InspectCommand implements Command {

    @Override
    public String name() {
        return "inspect";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Shows what a model file holds, without loading it.")
                .description(
                        "",
                        "Reads and checks the file. Shows its architecture, tensors, vocabulary, control tokens and their types,"
                                + " chat template and policy.")
                .footer(
                        "",
                        "Examples:",
                        "  demur inspect models/demur-tiny.gguf",
                        "  demur inspect --json my.gguf",
                        "",
                        "Exit status: 0 success, 1 the file is missing, damaged or no GGUF model, 2 wrong usage.");
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("MODEL.gguf")
                .type(Path.class)
                .converters(new Options.AsText())
                .arity("1")
                .description("The model file; of a split model, its first part.")
                .build());
        spec.addOption(
                Options.value(
                        ModelOptions.READOUT,
                        "NAME|FILE|tokens",
                        "What it is to be decided by: a frame, a head file, or its control tokens (default: what is found with it)."));
        spec.addOption(Options.flag("--json", "Prints one JSON object."));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        boolean json = arguments.has("--json");
        Path file = Arguments.path("MODEL.gguf", arguments.positional("MODEL.gguf"));
        Findings facts =
                ModelFindings.of(file, arguments.text(ModelOptions.READOUT), json ? Style.PLAIN : terminal.outStyle());
        if (json) {
            terminal.printJson(facts.json());
        } else {
            terminal.print(facts.text());
        }
        return ExitStatus.SUCCESS;
    }
}
