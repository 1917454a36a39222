package dev.demur.policy;

import java.util.Arrays;

/**
 * What was read at the first position: probability and logit of every control token, and the argmax.
 *
 * <p>Index {@code i} follows {@link ControlTokens}: 0..K-1 the categories, K the respond token.
 */
public final class Readout implements ControlNumbers {

    private final ControlTokens tokens;
    private final double temperature;
    private final double[] probabilities;
    private final double[] logits;
    private final int argmax;
    private final double relativeError;

    private Readout(
            ControlTokens tokens,
            double temperature,
            double[] probabilities,
            double[] logits,
            int argmax,
            double relativeError) {
        this.tokens = tokens;
        this.temperature = temperature;
        this.probabilities = probabilities;
        this.logits = logits;
        this.argmax = argmax;
        this.relativeError = relativeError;
    }

    /**
     * A readout of K + 1 numbers each, copied.
     *
     * @param temperature the &tau; that the probabilities were computed with
     * @param probabilities softmax(z/&tau;) over the full vocabulary at the control tokens; in [0, 1], where a value
     *     above 1 by no more than {@code relativeError} becomes 1
     * @param logits z at the control tokens; may be -inf
     * @param argmax id of the token with the largest logit in the full vocabulary
     * @param relativeError bound on the relative distance of every probability from the scalar kernel's, 0 for that
     *     kernel itself
     * @throws IllegalArgumentException if a number is out of its range; it names the token
     */
    public static Readout of(
            ControlTokens tokens,
            double temperature,
            double[] probabilities,
            double[] logits,
            int argmax,
            double relativeError) {
        RefusalPolicy.requireTemperature(temperature);
        int count = tokens.respondIndex() + 1;
        if (probabilities.length != count || logits.length != count) {
            throw new IllegalArgumentException(count + " control tokens need as many probabilities and logits, not "
                    + probabilities.length + " and " + logits.length);
        }
        if (argmax < 0) {
            throw new IllegalArgumentException("The argmax must be a token id, not " + argmax);
        }
        if (!(relativeError >= 0)) {
            throw new IllegalArgumentException("The relative error must be at least 0, not " + relativeError);
        }
        double[] clamped = new double[count];
        for (int i = 0; i < count; i++) {
            if (!(probabilities[i] >= 0 && probabilities[i] <= 1 + relativeError)) {
                throw new IllegalArgumentException(
                        "The probability of token " + tokens.token(i) + " is " + probabilities[i] + ", not in [0, 1]");
            }
            if (Double.isNaN(logits[i]) || logits[i] == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("The logit of token " + tokens.token(i) + " is " + logits[i]);
            }
            clamped[i] = Math.min(1, probabilities[i]);
        }
        return new Readout(tokens, temperature, clamped, logits.clone(), argmax, relativeError);
    }

    /**
     * A readout from stored probabilities, whose logits are gone: &tau;&middot;ln p stands for z, which differs from it
     * by a shift that all tokens share and no rule sees.
     */
    public static Readout ofProbabilities(
            ControlTokens tokens, double temperature, double[] probabilities, int argmax) {
        double[] logits = new double[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = temperature * StrictMath.log(probabilities[i]);
        }
        return of(tokens, temperature, probabilities, logits, argmax, 0);
    }

    public ControlTokens tokens() {
        return tokens;
    }

    public double temperature() {
        return temperature;
    }

    @Override
    public double probability(int i) {
        return probabilities[i];
    }

    @Override
    public double logit(int i) {
        return logits[i];
    }

    @Override
    public int argmax() {
        return argmax;
    }

    /** Bound on the relative distance of every probability from the scalar kernel's; 0: exact. */
    public double relativeError() {
        return relativeError;
    }

    /** The sum of the probabilities of all control tokens: near 1 where model and chat template are right. */
    public double coverage() {
        double sum = 0;
        for (double p : probabilities) {
            sum += p;
        }
        return sum;
    }

    @Override
    public String toString() {
        return "Readout[" + tokens.describeIds() + ", respond: p=" + Arrays.toString(probabilities) + ", z="
                + Arrays.toString(logits) + ", argmax=" + argmax + ", temperature=" + temperature + ", relativeError="
                + relativeError + "]";
    }
}
