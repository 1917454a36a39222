package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.calibration.Objective;
import dev.demur.calibration.Provenance;
import dev.demur.calibration.SharedPrompts;
import dev.demur.cli.files.ReportFolder;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.ModelFile;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PresetText;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.report.EvaluatedPolicy;
import dev.demur.cli.report.EvaluationReport;
import dev.demur.cli.terminal.Rows;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur eval}: what a policy does to labelled prompts that were scored. */
public final class EvalCommand implements Command {

    /** Two logits of a model never lie this far apart. */
    private static final double LARGEST_NOISE = 1_000;

    @Override
    public String name() {
        return "eval";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Shows what a policy does to scored prompts.")
                .description(
                        "",
                        "Decides scored prompts by a policy, without the model, and compares the decisions with the labels:"
                                + " false refusal rate (FRR), near-miss FRR and refusal rate (RR) with intervals,"
                                + " precision, F1, AUC, confusion, steering matrix. Use other prompts than those that the"
                                + " policy was calibrated on: for those no interval holds, and none is shown.")
                .footer(
                        "",
                        "Examples:",
                        "  demur eval --scores test.jsonl --policy policy.json",
                        "  demur eval --scores test.jsonl --policy policy.json --json",
                        "  demur eval --scores test.jsonl --policy policy.json --report report",
                        "  demur eval --scores test.jsonl --policy policy.json --data prompts.jsonl \\",
                        "      --wrong wrong.jsonl",
                        "  demur eval --scores test.jsonl --policy policy.json --data prompts.jsonl \\",
                        "      --text",
                        "",
                        "Exit status: 0 success, 1 failure at run time, 2 wrong usage.");
        spec.addOption(Options.file("--scores", "FILE", "The scored prompts, as demur score writes them."))
                .addOption(Options.file("--policy", "FILE", "The policy."))
                .addOption(
                        Options.choice(
                                PresetText.OPTION,
                                "NAME",
                                PresetText.IDS,
                                "In place of --policy: one of the policies that the model comes with, strict, balanced or permissive."))
                .addOption(Options.value(
                        "--confidence", "C", "The confidence of the intervals, between 0 and 1 (default: 0.95)."))
                .addOption(Options.value(
                        "--noise",
                        "D",
                        "Counts the rows with a score within D of its threshold, in log-odds (logit-bias: in logits)."
                                + " Another llama.cpp or device may decide them otherwise (default: the largest"
                                + " difference that --compare measures, that the policy keeps, or that is typical of"
                                + " the model's weights)."))
                .addOption(Options.file(
                        "--compare",
                        "FILE",
                        "Scores of the same prompts by another llama.cpp or device. Measures how far they differ, and"
                                + " counts the decisions that do."))
                .addOption(Options.file(
                        "--report",
                        "DIR",
                        "Writes report.html into this folder: all numbers, and plots of ROC, rates by threshold,"
                                + " reliability and steering. The page needs no other file and no network."))
                .addOption(Options.flag("--png", "With --report: also writes each plot as PNG."))
                .addOption(Options.file(
                        "--wrong",
                        "FILE",
                        "Writes the rows that are decided wrongly, as JSONL, the worst first. The worst ten are always"
                                + " shown; --data FILE adds their prompts."))
                .addOption(PolicyCheck.strictOption())
                .addOption(TrainingRows.allowOption())
                .addOption(Options.flag("--json", "Prints one JSON object with all numbers."));
        Replies.addTo(spec);
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        Path scores = CalibrateCommand.required(arguments, "--scores");
        ModelFile preset = arguments.has(PresetText.OPTION) ? presetModel(arguments) : null;
        Path policyFile = preset != null
                ? preset.path()
                        .resolveSibling(preset.path().getFileName() + ", preset " + arguments.text(PresetText.OPTION))
                : CalibrateCommand.required(arguments, "--policy");
        Double noise = arguments.has("--noise")
                ? Double.valueOf(arguments.number("--noise", 0, LARGEST_NOISE, EvaluationOptions.DEFAULT_NOISE))
                : null;
        Path other = arguments.path("--compare");
        EvaluationOptions given = EvaluationOptions.DEFAULTS.withConfidence(
                arguments.openShare("--confidence", Objective.DEFAULT_CONFIDENCE));
        Path report = arguments.path("--report");
        Replies replies = Replies.from(arguments);
        boolean strict = arguments.has(PolicyCheck.STRICT);
        Path wrongFile = arguments.path("--wrong");
        if (wrongFile != null) {
            WrongRows.requirePlace(wrongFile);
        }
        if (report == null && arguments.has("--png")) {
            throw new UsageException("--png draws the plots of a report: add --report DIR");
        }
        if (arguments.has("--png")
                && ModuleLayer.boot().findModule("java.desktop").isEmpty()) {
            throw new DemurException("--png needs the module java.desktop, which this Java was made without: run on"
                    + " a full one, or leave --png out; the report itself needs none");
        }

        RefusalPolicy policy = preset != null
                ? preset.policies().policy(Preset.of(String.valueOf(arguments.text(PresetText.OPTION))))
                : PolicyFile.read(policyFile);
        ScoredPrompts prompts = ScoreFile.read(scores, policy, warning -> Warning.show(terminal, warning));
        ScoredBy.require(arguments, prompts, scores);
        prompts.requireFits(policy, policyFile.toString());
        TrainingRows.require(prompts, scores, arguments, terminal);
        PolicyCheck.warnOfUnnamed(policy, prompts.labels(), policyFile.toString(), terminal);
        Optional<Provenance> provenance = prompts.meta().isEmpty()
                ? Provenance.of(policy)
                : prompts.meta().flatMap(meta -> Provenance.of(policy, meta));
        if (replies == null) {
            PolicyCheck.show(provenance, policyFile.toString(), strict, terminal);
        }
        PolicyCheck.warnOfUnknown(provenance, policyFile.toString(), terminal);
        ScoredPrompts compared =
                other == null ? null : ScoreFile.read(other, policy, warning -> Warning.show(terminal, warning));
        NoiseChoice band = NoiseChoice.of(noise, compared, prompts, policy);
        EvaluationOptions options = given.withNoise(band.band());
        ReportFolder folder = report == null ? null : ReportFolder.make(report);
        EvaluatedPolicy evaluated = new EvaluatedPolicy(
                scores,
                policyFile,
                prompts,
                policy,
                options,
                provenance,
                Evaluation.of(prompts, policy, options),
                replies == null
                        ? null
                        : replies.evaluate(
                                prompts, policy, policyFile.toString(), strict, options.confidence(), terminal));
        if (folder != null) {
            folder.write(EvaluationReport.files(evaluated, arguments.has("--png")));
        }
        Path data = Replies.data(arguments);
        WrongRows wrong = new WrongRows(prompts, policy, data == null ? Map.of() : WrongRows.texts(data, prompts));
        if (arguments.has("--json")) {
            terminal.printJson(EvaluationJson.of(evaluated, band.json()));
        } else {
            terminal.print(EvaluationText.of(evaluated, terminal.outStyle())
                    + band.text(prompts, policy)
                    + wrong.text(terminal.outStyle()));
        }
        if (wrongFile != null) {
            wrong.write(wrongFile);
            terminal.error("Wrote " + wrong.count() + " wrong decisions to " + Text.oneLine(wrongFile.toString()));
        }
        Rows.warnings(prompts, scores).forEach(warning -> Warning.show(terminal, warning));
        if (evaluated.evaluation().calibratedOnTheseRows()) {
            Warning.show(terminal, calibratedOn(policyFile, SharedPrompts.of(policy, prompts)));
        }
        if (folder != null) {
            terminal.error("Wrote "
                    + Text.oneLine(folder.path().resolve(EvaluationReport.PAGE).toString()));
        }
        return ExitStatus.SUCCESS;
    }

    /** The model whose preset is evaluated: read, and not run for that. */
    private static ModelFile presetModel(Arguments arguments) {
        arguments.oneOf(PresetText.OPTION, PresetText.IDS);
        if (arguments.has("--policy")) {
            throw new UsageException(PresetText.OPTION + " and --policy exclude one another: one policy is evaluated");
        }
        return ModelFile.of(arguments);
    }

    private static String calibratedOn(Path policy, SharedPrompts shared) {
        String rates = ": the rates flatter it and have no intervals; ";
        if (shared.sameFile() || shared.shared() == shared.compared()) {
            return policy + " was calibrated on these very prompts" + rates + "use others";
        }
        return policy + " was calibrated on some of these prompts (" + shared.shared() + " of the " + shared.compared()
                + " rows of which that can be told)" + rates + "leave them out, as "
                + String.join(", ", shared.ids());
    }
}
