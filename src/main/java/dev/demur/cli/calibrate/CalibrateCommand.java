package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.calibration.Calibrated;
import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Noise;
import dev.demur.calibration.Objective;
import dev.demur.calibration.PromptGroups;
import dev.demur.calibration.Refit;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.PolicyPlace;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Rows;
import dev.demur.cli.terminal.Terminal;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoredPrompts;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur calibrate}: chooses thresholds on scored prompts, says what they promise, and writes the policy. */
public final class CalibrateCommand implements Command {

    private static final String DATA = "--data";
    private static final String COMPARE = "--compare";

    @Override
    public String name() {
        return "calibrate";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Chooses thresholds on scored prompts, with a promise.")
                .description(
                        "",
                        "Chooses the thresholds of a policy on prompts that were scored, says what they promise for fresh"
                                + " prompts from the same source, and writes the policy.")
                .footer(
                        "",
                        "Examples:",
                        "  demur calibrate --scores s.jsonl --target-false-refusal 0.05 --out policy.json",
                        "  demur calibrate --scores s.jsonl --target-false-refusal 0.05 \\",
                        "      --policy start.json --out policy.json",
                        "  demur calibrate --scores s.jsonl --target-false-refusal 0.05 --per-category \\",
                        "      --out policy.json",
                        "  demur calibrate --scores s.jsonl --target-false-refusal 0.05 --refit \\",
                        "      --data prompts.jsonl --out policy.json",
                        "  demur calibrate --scores s.jsonl --max-f1 --rule relative --out policy.json",
                        "",
                        "A promise needs rows: 59 for a target of 0.05, 299 for 0.01, at the confidence",
                        "0.95. A policy on which nothing at all is promised is not written.",
                        "",
                        "Exit status: 0 success (a category without a promise is named in a warning),",
                        "1 failure at run time, 2 wrong usage.");
        spec.addOption(Options.file("--scores", "FILE", "The scored prompts, as demur score writes them."))
                .addOption(Options.file(
                        "--out", "FILE", "The policy file to write. It replaces a policy, and no other file."));
        spec.addOption(Options.file(
                COMPARE,
                "FILE",
                "Scores of the same prompts by another llama.cpp or device. Measures how far they differ, and keeps that"
                        + " in the policy, for eval and doctor."));
        CalibrationOptions.addTo(spec);
        ScoredBy.addTo(spec);
        spec.addOption(TrainingRows.allowOption());
        spec.addOption(Options.file(
                DATA,
                "FILE",
                "With --refit: the data that were scored. Near duplicates among their prompts are then kept together, and"
                        + " not only prompts that are the same."));
        spec.addOption(Options.flag("--json", "Prints the written policy as JSON, with its calibration object."));
        return spec;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        Path scores = required(arguments, "--scores");
        Path out = required(arguments, "--out");
        CalibrationOptions options = CalibrationOptions.from(arguments);
        PolicyPlace place = PolicyPlace.of(out, scores);
        Path data = arguments.path(DATA);
        if (data != null && !options.refit()) {
            throw new UsageException(DATA + " has no effect without " + CalibrationOptions.REFIT + ": leave it out");
        }

        Path policyFile = options.policy();
        RefusalPolicy start = policyFile == null ? null : PolicyFile.read(policyFile);
        ScoredPrompts prompts = ScoreFile.read(scores, start, warning -> Warning.show(terminal, warning));
        ScoredBy.require(arguments, prompts, scores);
        if (start != null) {
            prompts.requireReadout(start, String.valueOf(policyFile));
            prompts.requireTemperature(start, String.valueOf(policyFile));
        }
        TrainingRows.require(prompts, scores, arguments, terminal);
        CalibrationRequest request = options.request(start, prompts.labels());
        requireRows(prompts, request.objective(), scores);
        Refit.Refitted refitted = options.refit() ? refit(prompts, request, data) : null;
        CalibrationResult result = refitted == null ? Calibrator.calibrate(prompts, request) : refitted.result();
        requireSomething(result, request, options.refit());

        Path other = arguments.path(COMPARE);
        RefusalPolicy policy = result.policy();
        if (other != null) {
            Noise noise =
                    Noise.between(prompts, ScoreFile.read(other, start, warning -> Warning.show(terminal, warning)));
            policy = noise.keptBy(policy);
            terminal.error(NoiseChoice.words(noise));
        }
        byte[] written = PolicyFile.write(policy).getBytes(StandardCharsets.UTF_8);
        place.write(written);
        CalibrationText text = new CalibrationText(prompts, request, result);
        if (arguments.has("--json")) {
            terminal.printJson(new String(written, StandardCharsets.UTF_8));
        } else {
            terminal.print(text.of(scores, out, terminal.outStyle()));
            if (refitted != null) {
                terminal.print(CalibrationText.refitted(refitted.summary()));
            }
        }
        Rows.warnings(prompts, scores).forEach(warning -> Warning.show(terminal, warning));
        text.warnings().forEach(warning -> Warning.show(terminal, warning));
        return ExitStatus.SUCCESS;
    }

