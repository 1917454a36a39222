package dev.demur.readout;

import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaContext;
import dev.demur.policy.Decision;
import dev.demur.policy.Reading;
import dev.demur.policy.Rules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads control tokens in the rows of logits of one context, where llama.cpp keeps them.
 *
 * <p>A SIMD kernel decides only where its proven error interval holds no threshold; otherwise the scalar kernel, which is
 * the specification, reads the row again.
 */
final class TokenReader implements Readout.Reader {

    /** Where a row's numbers are read, by a kernel and with a temperature; as {@link LlamaContext#read} gives them. */
    interface Row {
        ByteBuffer read(Kernel kernel, int[] ids, double temperature);
    }

    private final DecisionTokens tokens;
    private final int[] ids;
    private final Kernel kernel;
    private final LlamaContext context;

    /** By label. */
    private final List<Opening> openings;

    TokenReader(DecisionTokens tokens, Kernel kernel, LlamaContext context) {
        this.tokens = tokens;
        this.ids = tokens.ids();
        this.kernel = kernel;
        this.context = context;
        this.openings = openings(tokens);
    }

    private static List<Opening> openings(DecisionTokens tokens) {
        List<Opening> openings = new ArrayList<>();
        tokens.tokens().forEach(token -> openings.add(new Opening.Hidden(token)));
        return openings;
    }

    @Override
    public Verdict decide(int sequence, Rules rules) {
        return decide((with, at, temperature) -> context.read(sequence, with, at, temperature), rules);
    }

    Verdict decide(Row row, Rules rules) {
        double temperature = rules.policy().temperature();
        ByteBuffer numbers = row.read(kernel, ids, temperature);
        Reading reading = reading(numbers, temperature);
        if (!rules.isCertain(reading)) {
            numbers = row.read(Kernel.SCALAR, ids, temperature);
            reading = reading(numbers, temperature);
        }
        return verdict(rules.decide(reading), argmax(numbers));
    }

    /**
     * The verdict of a decision.
     *
     * @param argmax the likeliest token of the vocabulary, with which the model goes on where it is left to itself
     */
    Verdict verdict(Decision decision, int argmax) {
        int label = decision instanceof Decision.Refuse refuse
                ? tokens.labels().indexOf(refuse.category().id())
                : tokens.labels().respondIndex();
        return new Verdict(
                decision,
                decision instanceof Decision.Model ? new Opening.Written(List.of(argmax)) : openings.get(label));
    }

    @Override
    public Reading read(int sequence, double temperature) {
        return reading(context.read(sequence, Kernel.SCALAR, ids, temperature), temperature);
    }

    Reading reading(ByteBuffer numbers, double temperature) {
        double relativeError = numbers.getDouble(8 * (2 * ids.length + 1));
        return Reading.of(tokens.labels(), temperature, numbers, tokens.indexOfToken(argmax(numbers)), relativeError);
    }

    private int argmax(ByteBuffer numbers) {
        return (int) numbers.getDouble(8 * 2 * ids.length);
    }
}
