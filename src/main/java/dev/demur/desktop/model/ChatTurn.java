package dev.demur.desktop.model;

import org.jspecify.annotations.Nullable;

/**
 * A message of a conversation: a person's, or an answer.
 *
 * @param id unique in its conversation
 * @param parent the message that it follows; null: none
 * @param text what was written
 * @param answer how it came about; null: a person wrote it
 */
public record ChatTurn(
        String id,
        @Nullable String parent,
        String text,
        @Nullable Answer answer) {

    /** Whether a person wrote it. */
    public boolean isUser() {
        return answer == null;
    }

    ChatTurn with(String newText, @Nullable Answer newAnswer) {
        return new ChatTurn(id, parent, newText, newAnswer);
    }
}
