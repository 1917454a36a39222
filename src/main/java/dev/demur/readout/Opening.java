package dev.demur.readout;

import dev.demur.arguments.Given;
import java.util.List;

/** How a reply begins after a decision, where its policy has no reply of its own. */
public sealed interface Opening {

    /**
     * A token that is forced and no part of the text: the model goes on as it was trained to after it.
     *
     * @param token its id
     */
    record Hidden(int token) implements Opening {}

    /**
     * Tokens that are forced and the beginning of the text: the model goes on after them.
     *
     * @param tokens their ids, one at least
     */
    record Written(List<Integer> tokens) implements Opening {
        public Written {
            tokens = Given.list(tokens, "tokens");
            if (tokens.isEmpty()) {
                throw new IllegalArgumentException("there are no tokens to begin with");
            }
        }
    }

    /**
     * The whole reply, for which nothing is decoded.
     *
     * @param reply its text
     */
    record Fixed(String reply) implements Opening {
        public Fixed {
            Given.value(reply, "reply");
        }
    }

    /** Nothing is forced: the model writes as it would have anyway. */
    record Nothing() implements Opening {}
}
