package dev.demur.llama;

import dev.demur.arguments.Given;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a chat template sets messages apart by special tokens, which no message text can spell, or by plain text,
 * which any message can.
 *
 * <p>Found by rendering a short conversation: between two messages, and between the last one and the answer, the template
 * must write at least one special token of the vocabulary.
 *
 * @param kind what the template uses
 * @param plain the texts that the template writes between messages without a special token, in one line each and cut off
 *     where they are long; empty unless the kind is PLAIN_TEXT
 * @param problem why it cannot be told; null unless the kind is UNKNOWN
 */
public record TemplateMarkers(
        Kind kind, List<String> plain, @Nullable String problem) {

    /** What sets messages apart. */
    public enum Kind {
        /** Special tokens: text in a message cannot be taken for the end of the message. */
        SPECIAL_TOKENS,
        /** Plain text, somewhere: text in a message can look like another message. */
        PLAIN_TEXT,
        /** The template cannot be rendered. */
        UNKNOWN
    }

    public TemplateMarkers {
        Given.value(kind, "kind");
        plain = Given.list(plain, "plain");
    }
}
