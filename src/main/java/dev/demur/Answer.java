package dev.demur;

import dev.demur.engine.Prefill;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.Sampler;
import dev.demur.policy.Decision;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.internal.ReadingContext;
import org.jspecify.annotations.Nullable;

/** A prompt that is decided on and answered. */
final class Answer extends Pending {

    private final LoadedModel loaded;
    private final PreparedRequest request;
    private long start;
    private int held;
    private @Nullable Generator generator;
    private @Nullable Generation generation;

    /**
     * A request of the thread that makes it.
     *
     * @param owner the conversation that it belongs to; null: none
     */
    Answer(LoadedModel loaded, PreparedRequest request, @Nullable Object owner) {
        super(new Relay(request.listener()), owner);
        this.loaded = loaded;
        this.request = request;
    }

    /** What became of it, once it is over; of one that was cancelled what its listener has heard. */
    Generation generation() {
        Generation made = generation;
        if (made == null) {
            throw new IllegalStateException("it is not answered");
        }
        return wasCutShort() ? made.withText(relay().heardOf(made.text())) : made;
    }

    @Override
    protected Prefill begin() {
        start = System.nanoTime();
        EncodedPrompt read = request.prompt().decision();
        if (!isReadWhereItIsAnswered()) {
            return Prefill.toRead(read, true, 0);
        }
        int longest = request.prompt().longest();
        return Prefill.toRead(read, false, longest - read.longest() + room(longest));
    }

    /**
     * Whether the reply is written in the sequence that the prompt is read in, so that of two wordings only what differs is decoded
     * twice. A conversation's sequence holds its earlier messages, which a reading of the last one alone would cost.
     */
    private boolean isReadWhereItIsAnswered() {
        Prompt prompt = request.prompt();
        return prompt.isOne()
                || owner() == null
                        && !loaded.hasDecider()
                        && prompt.fitsOneSequence()
                        && prompt.longest() <= loaded.contextSize();
    }

    /** How many tokens may follow so many; a conversation is given all there is, because it goes on. */
    private int room(int tokens) {
        int most = Math.max(0, loaded.contextSize() - tokens);
        return owner() == null ? Math.min(most, request.options().maxTokens()) : most;
    }

    @Override
    protected Rules rules() {
        return request.rules();
    }

    @Override
    protected boolean isGreedy() {
        return request.options().isGreedy();
    }

    @Override
    protected @Nullable Prefill filled(ReadingContext at, int sequence, int heldThere) {
        Generator begun = generator;
        if (begun == null) {
            return decided(at, sequence, heldThere);
        }
        if (!request.prompt().isOne()) {
            held += heldThere;
            drawFirst(begun, at.context(), sequence);
        }
        return null;
    }

    private @Nullable Prefill decided(ReadingContext at, int sequence, int heldThere) {
        held = heldThere;
        Decision decision = loaded.decide(at, sequence, request.rules());
        Opening opening = loaded.opening(decision, at.reader().opening(sequence, decision));
        Generator begun = Generator.begin(decision, opening, request, relay(), loaded);
        begun.drawIn(at.context().processing());
        generator = begun;
        boolean one = request.prompt().isOne();
        if (one) {
            drawFirst(begun, at.context(), sequence);
        }
        int[] reply = request.prompt().reply().ids();
        int[] before = begun.before(reply);
        boolean more = !one || before.length > reply.length;
        if (!more || !begun.goesOn(loaded.contextSize() - before.length)) {
            return null;
        }
        return Prefill.toWrite(before, !one && opening instanceof Opening.Nothing, room(before.length));
    }

    /** Draws the first token of a reply that nothing is forced on, where its sequence has just been decoded. */
    private static void drawFirst(Generator begun, LlamaContext context, int sequence) {
        if (begun.opening() instanceof Opening.Nothing && begun.goesOn(context.size() - context.position(sequence))) {
            begun.add(context.draw(sequence, begun.ownSampler()));
        }
    }

    private Generator begun() {
        Generator begun = generator;
        if (begun == null) {
            throw new IllegalStateException("it is not decided");
        }
        return begun;
    }

    @Override
    protected boolean goesOn(int room) {
        Generator begun = begun();
        if (begun.goesOn(room) && isSilenced()) {
            begun.cancel();
        }
        return begun.goesOn(room);
    }

    @Override
    protected boolean isBehind() {
        return super.isBehind() && !isSilenced();
    }

    @Override
    protected boolean isStuck() {
        return super.isStuck() && !isSilenced();
    }

    @Override
    boolean isSilenced() {
        Cancellation cancellation = request.options().cancellation();
        return cancellation != null && cancellation.isCancelled();
    }

    @Override
    boolean wasCutShort() {
        Generation made = generation;
        return made != null && made.finishReason() == FinishReason.CANCELLED;
    }

    @Override
    protected void drawIn(Processing where) {
        begun().drawIn(where);
    }

    @Override
    protected int token() {
        return begun().token();
    }

    @Override
    protected @Nullable Sampler sampler() {
        return begun().sampler();
    }

    @Override
    protected void add(int drawn) {
        begun().add(drawn);
    }

    @Override
    protected boolean cancel() {
        if (generator == null) {
            return false;
        }
        generator.cancel();
        return true;
    }

    @Override
    protected void ended(@Nullable Throwable why) {
        Generator begun = generator;
        if (begun != null) {
            if (why == null) {
                generation = begun.generation(request.prompt().tokens(), held, start);
            }
            begun.close();
        }
        super.ended(why);
    }
}
