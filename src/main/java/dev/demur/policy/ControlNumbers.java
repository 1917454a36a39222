package dev.demur.policy;

/**
 * The numbers of one first position that the rules look at: a {@link Readout}, or a row of a table of them.
 *
 * <p>Index {@code i} follows {@link ControlTokens}: 0..K-1 the categories, K the respond token.
 */
public interface ControlNumbers {

    /** p_i in [0, 1], of the softmax over the full vocabulary. */
    double probability(int i);

    /** z_i, or what differs from it by a shift that all control tokens share; may be -inf. */
    double logit(int i);

    /** The id of the token with the largest logit in the full vocabulary. */
    int argmax();
}
