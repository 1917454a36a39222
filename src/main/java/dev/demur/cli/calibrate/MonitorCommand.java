package dev.demur.cli.calibrate;

import dev.demur.cli.files.FileKind;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.MonitorSettings;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.terminal.Terminal;
import dev.demur.monitor.MonitorFile;
import dev.demur.monitor.MonitorReport;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur monitor}: whether a policy's promise still holds, by a log of decisions and audits. */
public final class MonitorCommand implements Command {

    private static final String NEW_LOG = "--new-log";
    private static final String STATE = "--state";
    private static final String STRICT = "--strict";

    @Override
    public String name() {
        return "monitor";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Watches whether a policy's promise still holds.")
                .description(
                        "",
                        "Reads a log of decisions, some of which were labelled, and raises an alarm when what the policy"
                                + " promises no longer holds. However often you look, and however long: while all promises"
                                + " hold, the probability of any alarm at all is at most --level. Says besides whether"
                                + " the probabilities have drifted, which needs no labels.")
                .footer(
                        "",
                        "Log: JSONL, an object a line: a decision, as demur ask --json prints it, one that",
                        "awaits its label, the label, and both in one, as demur score writes them:",
                        "",
                        "  {\"id\": \"1\", \"probabilities\": {\"safety\": 0.1, \"respond\": 0.9}}",
                        "  {\"id\": \"2\", \"probabilities\": {...}, \"audited\": true}",
                        "  {\"id\": \"2\", \"expected\": \"respond\", \"category\": \"safety\"}",
                        "  {\"id\": \"3\", \"probabilities\": {...}, \"expected\": \"refuse\",",
                        "   \"category\": \"safety\"}",
                        "",
                        "Which decisions are labelled, a lot must choose: complaints are no sample.",
                        "",
                        "Examples:",
                        "  demur monitor --policy policy.json --log decisions.jsonl --state watch.json",
                        "  demur monitor --policy policy.json --log decisions.jsonl \\",
                        "      --audited-answers 0.01 --refusal safety=0.8",
                        "",
                        "Exit status: 0 no alarm, 1 failure at run time, 2 wrong usage, 3 a promise is",
                        "broken, 4 none is found broken, but the probabilities have drifted.");
        spec.addOption(Options.file("--policy", "FILE", "The policy that decided."))
                .addOption(Options.file(
                        "--log", "FILE", "The log. May be left out where --state is there, to see what that knows."))
                .addOption(Options.file(
                        STATE,
                        "FILE",
                        "Keeps what is known in this file. The next run reads only what was added to the log since."))
                .addOption(Options.flag(
                        NEW_LOG,
                        "The log is another file than that of the last run, and is read from its first line."));
        MonitorSettings.addTo(spec);
        spec.addOption(Options.flag(STRICT, "Stops at the first bad line."))
                .addOption(Options.flag("--json", "Prints one JSON object with all numbers."));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        Path policyFile = CalibrateCommand.required(arguments, "--policy");
        Path stateFile = arguments.path(STATE);
        boolean isKept = stateFile != null && Files.exists(stateFile);
        Path log = isKept ? arguments.path("--log") : CalibrateCommand.required(arguments, "--log");
        MonitorSettings settings = MonitorSettings.from(arguments);
        if (stateFile == null && arguments.has(NEW_LOG)) {
            throw new UsageException(NEW_LOG + " has no effect without " + STATE + ": leave it out");
        }
        if (stateFile != null) {
            FileKind.requireWritable(stateFile);
        }
        RefusalPolicy policy = PolicyFile.read(policyFile);
        MonitorFile kept = stateFile == null || !isKept ? null : MonitorFile.read(stateFile, policy);
        if (kept != null && stateFile != null) {
            settings.requireSame(kept.monitor().options(), stateFile, STATE);
        }
        MonitorReport report;
        if (log == null && kept != null) {
            requireAlone(arguments);
            report = kept.monitor().report();
        } else {
            MonitoredLog lines = new MonitoredLog(
                    Objects.requireNonNull(log),
                    policy,
                    labels -> settings.begin(policy, labels, terminal),
                    arguments.has(STRICT),
                    terminal);
            MonitorFile now = lines.read(kept, arguments.has(NEW_LOG));
            if (stateFile != null) {
                now.write(stateFile);
            }
            report = now.monitor().report();
        }
        if (arguments.has("--json")) {
            terminal.printJson(MonitorText.json(report, policyFile, log));
        } else {
            Path from = Objects.requireNonNull(log == null ? stateFile : log);
            terminal.print(MonitorText.of(report, policyFile, from, terminal.outStyle()));
        }
        return report.isAlarm() ? ExitStatus.ALARM : report.isDrift() ? ExitStatus.DRIFT : ExitStatus.SUCCESS;
    }

    private static void requireAlone(Arguments arguments) {
        for (String option : List.of(NEW_LOG, STRICT)) {
            if (arguments.has(option)) {
                throw new UsageException(option + " has no effect without --log: leave it out");
            }
        }
    }
}
