package dev.demur.cli.doctor;

import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur doctor}: what runs here, why, and what keeps {@code ask} from working. */
public final class DoctorCommand implements Command {

    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Shows what runs here, and what does not and why.")
                .description(
                        "",
                        "Shows which Java, binding, kernel, llama.cpp, devices, model and policy are used and why; then decides"
                                + " a prompt, as ask would with the same options.")
                .footer(
                        "",
                        "Examples:",
                        "  demur doctor",
                        "  demur doctor --policy policy.json",
                        "  demur doctor --llama /opt/llama.cpp/build/bin --model my.gguf",
                        "",
                        "Exit status: 0 if ask works, 1 if it does not, 2 wrong usage.");
        spec.addOption(Options.flag("--json", "Prints one JSON object."));
        PolicyOptions.addTo(spec);
        ModelOptions.addTo(spec);
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        boolean json = arguments.has("--json");
        ModelOptions options = ModelOptions.from(arguments);
        PolicyOptions policyOptions = PolicyOptions.from(arguments);
        String bindingReason = options.applyBinding();
        Diagnosis diagnosis =
                Diagnosis.of(options, policyOptions, bindingReason, json ? Style.PLAIN : terminal.outStyle());
        if (json) {
            terminal.printJson(diagnosis.facts().json());
        } else {
            terminal.print(diagnosis.facts().text());
        }
        if (diagnosis.problems().isEmpty()) {
            return ExitStatus.SUCCESS;
        }
        terminal.error("demur: ask cannot work here: "
                + Text.oneLine(diagnosis.problems().get(0)));
        return ExitStatus.FAILURE;
    }
}
