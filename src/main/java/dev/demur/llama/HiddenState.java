package dev.demur.llama;

import dev.demur.arguments.Given;
import java.util.Locale;

/**
 * A hidden state of a prompt: the residual stream behind a block of the model, as one vector of the model's embedding size.
 *
 * @param layer the block that it stands behind, from 0
 * @param pooling how the rows of a prompt's tokens become one
 */
public record HiddenState(int layer, Pooling pooling) {

    public HiddenState {
        Given.value(pooling, "pooling");
    }

    /** How the rows of a prompt's tokens become one. The order is that of {@code demur_pooling} in {@code demur.h}. */
    public enum Pooling {
        /** The row of the last token. */
        LAST,
        /** The mean of the rows of the user's last message; the last block of most models has none. */
        MEAN;

        /** The name in files. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
