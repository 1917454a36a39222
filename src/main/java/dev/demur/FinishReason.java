package dev.demur;

/** Why a generation ended. */
public enum FinishReason {
    /** The model ended its reply. */
    STOP("stop"),
    /** The token limit was reached, or the context is full. */
    LENGTH("length"),
    /** One of the options' stop strings came, which is no part of the text. */
    STOP_STRING("stop-string"),
    /** The request's {@link dev.demur.llama.Cancellation} was cancelled after the decision. */
    CANCELLED("cancelled"),
    /** The policy gives the category a fixed reply; nothing was generated. */
    FIXED_REPLY("fixed-reply");

    private final String id;

    FinishReason(String id) {
        this.id = id;
    }

    /** The name in JSON. */
    public String id() {
        return id;
    }
}
