package dev.demur;

import dev.demur.llama.Processing;
import dev.demur.llama.Sampler;
import dev.demur.llama.TokenPieces;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import org.jspecify.annotations.Nullable;

/**
 * One reply as it is generated, from the decision's token to the end; the control tokens are masked from there on.
 *
 * <p>Whoever decodes asks {@link #goesOn}, decodes {@link #token}, draws by {@link #sampler} what follows and {@link #add}s
 * it. For one thread at a time; {@link #close} frees the sampler.
 */
final class Generator implements AutoCloseable {

    private final Decision decision;
    private final long decided;
    private final GenerationOptions options;
    private final Drawing drawing;
    private final TokenPieces pieces;
    private final Reply reply;
    private @Nullable Sampler sampler;
    private int token;
    private @Nullable FinishReason reason;
    private long ended;

    private Generator(Decision decision, GenerationOptions options, Drawing drawing, Reply reply) {
        this.decision = decision;
        this.decided = System.nanoTime();
        this.options = options;
        this.drawing = drawing;
        this.pieces = drawing.pieces();
        this.reply = reply;
        this.token = decision.token();
    }

    /** Begins the reply: the listener hears of the decision, and of a fixed reply, which costs no decoding. */
    static Generator begin(
            Decision decision,
            RefusalPolicy policy,
            GenerationOptions options,
            Drawing drawing,
            GenerationListener listener) {
        Reply reply = new Reply(drawing.pieces(), options.stopStrings(), listener);
        Generator generator = new Generator(decision, options, drawing, reply);
        listener.decided(decision);
        String fixed = fixedReply(decision, policy);
        if (fixed != null) {
            reply.addFixed(fixed);
            generator.end(FinishReason.FIXED_REPLY);
        } else if (decision instanceof Decision.ModelToken) {
            generator.addFirst();
        }
        return generator;
    }

    private static @Nullable String fixedReply(Decision decision, RefusalPolicy policy) {
        return decision instanceof Decision.Refuse refuse
                ? policy.category(refuse.category().id()).map(c -> c.reply()).orElse(null)
                : null;
    }

    /** The model's own token is the first of the text. */
    private void addFirst() {
        if (!pieces.endsGeneration(token) && options.maxTokens() == 0) {
            end(FinishReason.LENGTH);
        } else {
            add(token);
        }
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

    /** What draws the token that follows. */
    Sampler sampler() {
        if (reason != null) {
            throw new IllegalStateException("the reply has ended");
        }
        if (sampler == null) {
            sampler = drawing.sampler(options); // not before: where the compute graph draws there is none
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
        reason = why;
        reply.finish();
        ended = System.nanoTime();
    }

    /**
     * What became of the prompt, once the reply has ended.
     *
     * @param start when the request had its turn, by {@link System#nanoTime}
     * @param held how many of the prompt's tokens were in the context before
     * @param processing where the logits were read
     */
    Generation generation(int promptTokens, int held, long start, Processing processing) {
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
        return new Generation(decision, reply.text(), reason, timings, processing);
    }

    @Override
    public void close() {
        if (sampler != null) {
            sampler.close();
        }
    }
}
