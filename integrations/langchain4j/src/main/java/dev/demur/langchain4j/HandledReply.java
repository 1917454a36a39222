package dev.demur.langchain4j;

import dev.demur.llama.Cancellation;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.lang.System.Logger.Level;

/** A reply that a handler hears of, and can cancel. */
final class HandledReply {

    private final StreamingChatResponseHandler handler;
    private final Cancellation cancellation = new Cancellation();
    private final PartialResponseContext context = new PartialResponseContext(new StreamingHandle() {
        @Override
        public void cancel() {
            cancellation.cancel();
        }

        @Override
        public boolean isCancelled() {
            return cancellation.isCancelled();
        }
    });

    HandledReply(StreamingChatResponseHandler handler) {
        this.handler = handler;
    }

    /** Answers on this thread. */
    void run(Answering answering, Answering.Prepared request) {
        ChatResponse response;
        try {
            response = answering.answer(request, this::text, cancellation);
        } catch (Throwable e) {
            if (!cancellation.isCancelled()) {
                error(e);
            }
            return;
        }
        if (!cancellation.isCancelled()) {
            tell(() -> handler.onCompleteResponse(response));
        }
    }

    private void text(String piece) {
        if (!cancellation.isCancelled()) {
            tell(() -> handler.onPartialResponse(new PartialResponse(piece), context));
        }
    }

    /** A handler's own exception does not end the reply. */
    private void tell(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            error(e);
        }
    }

    private void error(Throwable thrown) {
        try {
            handler.onError(thrown);
        } catch (RuntimeException e) {
            System.getLogger(AppliedPolicy.LOGGER).log(Level.WARNING, "a handler's onError threw an exception", e);
        }
    }
}
