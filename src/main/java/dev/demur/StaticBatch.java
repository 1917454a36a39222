package dev.demur;

import dev.demur.llama.BatchContext;
import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.Processing;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Decides and answers several prompts in a context that is made for them: as many at a time as fit into it, and the next
 * ones when all of these have ended.
 */
final class StaticBatch {

    /** Beyond this more sequences in a decode bring little, and each has memory of its own. */
    private static final int MOST_SEQUENCES = 8;

    /** llama.cpp gives no sequence fewer tokens. */
    private static final int LEAST_SIZE = 256;

    /**
     * One prompt to be answered.
     *
     * @param prompt its tokens
     * @param policy what decides
     * @param options how to answer
     */
    record Request(int[] prompt, RefusalPolicy policy, GenerationOptions options) {}

    private final LlamaModel model;
    private final Drawing drawing;
    private final int contextSize;
    private final int threads;
    private final Processing processing;

    /**
     * For one model.
     *
     * @param processing where logits are read, as far as that is possible
     * @param contextSize the most tokens of a prompt and its reply, and of all that are in memory, where these are no more
     *     than the least that as many sequences can have
     */
    StaticBatch(LlamaModel model, Drawing drawing, int contextSize, int threads, Processing processing) {
        this.model = model;
        this.drawing = drawing;
        this.contextSize = contextSize;
        this.threads = threads;
        this.processing = processing;
    }

    /** The decision on each prompt by the policy at its place. */
    List<Decision> decide(List<int[]> prompts, List<RefusalPolicy> policies, @Nullable Cancellation cancellation) {
        int longest = 0;
        for (int[] prompt : prompts) {
            longest = Math.max(longest, requireFits(prompt));
        }
        List<Decision> decisions = new ArrayList<>();
        try (BatchContext context = context(prompts.size(), longest)) {
            Cancellation.Scope scope = context.cancelledBy(cancellation);
            try (scope) {
                for (int first = 0; first < prompts.size(); first = decisions.size()) {
                    int end = Math.min(prompts.size(), first + context.sequences());
                    decisions.addAll(decide(context, prompts.subList(first, end), policies.subList(first, end), true));
                }
            }
        }
        return List.copyOf(decisions);
    }

    /** Answers each, and tells the listener of it by its place in the list. */
    List<Generation> generate(List<Request> requests, BatchListener listener) {
        int longest = 0;
        for (Request request : requests) {
            long most = (long) requireFits(request.prompt) + request.options.maxTokens();
            longest = (int) Math.max(longest, Math.min(most, contextSize));
        }
        BatchCancellation cancelling =
                new BatchCancellation(requests.stream().map(Request::options).toList());
        try (cancelling) {
            cancelling.whole().throwIfCancelled("the batch");
            try (BatchContext context = context(requests.size(), longest)) {
                Cancellation.Scope scope = context.cancelledBy(cancelling.whole());
                try (scope) {
                    return generate(context, requests, listener);
                }
            }
        }
    }

    private List<Generation> generate(BatchContext context, List<Request> requests, BatchListener listener) {
        List<Generation> generations = new ArrayList<>();
        for (int first = 0; first < requests.size(); first = generations.size()) {
            int end = Math.min(requests.size(), first + context.sequences());
            generations.addAll(answer(context, requests.subList(first, end), first, listener));
        }
        return List.copyOf(generations);
    }

    /** Decides prompts, one in each sequence, in as few decodes as they fit into. */
    private List<Decision> decide(
            BatchContext context, List<int[]> prompts, List<RefusalPolicy> policies, boolean greedily) {
        List<Decision> decisions = new ArrayList<>();
        for (int first = 0; first < prompts.size(); first = decisions.size()) {
            model.requireOpen();
            int count = context.fitting(prompts, first);
            context.prepare(policies.subList(first, first + count), first, greedily);
            context.decode(prompts.subList(first, first + count), first);
            for (int i = 0; i < count; i++) {
                decisions.add(context.decide(i, drawing.masked(), policies.get(first + i)));
            }
        }
        return decisions;
    }

    /** Answers as many as there are sequences; those that end leave the batch, the others go on. */
    private List<Generation> answer(BatchContext context, List<Request> round, int first, BatchListener listener) {
        long start = System.nanoTime();
        List<Decision> decisions = decide(
                context,
                round.stream().map(Request::prompt).toList(),
                round.stream().map(Request::policy).toList(),
                // Each may ask for another way to draw, and the graph knows one.
                round.stream().allMatch(request -> request.options.isGreedy()));
        List<Generator> generators = new ArrayList<>();
        try {
            for (int i = 0; i < round.size(); i++) {
                Request request = round.get(i);
                generators.add(Generator.begin(
                        decisions.get(i), request.policy, request.options, drawing, at(first + i, listener)));
            }
            while (step(context, round, generators)) {
                model.requireOpen();
            }
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < round.size(); i++) {
                generations.add(
                        generators.get(i).generation(round.get(i).prompt.length, 0, start, context.processing()));
            }
            return generations;
        } finally {
            generators.forEach(Generator::close);
        }
    }

    private static GenerationListener at(int index, BatchListener listener) {
        return new GenerationListener() {
            @Override
            public void text(String piece) {
                listener.text(index, piece);
            }

            @Override
            public void decided(Decision decision) {
                listener.decided(index, decision);
            }
        };
    }

    /** One token for each that goes on; false where none does. */
    private static boolean step(BatchContext context, List<Request> round, List<Generator> generators) {
        List<Generator> going = new ArrayList<>();
        List<BatchContext.Step> steps = new ArrayList<>();
        for (int i = 0; i < generators.size(); i++) {
            Generator generator = generators.get(i);
            Cancellation cancellation = round.get(i).options.cancellation();
            if (!generator.goesOn(context.size() - context.position(i))) {
                continue;
            }
            if (cancellation != null && cancellation.isCancelled()) {
                generator.cancel();
                continue;
            }
            going.add(generator);
            boolean inGraph = context.processing() == Processing.IN_GRAPH;
            steps.add(new BatchContext.Step(i, generator.token(), inGraph ? null : generator.sampler()));
        }
        if (going.isEmpty()) {
            return false;
        }
        int[] drawn;
        try {
            drawn = context.step(steps);
        } catch (CancellationException e) {
            going.forEach(Generator::cancel);
            return false;
        }
        for (int i = 0; i < drawn.length; i++) {
            going.get(i).add(drawn[i]);
        }
        return true;
    }

    private int requireFits(int[] prompt) {
        if (prompt.length > contextSize) {
            throw new IllegalArgumentException("a prompt has " + prompt.length + " tokens and the context holds "
                    + contextSize + ": shorten the prompt or raise the context size (--ctx)");
        }
        return prompt.length;
    }

    private BatchContext context(int prompts, int longest) {
        int size = Math.min(Math.max(longest, LEAST_SIZE), contextSize);
        int room = Math.max(contextSize, MOST_SEQUENCES * LEAST_SIZE) / size;
        int sequences = Math.max(1, Math.min(prompts, Math.min(room, MOST_SEQUENCES)));
        return processing == Processing.IN_GRAPH
                ? BatchContext.createInGraph(model, drawing.masked(), sequences, size, Demur.BATCH, threads)
                : BatchContext.create(model, sequences, size, Demur.BATCH, threads, new int[0]);
    }
}
