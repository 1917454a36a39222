package dev.demur.readout.internal;

import dev.demur.llama.Kernel;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.Decision;
import dev.demur.policy.Reading;
import dev.demur.policy.Rules;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.Opening;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads control tokens in the rows of logits of a context, where llama.cpp keeps them.
 *
 * <p>The numbers of a SIMD kernel are taken only where its proven error interval holds no threshold; otherwise the scalar
 * kernel, which is the specification, reads the row again.
 */
final class TokenReader implements Readout.Reader {

    /** Rows of logits, one for each sequence; {@link LlamaContext#read} tells what is read of one. */
    interface Rows {
        double[] read(int sequence, Kernel kernel, int[] ids, double temperature);
    }

    private final DecisionTokens tokens;
    private final int[] ids;
    private final Kernel kernel;
    private final Rows rows;

    /** By label. */
    private final List<Opening> openings = new ArrayList<>();

    /** Per sequence: the likeliest token of the vocabulary where it was read last. */
    private final int[] argmax;

    TokenReader(DecisionTokens tokens, Kernel kernel, Rows rows, int sequences) {
        this.tokens = tokens;
        this.ids = tokens.ids();
        this.kernel = kernel;
        this.rows = rows;
        this.argmax = new int[sequences];
        tokens.tokens().forEach(token -> openings.add(new Opening.Hidden(token)));
    }

    @Override
    public Reading read(int sequence, Rules rules) {
        double temperature = rules.policy().temperature();
        Reading reading = read(sequence, kernel, temperature);
        return rules.isCertain(reading) ? reading : read(sequence, temperature);
    }

    @Override
    public Reading read(int sequence, double temperature) {
        return read(sequence, Kernel.SCALAR, temperature);
    }

    Reading read(int sequence, Kernel by, double temperature) {
        double[] numbers = rows.read(sequence, by, ids, temperature);
        int likeliest = (int) numbers[2 * ids.length];
        argmax[sequence] = likeliest;
        return Reading.of(
                tokens.labels(), temperature, numbers, tokens.indexOfToken(likeliest), numbers[2 * ids.length + 1]);
    }

    @Override
    public Opening opening(int sequence, Decision decision) {
        return opening(decision, argmax[sequence]);
    }

    /**
     * The opening of a decision.
     *
     * @param likeliest the likeliest token of the vocabulary, with which the model goes on where it is left to itself
     */
    Opening opening(Decision decision, int likeliest) {
        if (decision instanceof Decision.Model) {
            return new Opening.Written(List.of(likeliest));
        }
        int label = decision instanceof Decision.Refuse refuse
                ? tokens.labels().indexOf(refuse.category().id())
                : tokens.labels().respondIndex();
        return openings.get(label);
    }
}
