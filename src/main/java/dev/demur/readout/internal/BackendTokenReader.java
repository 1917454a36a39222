package dev.demur.readout.internal;

import dev.demur.llama.LlamaException;
import dev.demur.llama.internal.BackendSampling;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaLog;
import dev.demur.policy.Decision;
import dev.demur.policy.Reading;
import dev.demur.policy.Rules;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.Opening;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads control tokens by backend sampling of one context, and on the host what cannot be read there. The device decides
 * too, by the rules {@code threshold} and {@code relative}; where rounding makes its token another one, the host's stands
 * and that is counted.
 */
final class BackendTokenReader implements Readout.Reader {

    private final DecisionTokens tokens;
    private final LlamaContext context;
    private final TokenReader onHost;
    private final BackendSampling graph;

    /** Per sequence: what its next outputs are read by. */
    private final @Nullable Rules[] prepared;

    private boolean impossible;
    private long differences;

    BackendTokenReader(DecisionTokens tokens, LlamaContext context, TokenReader onHost) {
        this.tokens = tokens;
        this.context = context;
        this.onHost = onHost;
        this.graph = context.inGraph(tokens.ids());
        this.prepared = new @Nullable Rules[context.sequences()];
        attach();
    }

    /** Has the graph read from the next decode on; where it cannot, says so in the log, once. */
    private void attach() {
        try {
            graph.attach();
        } catch (LlamaException e) {
            if (e.reason() != LlamaException.Reason.UNSUPPORTED) {
                throw e;
            }
            impossible = true;
            LlamaLog.warn("The logits come to the host and are read there. " + e.getMessage());
        }
        Arrays.fill(prepared, null);
    }

    /** How often the device's token was not that of the decision, which stood. */
    long differences() {
        return differences;
    }

    @Override
    public void prepare(int[] sequences, List<Rules> rules, boolean greedily) {
        if (!greedily || impossible || !rules.stream().allMatch(BackendTokenReader::isWithinRange)) {
            graph.detach(); // one that the graph cannot read brings all rows to the host
            return;
        }
        if (!graph.isAttached()) {
            attach();
        }
        for (int i = 0; graph.isAttached() && i < rules.size(); i++) {
            send(sequences[i], rules.get(i));
            prepared[sequences[i]] = rules.get(i);
        }
    }

    private static boolean isWithinRange(Rules rules) {
        double temperature = rules.policy().temperature();
        return temperature >= BackendSampling.COLDEST && temperature <= BackendSampling.HOTTEST;
    }

    private void send(int sequence, Rules rules) {
        int[] declared = rules.declared();
        double[] thresholds = new double[declared.length];
        int[] order = new int[declared.length];
        for (int place = 0; place < declared.length; place++) {
            thresholds[place] = rules.threshold(place);
            order[declared[place]] = place;
        }
        graph.decide(sequence, mode(rules), rules.policy().temperature(), thresholds, order);
    }

    private static BackendSampling.Mode mode(Rules rules) {
        return switch (rules.policy().rule()) {
            case THRESHOLD -> BackendSampling.Mode.THRESHOLD;
            case RELATIVE -> BackendSampling.Mode.RELATIVE;
            case TOP_CATEGORY, SUM, LOGIT_BIAS, REFIT -> BackendSampling.Mode.DRAW; // the host alone decides by these
        };
    }

    /**
     * As {@link Readout.Reader#read(int, Rules)}.
     *
     * @throws IllegalStateException if the sequence was not prepared with rules of this &tau;
     */
    @Override
    public Reading read(int sequence, Rules rules) {
        return graph.isAttached() ? read(sequence, rules.policy().temperature()) : onHost.read(sequence, rules);
    }

    @Override
    public Reading read(int sequence, double temperature) {
        return graph.isAttached()
                ? reading(sequence, context.readInGraph(sequence), temperature)
                : onHost.read(sequence, temperature);
    }

    @Override
    public Opening opening(int sequence, Decision decision) {
        if (!graph.isAttached()) {
            return onHost.opening(sequence, decision);
        }
        BackendSampling.Output output = context.readInGraph(sequence);
        Opening opening = onHost.opening(decision, output.argmax());
        Rules by = prepared[sequence];
        if (by != null
                && mode(by) != BackendSampling.Mode.DRAW
                && by.policy().rule() == decision.rule()
                && opening instanceof Opening.Hidden hidden
                && hidden.token() != output.token()) {
            differences++;
            LlamaLog.note("The device chose token " + output.token() + " and the policy token " + hidden.token()
                    + ", which stands.");
        }
        return opening;
    }

    private Reading reading(int sequence, BackendSampling.Output output, double temperature) {
        Rules by = prepared[sequence];
        if (by == null || by.policy().temperature() != temperature) {
            throw new IllegalStateException("the compute graph was not prepared for a temperature of " + temperature
                    + ": give the policy before the prompt is decoded");
        }
        int count = tokens.labels().count();
        double[] probabilities = Arrays.copyOf(output.values(), count);
        for (int i = 0; i < count; i++) {
            probabilities[i] = Math.min(1, probabilities[i]); // a sum in single precision may fall short
        }
        double[] logits = Arrays.copyOfRange(output.values(), count, 2 * count);
        int choice = tokens.indexOfToken(output.argmax());
        return Reading.of(tokens.labels(), temperature, probabilities, logits, choice, 0);
    }
}
