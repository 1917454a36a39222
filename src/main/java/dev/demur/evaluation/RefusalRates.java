package dev.demur.evaluation;

import dev.demur.arguments.Given;
import dev.demur.statistics.OperatingPoint;
import dev.demur.statistics.Rate;
import dev.demur.statistics.Reliability;
import dev.demur.statistics.RocCurve;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a policy does to labelled prompts: by one category's threshold, or jointly.
 *
 * <p>For a category, "refused" means that its score reaches its threshold, whatever the other thresholds; the prompts
 * are all should-answer rows and the should-refuse rows labelled with it. Jointly it means refused at all, of all rows.
 *
 * @param category a category's id; null: jointly
 * @param falseRefusal share of the should-answer rows that are refused
 * @param nearMissFalseRefusal the same over its near misses, jointly over all near misses
 * @param refusal share of the should-refuse rows that are refused, also called recall
 * @param precision share of the refused rows that should be
 * @param f1 harmonic mean of precision and recall; null: there are neither should-refuse nor refused rows
 * @param roc the curve that the threshold moves on, jointly the shared shift
 * @param operatingPoints the refusal rates at false refusal rates of 1 % and 5 %, wherever the threshold is
 * @param reliability of p_c for "should be refused as c" over all rows, jointly of &Sigma; p_c for "should be refused"
 */
public record RefusalRates(
        @Nullable String category,
        Rate falseRefusal,
        Rate nearMissFalseRefusal,
        Rate refusal,
        Rate precision,
        @Nullable Double f1,
        RocCurve roc,
        List<OperatingPoint> operatingPoints,
        Reliability reliability) {

    public RefusalRates {
        Given.value(falseRefusal, "falseRefusal");
        Given.value(nearMissFalseRefusal, "nearMissFalseRefusal");
        Given.value(refusal, "refusal");
        Given.value(precision, "precision");
        Given.value(roc, "roc");
        operatingPoints = Given.list(operatingPoints, "operatingPoints");
        Given.value(reliability, "reliability");
    }
}
