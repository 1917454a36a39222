package dev.demur.gguf;

/** What a token of the vocabulary is, by {@code tokenizer.ggml.token_type}; the numbers in the file start at 1. */
public enum TokenType {
    /** A piece of text. */
    NORMAL,
    /** What stands for text that the vocabulary lacks. */
    UNKNOWN,
    /** No text, but a sign to the model, as the beginning of a message. */
    CONTROL,
    /** A piece of text that is never split or joined with its neighbours. */
    USER_DEFINED,
    /** Taken by nothing. */
    UNUSED,
    /** One byte, for characters that have no token. */
    BYTE;

    private static final TokenType[] BY_ID = values();

    /** The numbers that the file may use are 1 to this. */
    static final int LAST_ID = BY_ID.length;

    static TokenType of(int id) {
        return BY_ID[id - 1];
    }

    /**
     * Whether text that a user writes can become this token even where special tokens are not parsed: llama.cpp leaves
     * only CONTROL and UNKNOWN tokens out of plain text.
     */
    public boolean canBeTyped() {
        return this != CONTROL && this != UNKNOWN;
    }
}
