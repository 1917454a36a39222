package dev.demur.evaluation;

import dev.demur.calibration.Noise;
import dev.demur.calibration.Objective;
import dev.demur.statistics.numeric.UnitInterval;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to evaluate.
 */
public final class EvaluationOptions {

    /**
     * Half width of the noise band: how far scores of the same prompt were measured to lie apart where batch shape or
     * llama.cpp differ. docs/CALIBRATION.md has the measurement.
     */
    public static final double DEFAULT_NOISE = Noise.LARGEST_UNQUANTISED;

    private static final double STEERING_SHIFT = 1;
    private static final int ROC_POINTS = 200;
    private static final int RELIABILITY_BINS = 15;

    /** 95 % intervals, thresholds moved by 1, and the noise band that was measured. */
    public static final EvaluationOptions DEFAULTS = builder().build();

    private final double confidence;
    private final double noise;
    private final double steeringShift;
    private final int rocPoints;
    private final int reliabilityBins;

    private EvaluationOptions(Builder from) {
        this.confidence = from.confidence;
        this.noise = from.noise;
        this.steeringShift = from.steeringShift;
        this.rocPoints = from.rocPoints;
        this.reliabilityBins = from.reliabilityBins;
        UnitInterval.requireInside("confidence", confidence);
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

    /** Begins with what {@link #DEFAULTS} have. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that begins with these. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.confidence = confidence;
        builder.noise = noise;
        builder.steeringShift = steeringShift;
        builder.rocPoints = rocPoints;
        builder.reliabilityBins = reliabilityBins;
        return builder;
    }

    /** The confidence of the intervals, between 0 and 1. */
    public double confidence() {
        return confidence;
    }

    /** Half width of the noise band around a threshold, in log-odds ({@code logit-bias}: in logits), at least 0. */
    public double noise() {
        return noise;
    }

    /** How far the steering matrix moves each threshold to both sides, in log-odds or logits, above 0. */
    public double steeringShift() {
        return steeringShift;
    }

    /** The most points of a ROC curve, at least 2. */
    public int rocPoints() {
        return rocPoints;
    }

    /** At least 1. */
    public int reliabilityBins() {
        return reliabilityBins;
    }

    /** The same with another half width of the noise band. */
    public EvaluationOptions withNoise(double newNoise) {
        return toBuilder().noise(newNoise).build();
    }

    /** The same with another confidence of the intervals. */
    public EvaluationOptions withConfidence(double newConfidence) {
        return toBuilder().confidence(newConfidence).build();
    }

    private Map<String, @Nullable Object> values() {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("confidence", confidence);
        values.put("noise", noise);
        values.put("steeringShift", steeringShift);
        values.put("rocPoints", rocPoints);
        values.put("reliabilityBins", reliabilityBins);
        return values;
    }

    /** Whether both say the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EvaluationOptions that && values().equals(that.values());
    }

    @Override
    public int hashCode() {
        return values().hashCode();
    }

    @Override
    public String toString() {
        return "EvaluationOptions" + values().entrySet();
    }

    /** Collects how to evaluate. */
    public static final class Builder {

        private double confidence = Objective.DEFAULT_CONFIDENCE;
        private double noise = DEFAULT_NOISE;
        private double steeringShift = STEERING_SHIFT;
        private int rocPoints = ROC_POINTS;
        private int reliabilityBins = RELIABILITY_BINS;

        private Builder() {}

        /** Sets {@link EvaluationOptions#confidence}. */
        public Builder confidence(double newConfidence) {
            this.confidence = newConfidence;
            return this;
        }

        /** Sets {@link EvaluationOptions#noise}. */
        public Builder noise(double newNoise) {
            this.noise = newNoise;
            return this;
        }

        /** Sets {@link EvaluationOptions#steeringShift}. */
        public Builder steeringShift(double newSteeringShift) {
            this.steeringShift = newSteeringShift;
            return this;
        }

        /** Sets {@link EvaluationOptions#rocPoints}. */
        public Builder rocPoints(int newRocPoints) {
            this.rocPoints = newRocPoints;
            return this;
        }

        /** Sets {@link EvaluationOptions#reliabilityBins}. */
        public Builder reliabilityBins(int newReliabilityBins) {
            this.reliabilityBins = newReliabilityBins;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is null that must not be, or out of its range
         */
        public EvaluationOptions build() {
            return new EvaluationOptions(this);
        }
    }
}
