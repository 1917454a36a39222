package dev.demur;

import dev.demur.llama.CallCancellation;
import dev.demur.llama.Cancellation;
import dev.demur.llama.EncodedPrompt;
import dev.demur.llama.LlamaContext;
import dev.demur.policy.Decision;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.ReadingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The one road from prompts to decisions and replies: prompts, one in each sequence of a context, are decoded together as
 * far as they fit; the readout decides on each; then each step adds a token to every reply that has not ended.
 *
 * <p>What is decided on at another prompt than the reply's is decoded in a context of its own, so that the tokens of a
 * conversation stay where they are.
 *
 * <p>For one thread at a time; {@link #close} may come from any.
 */
final class Decoder implements AutoCloseable {

    /** llama.cpp gives no sequence fewer tokens. */
    private static final int LEAST_SIZE = 256;

    private final LoadedModel loaded;
    /** Where replies are written, and decided on where that is at the same prompt. */
    private final ReadingContext replies;

    private final LlamaContext context;
    private final boolean resumes;

    /** Where prompts are decided on that no reply goes on from; made for the first of them. */
    private volatile @Nullable ReadingContext asked;

    private volatile boolean closed;
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
        this.replies = ReadingContext.of(loaded.readout(), context);
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
        decode(prompts, rules, true, new int[prompts.size()], (at, i) -> decisions.add(decide(at, i, rules.get(i))));
        return decisions;
    }

    /** The decision where a sequence has just been decoded. */
    private Decision decide(ReadingContext at, int sequence, Rules rules) {
        Decision decision = rules.decide(at.reader().read(sequence, rules));
        loaded.noteCoverage(decision);
        return decision;
    }

    /** Hears of a sequence that was decoded, and where. */
    private interface Decoded {
        void accept(ReadingContext at, int sequence);
    }

    /**
     * Decodes prompts up to where they are decided on.
     *
     * @param held gets how many tokens of each the context held before
     * @param decoded is called for each prompt once it is decoded, before the next decode
     */
    private void decode(List<Prompt> prompts, List<Rules> rules, boolean greedily, int[] held, Decoded decoded) {
        int count;
        for (int first = 0; first < prompts.size(); first += count) {
            loaded.model().requireOpen();
            List<EncodedPrompt> alike = alike(prompts, first);
            ReadingContext at = prompts.get(first).isOne() ? replies : asked(alike);
            count = at.context().fitting(EncodedPrompt.ids(alike), 0);
            List<int[]> together = EncodedPrompt.ids(alike.subList(0, count));
            together.forEach(at.context()::requireFits);
            at.reader().prepare(first, rules.subList(first, first + count), greedily);
            for (int i = 0; i < count; i++) {
                held[first + i] = hold(at, first + i, alike.get(i));
            }
            decode(at, together, first);
            for (int i = first; i < first + count; i++) {
                decoded.accept(at, i);
            }
        }
    }

    /** What the prompts from the first on are decided at, as long as that is where replies go on, or elsewhere, as there. */
    private static List<EncodedPrompt> alike(List<Prompt> prompts, int first) {
        List<EncodedPrompt> alike = new ArrayList<>();
        for (int i = first;
                i < prompts.size()
                        && prompts.get(i).isOne() == prompts.get(first).isOne();
                i++) {
            alike.add(prompts.get(i).decision());
        }
        return alike;
    }

    private void decode(ReadingContext at, List<int[]> prompts, int first) {
        listen();
        CallCancellation running = call;
        if (at == replies || running == null) {
            at.context().decode(prompts, first);
            return;
        }
        Cancellation.Scope scope = at.context().cancelledBy(running.cancellation());
        try (scope) {
            at.context().decode(prompts, first);
        }
    }

    private int hold(ReadingContext at, int sequence, EncodedPrompt prompt) {
        int held = resume(at.context(), sequence, prompt.ids());
        return at.reader().hold(sequence, prompt, held);
    }

    private int resume(LlamaContext at, int sequence, int[] prompt) {
        if (resumes) {
            return at.resume(sequence, prompt);
        }
        at.clear(sequence);
        return 0;
    }

    /** The context for prompts that no reply goes on from; one that is too small gives way to a larger one. */
    private ReadingContext asked(List<EncodedPrompt> prompts) {
        int longest = 0;
        for (EncodedPrompt prompt : prompts) {
            context.requireFits(prompt.ids());
            longest = Math.max(longest, prompt.ids().length);
        }
        ReadingContext made = asked;
        if (made == null || made.context().size() < longest) {
            int size = LEAST_SIZE;
            while (size < longest) {
                size *= 2;
            }
            if (made != null) {
                made.close();
            }
            made = loaded.newAskedContext(Math.min(size, context.size()), sequences());
            asked = made;
            if (closed) {
                made.close(); // by another thread, which did not see this one
            }
        }
        return made;
    }

    /** Decides on requests, as many as there are sequences at most, and goes on to the end of every reply. */
    List<Generation> answer(List<Request> requests) {
        long start = System.nanoTime();
        // Each may ask for another way to draw, and a compute graph knows one.
        boolean greedily =
                requests.stream().allMatch(request -> request.options().isGreedy());
        List<Prompt> prompts = requests.stream().map(Request::prompt).toList();
        List<Rules> rules = requests.stream().map(Request::rules).toList();
        prompts.forEach(prompt -> context.requireFits(prompt.reply().ids()));
        int[] held = new int[prompts.size()];
        List<Generator> generators = new ArrayList<>();
        try {
            decode(prompts, rules, greedily, held, (at, i) -> {
                Decision decision = decide(at, i, rules.get(i));
                Opening opening = at.reader().opening(i, decision);
                Generator generator = Generator.begin(i, decision, opening, requests.get(i), loaded);
                generators.add(generator);
                if (prompts.get(i).isOne()) {
                    drawFirst(i, generator);
                }
            });
            for (int i = 0; i < generators.size(); i++) {
                held[i] += decodeOpening(i, prompts.get(i), generators.get(i));
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

    /**
     * Decodes what of a reply's prompt and opening comes before the token that the first step decodes.
     *
     * @return how many tokens of a prompt that was not decoded before were held
     */
    private int decodeOpening(int sequence, Prompt prompt, Generator generator) {
        int[] before = generator.before(prompt.reply().ids());
        boolean more = !prompt.isOne() || before.length > prompt.reply().ids().length;
        if (!more || !generator.goesOn(context.size() - before.length)) {
            return 0;
        }
        int held = prompt.isOne() ? context.resume(sequence, before) : resume(context, sequence, before);
        try {
            listen();
            context.decode(sequence, before);
        } catch (CancellationException e) {
            generator.cancel(); // it is decided already
            return 0;
        }
        if (prompt.isOne()) {
            return 0;
        }
        drawFirst(sequence, generator);
        return held;
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
        closed = true;
        context.close();
        ReadingContext made = asked;
        if (made != null) {
            made.close();
        }
    }
}
