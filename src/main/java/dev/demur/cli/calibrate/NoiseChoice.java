package dev.demur.cli.calibrate;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.calibration.Noise;
import dev.demur.cli.report.Digits;
import dev.demur.cli.report.Percent;
import dev.demur.cli.terminal.Paragraph;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.math.BigDecimal;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/**
 * How wide the noise band is that {@code eval} counts rows in, and what is known of the noise.
 *
 * @param band its half width
 * @param noise what was measured, with this model or one like it; null: {@code --noise} says the band alone
 * @param measured whether that was with this model
 * @param decidedOtherwise how many prompts the policy decides otherwise by the scores that it is compared with; null: with none
 */
public record NoiseChoice(
        double band,
        @Nullable Noise noise,
        boolean measured,
        @Nullable Integer decidedOtherwise) {

    /** What is to be done where the noise is that of another model. */
    public static final String ADVICE =
            "This policy keeps no measurement of its own: score the same data with both llama.cpps,"
                    + " and give the other scores to demur calibrate --compare, which keeps it.";

    private static final double LEAST_ROUNDED = 0.01;

    /** What {@code --noise} says, else what {@code --compare} measures, the policy keeps, or is typical of the weights. */
    public static NoiseChoice of(
            @Nullable Double option, @Nullable ScoredPrompts compared, ScoredPrompts prompts, RefusalPolicy policy) {
        Noise noise;
        boolean measured = true;
        Integer otherwise = null;
        if (compared != null) {
            noise = Noise.between(prompts, compared);
            otherwise = Noise.decidedOtherwise(prompts, compared, policy);
        } else {
            noise = Noise.of(policy);
            if (noise == null) {
                measured = false;
                noise = Noise.typical(prompts.meta().map(ScoreMeta::weights).orElse(null));
            }
        }
        double band = option != null ? option : noise != null ? noise.largest() : EvaluationOptions.DEFAULT_NOISE;
        return new NoiseChoice(band, noise, measured, otherwise);
    }

    /** What a change of llama.cpp is worth, for a person; nothing where nothing is known. */
    public String text(ScoredPrompts prompts, RefusalPolicy policy) {
        if (noise == null) {
            return Paragraph.wrap(
                    "(What these weights are is not recorded. Quantised ones differ by far more between two"
                            + " llama.cpps: score the same data with both, and give the other file to --compare.)");
        }
        int within = Evaluation.rowsWithin(prompts, policy, noise.median());
        int all = prompts.distinct().length;
        String text =
                words(noise) + " Within the median of a threshold: " + within + (within == 1 ? " row, " : " rows, ")
                        + Percent.of(all == 0 ? null : Double.valueOf((double) within / all)) + ".";
        if (decidedOtherwise != null) {
            text += " By the other scores the policy decides " + decidedOtherwise + " of " + noise.prompts()
                    + " prompts otherwise.";
        }
        return Paragraph.wrap(text + (measured ? "" : " " + ADVICE));
    }

    /**
     * As {@code Another llama.cpp or device moved log-odds by 0.16 in the median; the largest difference seen among 800 prompts
     * was 0.994 (measured …). Other prompts may move further.}
     */
    public static String words(Noise noise) {
        return "Another llama.cpp or device moved log-odds by " + amount(noise.median())
                + " in the median; the largest difference seen among " + noise.prompts() + " prompts was "
                + amount(noise.largest()) + " (" + noise.origin() + "). Other prompts may move further.";
    }

    /** Three decimals, or two digits of what would be nothing by these. */
    public static String amount(double noise) {
        return noise >= LEAST_ROUNDED || noise == 0
                ? Digits.few(noise)
                : new BigDecimal(noise, new MathContext(2)).stripTrailingZeros().toPlainString();
    }

    /** As {@code eval --json} has it; null where nothing is known. */
    @Nullable
    public JsonObject json() {
        if (noise == null) {
            return null;
        }
        JsonObject json = JsonParser.parseString(noise.toJson()).getAsJsonObject();
        json.addProperty("decidedOtherwise", decidedOtherwise);
        return json;
    }
}
