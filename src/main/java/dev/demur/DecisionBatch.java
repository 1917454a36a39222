package dev.demur;

import dev.demur.llama.BatchContext;
import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaModel;
import dev.demur.policy.ControlTokens;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Decides several prompts, as many in one decode as fit, in a context that is made for them. */
final class DecisionBatch {

    /** Beyond this more sequences in a decode bring little, and each has memory of its own. */
    private static final int MOST_SEQUENCES = 8;

    /** llama.cpp gives no sequence fewer. */
    private static final int LEAST_SIZE = 256;

    private final LlamaModel model;
    private final ControlTokens tokens;
    private final int contextSize;
    private final int threads;

    /**
     * For one model.
     *
     * @param contextSize the most tokens of a prompt, and of all that are in memory where none is as long
     */
    DecisionBatch(LlamaModel model, ControlTokens tokens, int contextSize, int threads) {
        this.model = model;
        this.tokens = tokens;
        this.contextSize = contextSize;
        this.threads = threads;
    }

    /** The decision on each prompt by the policy at its place. */
    List<Decision> decide(List<int[]> prompts, List<RefusalPolicy> policies, @Nullable Cancellation cancellation) {
        int longest = LEAST_SIZE;
        for (int[] prompt : prompts) {
            longest = Math.max(longest, requireFits(prompt).length);
        }
        int sequences = Math.max(1, Math.min(Math.min(prompts.size(), MOST_SEQUENCES), contextSize / longest));
        List<Decision> decisions = new ArrayList<>();
        try (BatchContext context = BatchContext.create(
                model, sequences, Math.min(longest, contextSize), Demur.BATCH, threads, new int[0])) {
            Cancellation.Scope scope = context.cancelledBy(cancellation);
            try (scope) {
                while (decisions.size() < prompts.size()) {
                    int first = decisions.size();
                    int count = context.fitting(prompts, first);
                    context.decode(prompts.subList(first, first + count));
                    for (int i = 0; i < count; i++) {
                        RefusalPolicy policy = policies.get(first + i);
                        decisions.add(policy.decide(context.readout(i, tokens, policy.temperature())));
                    }
                }
            }
        }
        return List.copyOf(decisions);
    }

    private int[] requireFits(int[] prompt) {
        if (prompt.length > contextSize) {
            throw new IllegalArgumentException("a prompt has " + prompt.length + " tokens and the context holds "
                    + contextSize + ": shorten the prompt or raise the context size (--ctx)");
        }
        return prompt;
    }
}
