package dev.demur.calibration;

/**
 * How to evaluate.
 *
 * @param confidence of the intervals, between 0 and 1
 * @param noise half width of the noise band around a threshold, in log-odds ({@code logit-bias}: in logits), at least 0
 * @param steeringShift how far the steering matrix moves each threshold to both sides, in log-odds or logits, above 0
 * @param rocPoints the most points of a ROC curve, at least 2
 * @param reliabilityBins at least 1
 */
public record EvaluationOptions(
        double confidence, double noise, double steeringShift, int rocPoints, int reliabilityBins) {

    /**
     * Half width of the noise band: how far scores of the same prompt were measured to lie apart where batch shape or
     * llama.cpp differ. docs/CALIBRATION.md has the measurement.
     */
    public static final double DEFAULT_NOISE = 0.01;

    private static final double STEERING_SHIFT = 1;
    private static final int ROC_POINTS = 200;
    private static final int RELIABILITY_BINS = 15;

    public EvaluationOptions {
        ClopperPearson.requireOpen("confidence", confidence);
        if (!(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("noise: " + noise + " is not a finite number of at least 0");
        }
        if (!(steeringShift > 0 && steeringShift < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("steeringShift: " + steeringShift + " is not a finite number above 0");
        }
        if (rocPoints < 2 || reliabilityBins < 1) {
            throw new IllegalArgumentException(
                    "A curve needs 2 points and a bin, not " + rocPoints + " and " + reliabilityBins);
        }
    }

    /** 95 % intervals, thresholds moved by 1, and the noise band that was measured. */
    public static final EvaluationOptions DEFAULTS = new EvaluationOptions(
            Objective.DEFAULT_CONFIDENCE, DEFAULT_NOISE, STEERING_SHIFT, ROC_POINTS, RELIABILITY_BINS);

    public EvaluationOptions withNoise(double newNoise) {
        return new EvaluationOptions(confidence, newNoise, steeringShift, rocPoints, reliabilityBins);
    }

    public EvaluationOptions withConfidence(double newConfidence) {
        return new EvaluationOptions(newConfidence, noise, steeringShift, rocPoints, reliabilityBins);
    }
}
