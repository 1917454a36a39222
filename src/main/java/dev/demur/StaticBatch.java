package dev.demur;

import dev.demur.llama.CallCancellation;
import dev.demur.llama.Cancellation;
import dev.demur.policy.Decision;
import dev.demur.policy.Rules;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides and answers several prompts by a decoder that is made for them: as many at a time as fit into it, and the next
 * ones when all of these have ended.
 */
final class StaticBatch {

    /** Beyond this more sequences in a decode bring little, and each has memory of its own. */
    private static final int MOST_SEQUENCES = 8;

    /** llama.cpp gives no sequence fewer tokens. */
    private static final int LEAST_SIZE = 256;

    private final LoadedModel loaded;
    private final int contextSize;

    /** For one model: a prompt and its reply have as many tokens as its context size says. */
    StaticBatch(LoadedModel loaded) {
        this.loaded = loaded;
        this.contextSize = loaded.contextSize();
    }

    /** The decision on each prompt by the rules at its place. */
    List<Decision> decide(List<Prompt> prompts, List<Rules> rules, @Nullable Cancellation cancellation) {
        int longest = 0;
        for (Prompt prompt : prompts) {
            longest = Math.max(longest, requireFits(prompt.decision()));
        }
        List<Decision> decisions = new ArrayList<>();
        try (CallCancellation call = CallCancellation.begin(cancellation)) {
            call.cancellation().throwIfCancelled("the request");
            try (Decoder decoder = decoder(prompts.size(), longest)) {
                Cancellation.Scope scope = decoder.endedBy(call);
                try (scope) {
                    for (int first = 0; first < prompts.size(); first = decisions.size()) {
                        int end = Math.min(prompts.size(), first + decoder.sequences());
                        decisions.addAll(decoder.decide(prompts.subList(first, end), rules.subList(first, end)));
                    }
                }
            }
        }
        return List.copyOf(decisions);
    }

    /** Answers each. */
    List<Generation> answer(List<Request> requests) {
        int longest = 0;
        for (Request request : requests) {
            long most = (long) requireFits(request.prompt().reply())
                    + request.options().maxTokens();
            longest = Math.max(longest, requireFits(request.prompt().decision()));
            longest = (int) Math.max(longest, Math.min(most, contextSize));
        }
        BatchCancellation cancelling =
                new BatchCancellation(requests.stream().map(Request::options).toList());
        try (cancelling;
                CallCancellation call = CallCancellation.begin(cancelling.whole())) {
            call.cancellation().throwIfCancelled("the batch");
            try (Decoder decoder = decoder(requests.size(), longest)) {
                Cancellation.Scope scope = decoder.endedBy(call);
                try (scope) {
                    return answer(decoder, requests);
                }
            }
        }
    }

    private static List<Generation> answer(Decoder decoder, List<Request> requests) {
        List<Generation> generations = new ArrayList<>();
        for (int first = 0; first < requests.size(); first = generations.size()) {
            int end = Math.min(requests.size(), first + decoder.sequences());
            generations.addAll(decoder.answer(requests.subList(first, end)));
        }
        return List.copyOf(generations);
    }

    private int requireFits(int[] prompt) {
        if (prompt.length > contextSize) {
            throw new IllegalArgumentException("a prompt has " + prompt.length + " tokens and the context holds "
                    + contextSize + ": shorten the prompt or raise the context size (LoadOptions.withContextSize)");
        }
        return prompt.length;
    }

    /**
     * A decoder with as many sequences as there are prompts, as far as its memory is that of one context, or the least that
     * as many sequences can have.
     */
    private Decoder decoder(int prompts, int longest) {
        int size = Math.min(Math.max(longest, LEAST_SIZE), contextSize);
        int room = Math.max(contextSize, MOST_SEQUENCES * LEAST_SIZE) / size;
        int sequences = Math.max(1, Math.min(prompts, Math.min(room, MOST_SEQUENCES)));
        return new Decoder(loaded, loaded.newContext(size, sequences), false);
    }
}
