package dev.demur.cli.serve;

import dev.demur.DemurException;
import dev.demur.NativeLoadException;
import dev.demur.PromptTooLongException;
import dev.demur.llama.LlamaException;
import java.util.concurrent.CancellationException;

/** What a client is told of an exception that the library threw. */
final class Failures {

    private Failures() {}

    /**
     * The error for a client.
     *
     * @param exchange whose work ended so
     */
    static ApiException of(Throwable failure, Exchange exchange) {
        if (failure instanceof ApiException e) {
            return e;
        }
        if (failure instanceof CancellationException) {
            return exchange.whyCancelled();
        }
        if (failure instanceof LlamaException || failure instanceof NativeLoadException) {
            return ApiException.failure("llama.cpp failed: " + failure.getMessage(), failure);
        }
        if (failure instanceof PromptTooLongException) {
            return ApiException.badRequest(null, PromptLimit.EXCEEDED, String.valueOf(failure.getMessage()));
        }
        if (failure instanceof DemurException) {
            return ApiException.badRequest(null, String.valueOf(failure.getMessage()));
        }
        return ApiException.failure("the server failed over this request; its log says more", failure);
    }
}
