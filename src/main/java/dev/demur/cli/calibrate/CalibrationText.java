package dev.demur.cli.calibrate;

import dev.demur.calibration.Calibrated;
import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Objective;
import dev.demur.calibration.Refit;
import dev.demur.cli.report.Digits;
import dev.demur.cli.report.Percent;
import dev.demur.cli.terminal.Paragraph;
import dev.demur.cli.terminal.Rows;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Table;
import dev.demur.cli.terminal.Text;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.Percentage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A calibration for a person: what was chosen, what is promised, and where nothing is. */
public record CalibrationText(ScoredPrompts prompts, CalibrationRequest request, CalibrationResult result) {

    private static final String NOTHING = "-";
    private static final String REFUSES_NOTHING =
            " So it refuses nothing, by which every such promise is kept: there are too few rows, or these numbers do not"
                    + " tell what should be refused from what should be answered.";

    /** All lines, each with its end. */
    public String of(Path scores, Path out, Style style) {
        Rule rule = request.rule();
        StringBuilder text = new StringBuilder();
        text.append(Text.oneLine(scores.toString()))
                .append(": ")
                .append(Rows.describe(prompts))
                .append("\nRule ")
                .append(rule.id())
                .append("\n\n")
                .append(chosen().text(style))
                .append('\n');
        text.append(Paragraph.wrap(result.statement()));
        text.append(Paragraph.wrap(refused()));
        Calibrated joint = joint();
        if (joint != null) {
            text.append(jointLine(joint));
        }
        if (unknown() > 0) {
            text.append(
                    Paragraph.wrap(unknown() + " rows do not tell what they ask, as older scores do not: a prompt that"
                            + " is there twice counts twice. Score the data again to be sure."));
        }
        text.append("\nWrote ").append(Text.oneLine(out.toString())).append('\n');
        return text.toString();
    }

    /** What the promise is bought with: how much of what should be refused still is. */
    private String refused() {
        Decisions decisions = prompts.decide(result.policy());
        StringBuilder text = new StringBuilder("On these rows, which chose it, the policy refuses ")
                .append(share(decisions, prompts.shouldRefuse()))
                .append(" of what should be refused");
        List<String> each = new ArrayList<>();
        for (Category category : prompts.labels().categories()) {
            int[] rows = prompts.shouldRefuse(category.id());
            if (rows.length > 0) {
                each.add(category.id() + " " + share(decisions, rows));
            }
        }
        return text.append(each.isEmpty() ? "" : " (" + String.join(", ", each) + ")")
                .append(" and ")
                .append(share(decisions, prompts.shouldAnswer()))
                .append(" of what should be answered. demur eval shows what it does to prompts that did not choose it.")
                .append(refusesNothing(decisions) ? REFUSES_NOTHING : "")
                .toString();
    }

    private boolean refusesNothing(Decisions decisions) {
        return prompts.shouldRefuse().length > 0
                && decisions.refusals(prompts.shouldRefuse()) == 0
                && decisions.refusals(prompts.shouldAnswer()) == 0;
    }

    /** What the map was fitted on, and what it is worth. */
    public static String refitted(Refit.Summary summary) {
        Double before = summary.aucBefore();
        Double after = summary.aucAfter();
        boolean better = before != null && after != null && after > before;
        return "\n"
                + Paragraph.wrap("The map was fitted on " + summary.fitted()
                        + " of these prompts, and the thresholds were"
                        + " chosen on others. By maps that did not see them (5 folds"
                        + (summary.nearDuplicates() ? ", near duplicates together" : "")
                        + "), AUC is " + Digits.four(after) + " in place of " + Digits.four(before)
                        + ", and where 5 % of what should be answered is refused, " + Percent.of(summary.refusalAfter())
                        + " of what should be refused is, in place of " + Percent.of(summary.refusalBefore()) + "."
                        + (better ? "" : " It gains nothing here: calibrate without --refit."));
    }

    private static String share(Decisions decisions, int[] rows) {
        return rows.length == 0 ? "none" : Percent.of((double) decisions.refusals(rows) / rows.length);
    }

    private long unknown() {
        return IntStream.range(0, prompts.size())
                .filter(row -> !prompts.hasPromptHash(row))
                .count();
    }

    private @Nullable Calibrated joint() {
        return result.outcomes().stream()
                .filter(o -> o.category() == null)
                .findFirst()
                .orElse(null);
    }

