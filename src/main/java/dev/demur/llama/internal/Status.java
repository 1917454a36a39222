package dev.demur.llama.internal;

import dev.demur.llama.LlamaException;

/** The values of {@code demur_status} in {@code demur.h}. */
final class Status {

    static final int OK = 0;
    static final int ARGUMENT = 1;
    static final int UNSUPPORTED = 2;
    static final int LOAD = 3;
    static final int MEMORY = 4;
    static final int DECODE = 5;
    static final int CANCELLED = 6;
    static final int LOGITS = 7;
    static final int EXCEPTION = 8;
    static final int SPACE = 9;
    static final int FULL = 10;
    static final int ASSERTION = 11;

    private Status() {}

    static LlamaException.Reason reason(int status) {
        return switch (status) {
            case UNSUPPORTED -> LlamaException.Reason.UNSUPPORTED;
            case LOAD -> LlamaException.Reason.LOAD;
            case MEMORY -> LlamaException.Reason.MEMORY;
            case DECODE -> LlamaException.Reason.DECODE;
            case LOGITS -> LlamaException.Reason.LOGITS;
            case EXCEPTION -> LlamaException.Reason.EXCEPTION;
            case FULL -> LlamaException.Reason.FULL;
            case ASSERTION -> LlamaException.Reason.ASSERTION;
            default -> throw new AssertionError("demur_status " + status);
        };
    }
}
