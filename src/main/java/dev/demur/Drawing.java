package dev.demur;

import dev.demur.llama.Kernel;
import dev.demur.llama.Sampler;
import dev.demur.llama.TokenPieces;
import dev.demur.policy.ControlTokens;

/**
 * What the replies of a model are drawn with, whatever a request asks for.
 *
 * @param pieces its tokens
 * @param masked the control tokens, which are not drawn after the first position
 * @param kernel what reads the rows
 */
record Drawing(TokenPieces pieces, ControlTokens masked, Kernel kernel) {

    /** A sampler for one reply, to be closed. */
    Sampler sampler(GenerationOptions options) {
        return options.grammar() == null
                ? Sampler.create(pieces.model(), kernel, options.sampling(), masked)
                : Sampler.following(options.grammar(), pieces, kernel, options.sampling(), masked);
    }
}