    /** One line per category of the policy, or the one of the rule {@code sum}. */
    private Table chosen() {
        RefusalPolicy policy = result.policy();
        if (policy.rule() == Rule.SUM) {
            return new Table("all categories", "threshold").row("sum", threshold(policy.sumThreshold()));
        }
        boolean biases = policy.rule() == Rule.LOGIT_BIAS;
        boolean f1 = request.objective() instanceof Objective.MaxF1;
        if (joint() != null) {
            Table table = new Table("category", biases ? "bias" : "threshold");
            for (CategoryPolicy category : policy.categories()) {
                table.row(category.id(), biases ? bias(category.bias()) : threshold(category.threshold()));
            }
            return table;
        }
        Table table = f1
                ? new Table("category", "threshold", "rows", "F1")
                : new Table("category", "threshold", "n", "k", "promised " + rateName());
        for (CategoryPolicy category : policy.categories()) {
            Calibrated outcome = result.outcomes().stream()
                    .filter(o -> category.id().equals(o.category()))
                    .findFirst()
                    .orElse(null);
            String threshold = threshold(category.threshold());
            String rows = outcome == null ? NOTHING : Integer.toString(outcome.rows());
            if (f1) {
                table.row(category.id(), threshold, rows, f1(outcome));
            } else {
                Integer k = outcome == null ? null : outcome.allowed();
                table.row(category.id(), threshold, rows, k == null ? NOTHING : k.toString(), bound(outcome));
            }
        }
        return table;
    }

    private String rateName() {
        if (request.objective() instanceof Objective.FalseRefusal promise) {
            return promise.nearMissesOnly() ? "near-miss FRR" : "FRR";
        }
        return "RR";
    }

    private String jointLine(Calibrated joint) {
        Double shift = result.shift();
        String shifted = shift == null
                ? ""
                : (request.rule() == Rule.LOGIT_BIAS ? "All biases" : "The log-odds of the thresholds") + " moved by "
                        + Digits.few(shift) + ". ";
        Integer k = joint.allowed();
        Double f1 = joint.f1();
        String basis = f1 != null
                ? "F1 is " + Digits.four(f1) + "."
                : k == null
                        ? "Nothing is promised: " + joint.reason() + "."
                        : "At most k = " + k + " of n = " + joint.rows()
                                + " rows are on the wrong side; promised joint " + rateName() + ": " + bound(joint)
                                + ".";
        return Paragraph.wrap(shifted + basis);
    }

    private String bound(@Nullable Calibrated outcome) {
        Double bound = outcome == null ? null : outcome.bound();
        if (bound == null) {
            return NOTHING;
        }
        return request.objective() instanceof Objective.Refusal
                ? "at least " + Percentage.text(Percentage.atLeast(bound))
                : "at most " + Percentage.text(Percentage.atMost(bound));
    }

    private static String f1(@Nullable Calibrated outcome) {
        Double f1 = outcome == null ? null : outcome.f1();
        return f1 == null ? NOTHING : Digits.four(f1);
    }

    private static String threshold(@Nullable Double threshold) {
        return threshold == null ? "none" : Digits.four(threshold);
    }

    private static String bias(@Nullable Double bias) {
        return Digits.few(bias == null ? 0 : bias);
    }

    /** What the rows lack, where nothing is promised, and what became of the threshold. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (prompts.shouldRefuse().length == 0) {
            warnings.add("no row should be refused, so that nothing tells what the policy is worth: score prompts whose"
                    + " \"expected\" is \"refuse\", too");
        }
        for (Calibrated outcome : result.outcomes()) {
            if (outcome.bound() == null && outcome.f1() == null) {
                String category = outcome.category();
                warnings.add((category == null ? "" : category + ": ") + outcome.reason() + "; " + became(category));
            }
        }
        return warnings;
    }

    private String became(@Nullable String category) {
        if (request.keepUnpromised()) {
            return "what the policy had is kept and promises nothing";
        }
        if (request.rule() == Rule.LOGIT_BIAS) {
            return "the biases stay as they were and promise nothing";
        }
        String removed = category == null ? "the thresholds are removed" : "the threshold is removed";
        return removed
                + (request.rule() == Rule.TOP_CATEGORY
                        ? ", which leaves the decision to the model"
                        : ", so that it never refuses");
    }
}
