package dev.demur.readout.internal;

import dev.demur.llama.Kernel;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.DecisionTokens;
import java.util.Map;

/**
 * Reads the control tokens of a model that was trained with them, at the first position of its reply, as arXiv 2412.06748
 * does: p is the softmax over the whole vocabulary. The decision's token is forced and no part of the text.
 */
public final class TokenReadout implements Readout {

    private final DecisionTokens tokens;
    private final Kernel kernel;
    private final Processing processing;
    private final ReadoutIdentity identity;

    /**
     * A readout of some tokens.
     *
     * @param kernel what reads rows to decide; the scalar one, which is exact, reads again what it leaves uncertain
     * @param processing where the logits are read, as far as that is possible
     */
    public TokenReadout(DecisionTokens tokens, Kernel kernel, Processing processing) {
        this.tokens = tokens;
        this.kernel = kernel;
        this.processing = processing;
        this.identity = tokens.identity();
    }

    /** The tokens that are read. */
    public DecisionTokens tokens() {
        return tokens;
    }

    @Override
    public Labels labels() {
        return tokens.labels();
    }

    @Override
    public ReadoutIdentity identity() {
        return identity;
    }

    @Override
    public String description() {
        return DecisionTokens.KIND + ", the control tokens of the model";
    }

    @Override
    public Map<String, Integer> reserved() {
        return tokens.byLabel();
    }

    @Override
    public Reader reader(LlamaContext context) {
        TokenReader onHost = new TokenReader(tokens, kernel, context::read, context.sequences());
        return processing == Processing.IN_GRAPH ? new BackendTokenReader(tokens, context, onHost) : onHost;
    }
}
