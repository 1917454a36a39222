package dev.demur.llama;

import java.util.List;

/**
 * A conversation as token ids, and which of them the last message of the user became.
 *
 * @param ids of all tokens, the first being position 0; not copied, and nobody writes into it
 * @param from the position of the message's first token; a token that it shares with the template's text is not its own
 * @param to the position behind its last token; {@code from} where it has none
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record EncodedPrompt(int[] ids, int from, int to) {

    public EncodedPrompt {
        if (from < 0 || from > to || to > ids.length) {
            throw new IllegalArgumentException(
                    "tokens " + from + " to " + to + " are none of the prompt's " + ids.length);
        }
    }

    /** A prompt of which nothing is known but its tokens. */
    public static EncodedPrompt of(int... ids) {
        return new EncodedPrompt(ids, 0, ids.length);
    }

    /** The ids of some prompts. */
    public static List<int[]> ids(List<EncodedPrompt> prompts) {
        return prompts.stream().map(EncodedPrompt::ids).toList();
    }
}
