package dev.demur;

import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaContext;
import dev.demur.llama.Sampler;
import dev.demur.llama.TokenPieces;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Goes on from a decision's token to the end of the reply; the control tokens are masked from there on. */
final class Generator {

    private final LlamaContext context;
    private final ControlTokens controlTokens;
    private final TokenPieces pieces;
    private final Kernel kernel;

    /**
     * For a context whose last decoded token is that of the first position.
     *
     * @param kernel what reads the rows that tokens are drawn from
     */
    Generator(LlamaContext context, ControlTokens controlTokens, TokenPieces pieces, Kernel kernel) {
        this.context = context;
        this.controlTokens = controlTokens;
        this.pieces = pieces;
        this.kernel = kernel;
    }

    /** Adds what follows the decision to {@code reply}; a fixed reply costs no decoding. */
    FinishReason answer(Decision decision, RefusalPolicy policy, GenerationOptions options, Reply reply) {
        String fixed = fixedReply(decision, policy);
        if (fixed != null) {
            reply.addFixed(fixed);
            return FinishReason.FIXED_REPLY;
        }
        FinishReason reason = follow(decision, options, reply);
        reply.finish();
        return reason;
    }

    private static @Nullable String fixedReply(Decision decision, RefusalPolicy policy) {
        return decision instanceof Decision.Refuse refuse
                ? policy.category(refuse.category().id()).map(c -> c.reply()).orElse(null)
                : null;
    }

    private FinishReason follow(Decision decision, GenerationOptions options, Reply reply) {
        int token = decision.token();
        if (decision instanceof Decision.ModelToken) {
            if (pieces.endsGeneration(token)) {
                return FinishReason.STOP;
            }
            if (options.maxTokens() == 0) {
                return FinishReason.LENGTH;
            }
            reply.add(token);
        }
        try (Sampler sampler = sampler(options)) {
            return follow(token, sampler, options.maxTokens(), reply);
        }
    }

    private Sampler sampler(GenerationOptions options) {
        return options.grammar() == null
                ? Sampler.create(context.model(), kernel, options.sampling(), controlTokens)
                : Sampler.following(options.grammar(), pieces, kernel, options.sampling(), controlTokens);
    }

    private FinishReason follow(int first, Sampler sampler, int maxTokens, Reply reply) {
        int token = first;
        while (!reply.stopped()) {
            if (reply.tokens() >= maxTokens || context.position() >= context.size()) {
                return FinishReason.LENGTH;
            }
            try {
                token = context.step(sampler, token);
            } catch (CancellationException e) {
                return FinishReason.CANCELLED;
            }
            if (pieces.endsGeneration(token)) {
                return FinishReason.STOP;
            }
            reply.add(token);
        }
        return FinishReason.STOP_STRING;
    }
}