    private static Refit.Refitted refit(ScoredPrompts prompts, CalibrationRequest request, @Nullable Path data) {
        Map<String, String> texts = data == null ? Map.of() : WrongRows.texts(data, prompts);
        return Refit.calibrate(prompts, request, PromptGroups.of(prompts, texts));
    }

    public static Path required(Arguments arguments, String option) {
        Path path = arguments.path(option);
        if (path == null) {
            throw new UsageException(option + " is missing: " + option + " FILE");
        }
        return path;
    }

    /** Without a row of the kind that the objective counts, "too few rows" would be the wrong advice: labels are. */
    private static void requireRows(ScoredPrompts prompts, Objective objective, Path scores) {
        boolean nearMisses = objective instanceof Objective.FalseRefusal promise && promise.nearMissesOnly()
                || objective instanceof Objective.MaxF1 best && best.nearMissesOnly();
        if (!(objective instanceof Objective.Refusal)) {
            require(prompts.shouldAnswer(), scores, "should-answer", "whose \"expected\" is \"respond\"");
            if (nearMisses) {
                require(
                        prompts.nearMisses(),
                        scores,
                        "near-miss",
                        "whose \"expected\" is \"respond\" and whose" + " \"category\" is not \"none\"");
            }
        }
        if (!(objective instanceof Objective.FalseRefusal)) {
            require(prompts.shouldRefuse(), scores, "should-refuse", "whose \"expected\" is \"refuse\"");
        }
    }

    private static void require(int[] rows, Path scores, String kind, String which) {
        if (rows.length == 0) {
            throw new DemurException(
                    scores + ": has no " + kind + " rows, which this objective needs: score prompts " + which);
        }
    }

    /** A policy that never refuses, because no category had enough rows, is not what anybody asked for. */
    private static void requireSomething(CalibrationResult result, CalibrationRequest request, boolean refit) {
        boolean chosen = result.outcomes().stream().anyMatch(o -> o.bound() != null || o.f1() != null);
        if (!chosen && !request.keepUnpromised()) {
            String reasons = byReason(result.outcomes()).entrySet().stream()
                    .map(reason -> reason.getValue() + reason.getKey())
                    .collect(Collectors.joining("; "));
            throw new DemurException("nothing can be promised, so no policy is written (" + reasons
                    + "): score more prompts, or choose another target or confidence"
                    + (refit
                            ? "; without " + CalibrationOptions.REFIT
                                    + ", which takes a third of the rows for its map, all" + " of them count"
                            : ""));
        }
    }

    /** The reasons, each with the categories that it holds for, as {@code safety, unsupported: }; none for a joint one. */
    private static Map<String, String> byReason(List<Calibrated> outcomes) {
        Map<String, String> categories = new LinkedHashMap<>();
        for (Calibrated outcome : outcomes) {
            String category = outcome.category();
            String name = category == null ? "" : category + ": ";
            categories.merge(
                    String.valueOf(outcome.reason()),
                    name,
                    (before, next) -> next.isEmpty() ? before : before.substring(0, before.length() - 2) + ", " + next);
        }
        return categories;
    }
}
