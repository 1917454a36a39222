package dev.demur;

import dev.demur.llama.CallCancellation;
import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaContext;
import dev.demur.policy.Decision;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.Readout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The one road from prompts to decisions and replies: prompts, one in each sequence of a context, are decoded together as
 * far as they fit; the readout decides on each; then each step adds a token to every reply that has not ended.
 *
 * <p>For one thread at a time; {@link #close} may come from any.
 */
final class Decoder implements AutoCloseable {

    private final LoadedModel loaded;
    private final LlamaContext context;
    private final Readout.Reader reader;
    private final boolean resumes;
    private @Nullable CallCancellation call;

    /**
     * A decoder on a context that it owns.
     *
     * @param resumes whether a prompt is decoded from where it differs from what its sequence holds, in place of anew; the
     *     requests before then show in the numbers, within the noise of sums in another order
     */
    Decoder(LoadedModel loaded, LlamaContext context, boolean resumes) {
        this.loaded = loaded;
        this.context = context;
        this.resumes = resumes;
        try {
            this.reader = loaded.readout().reader(context);
        } catch (Throwable e) {
            context.close();
            throw e;
        }
    }

    /** The most prompts at a time. */
    int sequences() {
        return context.sequences();
    }

    /** Lets what ends a call end the decodes until the scope is closed. */
    Cancellation.Scope endedBy(CallCancellation newCall) {
        call = newCall;
        return context.cancelledBy(newCall.cancellation());
    }

    /** Decides on prompts, as many as there are sequences at most, each by the rules at its place. */
    List<Decision> decide(List<Prompt> prompts, List<Rules> rules) {
        List<Decision> decisions = new ArrayList<>();
        decode(prompts, rules, true, new int[prompts.size()], i -> decisions.add(decide(i, rules.get(i))));
        return decisions;
    }

    /** The decision where a sequence has just been decoded. */
    private Decision decide(int sequence, Rules rules) {
        Decision decision = rules.decide(reader.read(sequence, rules));
        loaded.noteCoverage(decision);
        return decision;
    }

    /**
     * Decodes prompts up to where they are decided on.
     *
     * @param held gets how many tokens of each the context held before
     * @param decoded is called for each prompt once it is decoded, before the next decode
     */
    private void decode(List<Prompt> prompts, List<Rules> rules, boolean greedily, int[] held, IntConsumer decoded) {
        List<int[]> asked = prompts.stream().map(Prompt::decision).toList();
        int count;
        for (int first = 0; first < asked.size(); first += count) {
            loaded.model().requireOpen();
            count = context.fitting(asked, first);
            List<int[]> together = asked.subList(first, first + count);
            together.forEach(context::requireFits);
            reader.prepare(first, rules.subList(first, first + count), greedily);
            for (int i = first; i < first + count; i++) {
                held[i] = hold(i, asked.get(i));
            }
            listen();
            context.decode(together, first);
            for (int i = first; i < first + count; i++) {
                decoded.accept(i);
            }
        }
    }

    private int hold(int sequence, int[] prompt) {
        if (resumes) {
            return context.resume(sequence, prompt);
        }
        context.clear(sequence);
        return 0;
    }

    /** Decides on requests, as many as there are sequences at most, and goes on to the end of every reply. */
    List<Generation> answer(List<Request> requests) {
        long start = System.nanoTime();
        // Each may ask for another way to draw, and a compute graph knows one.
        boolean greedily =
                requests.stream().allMatch(request -> request.options().isGreedy());
        List<Prompt> prompts = requests.stream().map(Request::prompt).toList();
        List<Rules> rules = requests.stream().map(Request::rules).toList();
        prompts.forEach(prompt -> context.requireFits(prompt.reply()));
        int[] held = new int[prompts.size()];
        List<Generator> generators = new ArrayList<>();
        try {
            decode(prompts, rules, greedily, held, i -> {
                Decision decision = decide(i, rules.get(i));
                Opening opening = reader.opening(i, decision);
                Generator generator = Generator.begin(i, decision, opening, requests.get(i), loaded);
                generators.add(generator);
                if (prompts.get(i).isOne()) {
                    drawFirst(i, generator);
                }
            });
            for (int i = 0; i < generators.size(); i++) {
                decodeOpening(i, prompts.get(i), generators.get(i));
            }
            List<Generator> going = new ArrayList<>();
            while (step(requests, generators, going)) {
                loaded.model().requireOpen();
            }
            List<Generation> generations = new ArrayList<>();
            for (int i = 0; i < held.length; i++) {
                generations.add(
                        generators.get(i).generation(prompts.get(i).tokens(), held[i], start, context.processing()));
            }
            return generations;
        } finally {
            generators.forEach(Generator::close);
        }
    }

    /** Draws the first token of a reply that nothing is forced on, where its sequence has just been decoded. */
    private void drawFirst(int sequence, Generator generator) {
        if (generator.opening() instanceof Opening.Nothing && generator.goesOn(room(sequence))) {
            generator.add(context.draw(sequence, generator.ownSampler()));
        }
    }

    /** Decodes what of a reply's prompt and opening comes before the token that the first step decodes. */
    private void decodeOpening(int sequence, Prompt prompt, Generator generator) {
        int[] before = generator.before(prompt.reply());
        boolean more = !prompt.isOne() || before.length > prompt.reply().length;
        if (!more || !generator.goesOn(context.size() - before.length)) {
            return;
        }
        context.resume(sequence, before);
        try {
            listen();
            context.decode(sequence, before);
        } catch (CancellationException e) {
            generator.cancel(); // it is decided already
            return;
        }
        if (!prompt.isOne()) {
            drawFirst(sequence, generator);
        }
    }

    private int room(int sequence) {
        return context.size() - context.position(sequence);
    }

    /**
     * One token for each that goes on; false where none does.
     *
     * @param going filled with those that do, so that a step makes no list of its own
     */
    private boolean step(List<Request> requests, List<Generator> generators, List<Generator> going) {
        going.clear();
        for (int i = 0; i < generators.size(); i++) {
            Generator generator = generators.get(i);
            if (!generator.goesOn(room(i))) {
                continue;
            }
            Cancellation cancellation = requests.get(i).options().cancellation();
            if (cancellation != null && cancellation.isCancelled()) {
                generator.cancel();
                continue;
            }
            generator.drawIn(context.processing());
            going.add(generator);
        }
        if (going.isEmpty()) {
            return false;
        }
        try {
            listen();
            context.step(going);
        } catch (CancellationException e) {
            going.forEach(Generator::cancel);
            return false;
        }
        for (int i = 0; i < going.size(); i++) {
            going.get(i).add(context.drawn(i));
        }
        return true;
    }

    /** Hears of interrupts again: a listener may have waited on a channel, or asked another model. */
    private void listen() {
        if (call != null) {
            call.listen();
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
