package dev.demur.cli.calibrate;

import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.Objective;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.UsageException;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The options that say what to calibrate.
 *
 * @param rule null for the policy's, else {@code threshold}
 * @param categories ids; empty for all
 * @param policy the policy file to start from; null for the rule's defaults
 * @param refit whether a map is fitted first, by which the rule {@code refit} decides
 * @param keepUnpromised whether a threshold stays where nothing can be promised
 */
public record CalibrationOptions(
        Objective objective,
        boolean joint,
        @Nullable Rule rule,
        List<String> categories,
        @Nullable Path policy,
        boolean refit,
        boolean keepUnpromised) {

    private static final String FALSE_REFUSAL = "--target-false-refusal";
    private static final String REFUSAL = "--target-refusal";
    private static final String MAX_F1 = "--max-f1";
    public static final String REFIT = "--refit";
    private static final String JOINT = "--joint";
    private static final String PER_CATEGORY = "--per-category";

    public CalibrationOptions {
        categories = List.copyOf(categories);
    }

    public static void addTo(CommandSpec spec) {
        List<String> rules = Arrays.stream(Rule.values()).map(Rule::id).toList();
        spec.addOption(Options.value(
                        FALSE_REFUSAL,
                        "A",
                        "Promises a false refusal rate of at most A, such as 0.05, and refuses as much as that"
                                + " allows."))
                .addOption(Options.value(
                        REFUSAL,
                        "R",
                        "Promises a refusal rate of at least R, such as 0.9, and refuses as little as that"
                                + " allows."))
                .addOption(Options.flag(MAX_F1, "Chooses the largest F1 on these rows; promises nothing."))
                .addOption(Options.value(
                        "--confidence", "C", "The confidence of the promise, between 0 and 1 (default: 0.95)."))
                .addOption(
                        Options.flag(
                                JOINT,
                                "Lowers all thresholds for one promise, of the rate of being refused at all (the default): those"
                                        + " further that refuse more of what they should. From --policy they move by one shift."))
                .addOption(Options.flag(
                        PER_CATEGORY,
                        "Gives every category a threshold and a promise of its own. Together they promise far less:"
                                + " five categories at 5 % each may refuse 25 % and more."))
                .addOption(Options.flag(
                        REFIT,
                        "Fits a logistic map over the probabilities on a part of these prompts, by which the rule refit"
                                + " decides, and chooses the thresholds on the others. For prompts unlike those that the"
                                + " model was trained on, from some hundred of them on; says what it is worth."))
                .addOption(Options.flag("--near-miss", "Counts false refusals among near misses only."))
                .addOption(Options.choice(
                        "--rule",
                        "RULE",
                        rules,
                        "The policy's rule: " + String.join(", ", rules)
                                + " (default: that of --policy, else threshold)."))
                .addOption(Options.value(
                        "--categories",
                        "IDS",
                        "The categories to calibrate, separated by commas (default: those with a threshold in --policy,"
                                + " else all). The others stay as --policy has them, else without a threshold."))
                .addOption(Options.file(
                        "--policy",
                        "FILE",
                        "The policy to start from (default: 0.5 for every category). What is not calibrated is kept; with"
                                + " --refit, its replies and which categories have a threshold."))
                .addOption(Options.flag(
                        "--keep-unpromised",
                        "Keeps the old threshold of a category that nothing can be promised for. Without this option"
                                + " it is removed."));
    }

    public static CalibrationOptions from(Arguments arguments) {
        Objective objective = objective(arguments);
        if (arguments.has(JOINT) && arguments.has(PER_CATEGORY)) {
            throw new UsageException(JOINT + " and " + PER_CATEGORY + " exclude each other: give one of them");
        }
        String ruleId = arguments.oneOf(
                "--rule", Arrays.stream(Rule.values()).map(Rule::id).toList());
        boolean refit = arguments.has(REFIT);
        if (refit && ruleId != null && !ruleId.equals(Rule.REFIT.id())) {
            throw new UsageException(REFIT + " fits a map for the rule refit, which --rule " + ruleId
                    + " is not: leave one of them out");
        }
        return new CalibrationOptions(
                objective,
                !arguments.has(PER_CATEGORY),
                ruleId == null ? null : Rule.of(ruleId),
                categories(arguments.text("--categories")),
                arguments.path("--policy"),
                refit,
                arguments.has("--keep-unpromised"));
    }

    private static Objective objective(Arguments arguments) {
        List<String> given = new ArrayList<>(List.of(FALSE_REFUSAL, REFUSAL, MAX_F1));
        given.removeIf(option -> !arguments.has(option));
        if (given.size() != 1) {
            throw new UsageException(
                    given.isEmpty()
                            ? "the objective is missing: give " + FALSE_REFUSAL + " A, " + REFUSAL + " R or " + MAX_F1
                            : String.join(" and ", given) + " exclude each other: give one of them");
        }
        boolean nearMisses = arguments.has("--near-miss");
        double confidence = arguments.openShare("--confidence", Objective.DEFAULT_CONFIDENCE);
        if (arguments.has(FALSE_REFUSAL)) {
            return new Objective.FalseRefusal(arguments.openShare(FALSE_REFUSAL, 0), confidence, nearMisses);
        }
        if (arguments.has(REFUSAL)) {
            if (nearMisses) {
                throw new UsageException(
                        "--near-miss has no effect on " + REFUSAL + ", which counts no false refusals: leave it out");
            }
            return new Objective.Refusal(arguments.openShare(REFUSAL, 0), confidence);
        }
        if (arguments.has("--confidence")) {
            throw new UsageException(
                    "--confidence has no effect on " + MAX_F1 + ", which promises nothing: leave it" + " out");
        }
        return new Objective.MaxF1(nearMisses);
    }

    private static List<String> categories(@Nullable String text) {
        if (text == null) {
            return List.of();
        }
        List<String> ids = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String id = part.strip();
            if (id.isEmpty()) {
                throw new UsageException("--categories is '" + text + "': it must be ids separated by commas, as"
                        + " safety,unsupported");
            }
            if (ids.contains(id)) {
                throw new UsageException("--categories names '" + id + "' twice: name it once");
            }
            ids.add(id);
        }
        return ids;
    }

    /**
     * What is to be calibrated, for one model.
     *
     * @param start the policy in the file
     * @throws UsageException if a category is none of the model's, or the rule cannot calibrate single categories
     */
    public CalibrationRequest request(@Nullable RefusalPolicy start, Labels labels) {
        Rule applied = refit ? Rule.REFIT : rule != null ? rule : start != null ? start.rule() : Rule.THRESHOLD;
        if (!categories.isEmpty() && (applied == Rule.SUM || applied == Rule.LOGIT_BIAS)) {
            throw new UsageException("--categories does not go with the rule " + applied.id()
                    + ", which calibrates all categories by one number: leave it out");
        }
        if (applied == Rule.REFIT && !refit && (start == null || start.map() == null)) {
            throw new UsageException("the rule refit goes by a map that is fitted first: add " + REFIT
                    + ", or give a policy that has one, --policy FILE");
        }
        for (String id : categories) {
            if (labels.indexOf(id) < 0) {
                throw new UsageException("--categories names '" + id
                        + "', which is no category of the scored model: it has " + labels.categoryIds());
            }
        }
        return CalibrationRequest.builder(applied, objective)
                .joint(joint)
                .categories(categories)
                .start(start)
                .keepUnpromised(keepUnpromised)
                .build();
    }
}
