package dev.demur.policy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * What was read at the first position: probability and logit of every control token, and the argmax.
 *
 * <p>Index {@code i} follows {@link ControlTokens}: 0..K-1 the categories, K the respond token.
 */
public final class Readout implements ControlNumbers {

    private final ControlTokens tokens;
    private final double temperature;
    private final double[] numbers; // the probabilities, then the logits
    private final int argmax;
    private final double relativeError;

    private Readout(ControlTokens tokens, double temperature, double[] numbers, int argmax, double relativeError) {
        RefusalPolicy.requireTemperature(temperature);
        this.tokens = tokens;
        this.temperature = temperature;
        this.numbers = numbers;
        this.argmax = argmax;
        this.relativeError = relativeError;
        if (argmax < 0) {
            throw new IllegalArgumentException("The argmax must be a token id, not " + argmax);
        }
        if (!(relativeError >= 0)) {
            throw new IllegalArgumentException("The relative error must be at least 0, not " + relativeError);
        }
        int count = numbers.length / 2;
        for (int i = 0; i < count; i++) {
            double p = numbers[i];
            if (!(p >= 0 && p <= 1 + relativeError)) {
                throw new IllegalArgumentException(
                        "The probability of token " + tokens.token(i) + " is " + p + ", not in [0, 1]");
            }
            double z = numbers[count + i];
            if (Double.isNaN(z) || z == Double.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("The logit of token " + tokens.token(i) + " is " + z);
            }
            numbers[i] = Math.min(1, p);
        }
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
        int count = tokens.respondIndex() + 1;
        if (probabilities.length != count || logits.length != count) {
            throw new IllegalArgumentException(count + " control tokens need as many probabilities and logits, not "
                    + probabilities.length + " and " + logits.length);
        }
        double[] numbers = Arrays.copyOf(probabilities, 2 * count);
        System.arraycopy(logits, 0, numbers, count, count);
        return new Readout(tokens, temperature, numbers, argmax, relativeError);
    }

    /** How many doubles make a readout of this many control tokens. */
    public static int numbers(int tokens) {
        return 2 * tokens + 2;
    }

    /**
     * A readout as native code writes it to the beginning of a buffer: {@link #numbers} doubles, the K + 1 probabilities,
     * as many logits, the argmax and the relative error. Nothing else is allocated than what the readout consists of.
     *
     * @throws IllegalArgumentException as for {@link #of(ControlTokens, double, double[], double[], int, double)}
     */
    public static Readout of(ControlTokens tokens, double temperature, ByteBuffer written) {
        int count = tokens.respondIndex() + 1;
        double[] numbers = new double[2 * count];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = written.getDouble(8 * i);
        }
        int argmax = (int) written.getDouble(8 * numbers.length);
        return new Readout(tokens, temperature, numbers, argmax, written.getDouble(8 * numbers.length + 8));
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
        return numbers[Objects.checkIndex(i, numbers.length / 2)];
    }

    @Override
    public double logit(int i) {
        return numbers[numbers.length / 2 + Objects.checkIndex(i, numbers.length / 2)];
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
        for (int i = 0; i < numbers.length / 2; i++) {
            sum += numbers[i];
        }
        return sum;
    }

    @Override
    public String toString() {
        return "Readout[" + tokens.describeIds() + ", respond: p="
                + Arrays.toString(Arrays.copyOf(numbers, numbers.length / 2)) + ", z="
                + Arrays.toString(Arrays.copyOfRange(numbers, numbers.length / 2, numbers.length)) + ", argmax="
                + argmax + ", temperature=" + temperature + ", relativeError="
                + relativeError + "]";
    }
}
