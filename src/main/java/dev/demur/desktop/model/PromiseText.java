package dev.demur.desktop.model;

import dev.demur.calibration.Calibrated;
import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Objective;
import dev.demur.calibration.Promise;
import dev.demur.calibration.PromisedBound;
import dev.demur.policy.RefusalPolicy;
import dev.demur.statistics.ClopperPearson;
import dev.demur.statistics.Percentage;
import java.math.BigDecimal;
import java.text.NumberFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What policies promise, in the person's language, from the numbers. */
public final class PromiseText {

    private PromiseText() {}

    /**
     * What a policy promises, in a sentence.
     *
     * @param names says what a category is called, by its id
     */
    public static String of(RefusalPolicy policy, Texts texts, UnaryOperator<String> names) {
        List<PromisedBound> told = Promise.of(policy).told();
        if (told.isEmpty()) {
            return texts.get(policy.calibration() == null ? "promise.none" : "promise.nothing");
        }
        return statement(told, texts, names);
    }

    /** Of one bound at least. */
    static String statement(List<PromisedBound> told, Texts texts, UnaryOperator<String> names) {
        String bounds = told.stream().map(bound -> words(bound, texts, names)).collect(Collectors.joining("; "));
        return texts.get("promise.statement", bounds, percent(told.get(0).confidencePercent(), texts));
    }

    private static String words(PromisedBound bound, Texts texts, UnaryOperator<String> names) {
        String of = !bound.ofFalseRefusals() ? "bad" : bound.nearMissesOnly() ? "near" : "good";
        String rate = percent(bound.percent(), texts);
        String category = bound.category();
        return category == null
                ? texts.get("promise." + of, rate)
                : texts.get("promise." + of + ".as", rate, names.apply(category));
    }

    /** As the person's language writes it, with every digit that it has: who rounds here promises something else. */
    private static String percent(BigDecimal percent, Texts texts) {
        NumberFormat format = NumberFormat.getNumberInstance(texts.locale());
        format.setMaximumFractionDigits(percent.scale());
        return texts.get("percent", format.format(percent));
    }

    /** Why a calibration promises nothing, a sentence for each of its outcomes that does not. */
    public static List<String> unkept(CalibrationResult result, Objective.FalseRefusal objective, Texts texts) {
        return result.outcomes().stream()
                .filter(outcome -> outcome.bound() == null)
                .map(outcome -> reason(outcome, objective, texts))
                .toList();
    }

    private static String reason(Calibrated outcome, Objective.FalseRefusal objective, Texts texts) {
        int needed = ClopperPearson.rowsNeeded(objective.target(), objective.confidence());
        return outcome.rows() < needed
                ? texts.get("promise.tooFew", outcome.rows(), needed)
                : texts.get("promise.noSetting", percent(Percentage.exact(objective.target()), texts), outcome.rows());
    }
}
