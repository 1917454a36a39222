package dev.demur.llama.internal;

import java.util.List;

/**
 * A conversation as token ids, and which of them the last message of the user became.
 *
 * @param ids of all tokens, the first being position 0; not copied, and nobody writes into it
 * @param from the position of the message's first token; a token that it shares with the template's text is not its own
 * @param to the position behind its last token; {@code from} where it has none
 * @param further what a readout's reader decodes after it in the same sequence, to read there too; mostly empty
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record EncodedPrompt(int[] ids, int from, int to, List<int[]> further) {

    public EncodedPrompt {
        further = List.copyOf(further);
        if (from < 0 || from > to || to > ids.length) {
            throw new IllegalArgumentException(
                    "tokens " + from + " to " + to + " are none of the prompt's " + ids.length);
        }
    }

    /** A prompt at whose end alone is read. */
    public EncodedPrompt(int[] ids, int from, int to) {
        this(ids, from, to, List.of());
    }

    /** A prompt of which nothing is known but its tokens. */
    public static EncodedPrompt of(int... ids) {
        return new EncodedPrompt(ids, 0, ids.length);
    }

    /** The most tokens that a sequence holds while this is read. */
    public int longest() {
        int longest = ids.length;
        for (int[] more : further) {
            longest = Math.max(longest, more.length);
        }
        return longest;
    }

    /** The ids of some prompts. */
    public static List<int[]> ids(List<EncodedPrompt> prompts) {
        return prompts.stream().map(EncodedPrompt::ids).toList();
    }
}
