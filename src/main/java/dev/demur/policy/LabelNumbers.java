package dev.demur.policy;

/**
 * The numbers of one prompt that the rules look at: a {@link Reading}, or a row of a table of them.
 *
 * <p>Index {@code i} follows {@link Labels}: 0..K-1 the categories, K respond.
 */
public interface LabelNumbers {

    /** What {@link #choice} is where the model by itself would choose none of the labels. */
    int NO_LABEL = -1;

    /** p_i in [0, 1]. */
    double probability(int i);

    /** z_i, or what differs from it by a shift that all labels share; may be -inf. */
    double logit(int i);

    /** The label that the model by itself would choose, or {@link #NO_LABEL}. */
    int choice();
}
