package dev.demur.cli.calibrate;

import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.ModelFile;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.options.PolicyPlace;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur policy}: shows a policy, changes it and saves it, without running the model. */
public final class PolicyCommand implements Command {

    private static final String REPLY = "--reply";

    @Override
    public String name() {
        return "policy";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Prints, changes and saves a policy.")
                .description(
                        "",
                        "Prints the model's own policy, or that of --policy, after the changes that the other options make. It is"
                                + " JSON, as --policy takes it. The model file is read; the model does not run.")
                .footer(
                        "",
                        "Examples:",
                        "  demur policy",
                        "  demur policy --threshold safety=0.3 --out policy.json",
                        "  demur policy --policy policy.json --reply safety=\"I will not do that.\" \\",
                        "      --out policy.json",
                        "",
                        "Exit status: 0 success, 1 failure at run time, 2 wrong usage.");
        PolicyOptions.addChangesTo(spec);
        spec.addOption(Options.repeatable(
                        REPLY,
                        "ID=TEXT",
                        "A fixed reply to what is refused as ID; without a TEXT the model writes the refusal. May be"
                                + " repeated."))
                .addOption(Options.file(
                        "--out", "FILE", "Writes the policy to a file. It replaces a policy, and no other file."));
        ModelOptions.addFileTo(spec);
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        PolicyOptions options = PolicyOptions.from(arguments);
        Map<String, String> replies = new LinkedHashMap<>();
        for (String reply : arguments.texts(REPLY)) {
            String[] parts = ModelOptions.assignment(REPLY, reply, "safety=No.");
            if (replies.putIfAbsent(parts[0], parts[1]) != null) {
                throw new UsageException(REPLY + " " + parts[0] + " is given twice: give it once");
            }
        }
        Path out = arguments.path("--out");
        PolicyPlace place = out == null ? null : PolicyPlace.of(out);
        ModelFile model = ModelFile.of(arguments);
        Labels labels = model.labels();
        ChosenPolicy chosen =
                options.choose(labels, model.readout(), model.policies()::policy, model.policies()::policy);
        RefusalPolicy policy = withReplies(chosen.policy(), replies, labels);
        if (chosen.calibrated().calibration() != null && policy.calibration() == null) {
            Warning.show(
                    terminal, chosen.source() + ": the change drops its calibration: nothing is promised any more");
        }
        options.withoutEffect(policy).forEach(warning -> Warning.show(terminal, warning));
        PolicyCheck.warnOfUnnamed(policy, labels, chosen.source(), terminal);
        String json = PolicyFile.write(policy);
        if (place == null) {
            terminal.printJson(json);
        } else {
            place.write(json.getBytes(StandardCharsets.UTF_8));
            terminal.error("Wrote " + Text.oneLine(String.valueOf(out)));
        }
        return ExitStatus.SUCCESS;
    }

    private static RefusalPolicy withReplies(RefusalPolicy policy, Map<String, String> replies, Labels labels) {
        RefusalPolicy changed = policy;
        for (Map.Entry<String, String> reply : replies.entrySet()) {
            String id = reply.getKey();
            if (labels.indexOf(id) < 0) {
                throw new UsageException(REPLY + " names '" + id + "', which is no category of this model: it has "
                        + labels.categoryIds());
            }
            String text = reply.getValue();
            changed = changed.naming(id).withReply(id, text.isEmpty() ? null : text);
        }
        return changed;
    }
}
