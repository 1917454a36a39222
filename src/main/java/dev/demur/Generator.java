package dev.demur;

import dev.demur.llama.Cancellation;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.Sampler;
import dev.demur.llama.internal.TokenPieces;
import dev.demur.policy.Decision;
import dev.demur.readout.Opening;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One reply as it is generated, from its opening to the end; reserved tokens are masked from there on.
 *
 * <p>The engine asks {@link #goesOn}, says where the next token is {@linkplain #drawIn drawn}, decodes {@link #token},
 * draws by {@link #sampler} what follows and {@link #add}s it. For its thread; {@link #close} frees the sampler.
 */
final class Generator implements AutoCloseable {

    private final Decision decision;
    private final Opening opening;
    private final long decided;
    private final GenerationOptions options;
    private final LoadedModel loaded;
    private final TokenPieces pieces;
    private final Reply reply;
    private Processing processing = Processing.HOST;
    private @Nullable Sampler sampler;
    private int token;
    private @Nullable FinishReason reason;
    private long ended;

    private Generator(
            Decision decision,
            Opening opening,
            PreparedRequest request,
            GenerationListener listener,
            LoadedModel loaded) {
        this.decision = decision;
        this.opening = opening;
        this.decided = System.nanoTime();
        this.options = request.options();
        this.loaded = loaded;
        this.pieces = loaded.pieces();
        this.reply = new Reply(pieces, options.stopStrings(), listener);
    }

    /** Begins a reply: the listener, in place of the request's own, hears of the decision, and of what the reply begins with. */
    static Generator begin(
            Decision decision,
            Opening opening,
            PreparedRequest request,
            GenerationListener listener,
            LoadedModel loaded) {
        Generator generator = new Generator(decision, opening, request, listener, loaded);
        listener.decided(decision);
        Cancellation cancellation = request.options().cancellation();
        String fixed = request.rules().policy().reply(decision);
        if (cancellation != null && cancellation.isCancelled()) {
            generator.cancel();
        } else if (fixed != null) {
            generator.addFixed(fixed);
        } else if (opening instanceof Opening.Fixed given) {
            generator.addFixed(given.reply());
        } else if (opening instanceof Opening.Hidden hidden) {
            generator.token = hidden.token();
        } else if (opening instanceof Opening.Written written) {
            generator.addWritten(written.tokens());
        }
        return generator;
    }

    private void addFixed(String text) {
        reply.addFixed(text);
        end(FinishReason.FIXED_REPLY);
    }

    private void addWritten(List<Integer> tokens) {
        for (int written : tokens) {
            if (pieces.endsGeneration(written) || goesOn(Integer.MAX_VALUE)) {
                add(written);
            }
            if (reason != null) {
                return;
            }
        }
    }

    /** How the reply begins where the policy has none. */
    Opening opening() {
        return opening;
    }

    /**
     * What is decoded before the first token that a step decodes.
     *
     * @param prompt up to where the reply begins
     */
    int[] before(int[] prompt) {
        if (!(opening instanceof Opening.Written written)) {
            return prompt;
        }
        int more = written.tokens().size() - 1;
        int[] before = Arrays.copyOf(prompt, prompt.length + more);
        for (int i = 0; i < more; i++) {
            before[prompt.length + i] = written.tokens().get(i);
        }
        return before;
    }

    /**
     * Whether another token is to be drawn.
     *
     * @param room how many more tokens the context can hold
     */
    boolean goesOn(int room) {
        if (reason == null && reply.stopped()) {
            end(FinishReason.STOP_STRING);
        } else if (reason == null && (reply.tokens() >= options.maxTokens() || room <= 0)) {
            end(FinishReason.LENGTH);
        }
        return reason == null;
    }

    /** The token to decode next. */
    int token() {
        return token;
    }

    /** Says where the token that follows is drawn. */
    void drawIn(Processing where) {
        processing = where;
    }

    /** What draws the token that follows; null where the compute graph does. */
    @Nullable
    Sampler sampler() {
        return processing == Processing.IN_GRAPH ? null : ownSampler();
    }

    /** What draws the reply's tokens on the host. */
    Sampler ownSampler() {
        if (reason != null) {
            throw new IllegalStateException("the reply has ended");
        }
        if (sampler == null) {
            sampler = loaded.sampler(options); // not before: where the compute graph draws there is none
        }
        return sampler;
    }

    /** Adds the token that was drawn. */
    void add(int drawn) {
        token = drawn;
        if (pieces.endsGeneration(drawn)) {
            end(FinishReason.STOP);
        } else {
            reply.add(drawn);
        }
    }

    /** Ends the reply where it is. */
    void cancel() {
        end(FinishReason.CANCELLED);
    }

    private void end(FinishReason why) {
        if (reason != null) {
            return;
        }
        reason = why;
        reply.finish();
        ended = System.nanoTime();
    }

    /**
     * What became of the prompt, once the reply has ended.
     *
     * @param start when the request had its turn, by {@link System#nanoTime}
     * @param held how many of the prompt's tokens were in the context before
     */
    Generation generation(int promptTokens, int held, long start) {
        if (reason == null) {
            throw new IllegalStateException("the reply has not ended");
        }
        Timings timings = new Timings(
                promptTokens,
                held,
                decided - start,
                reply.firstTokenAt(start) - start,
                reply.tokens(),
                ended - decided);
        return new Generation(decision, opening, reply.text(), reason, timings, processing);
    }

    @Override
    public void close() {
        if (sampler != null) {
            sampler.close();
        }
    }
}
