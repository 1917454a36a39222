package dev.demur.cli.serve;

import com.google.gson.JsonObject;
import dev.demur.llama.Cancellation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Writing never waits for the client: what it does not take lies in the connection, at most
 * {@value #MOST_PENDING} bytes of it.
 *
 * <p>Thread-safe: the thread that works on it, the connection and the clock may end it at the same time; the first one does.
 */
final class Exchange {

    /** What of an answer may wait for a client that does not read it. */
    static final int MOST_PENDING = 4 << 20;

    /** The client had gone before there was an answer; the status that proxies log. */
    static final int GONE = 499;

    private static final String JSON = "application/json";

    /** Called once, when the last of an answer was handed to the connection or there will be none. */
    interface Ending {
        /**
         * The exchange has ended.
         *
         * @param last when the last of it was written; null: there is nothing to write to any more
         */
        void ended(Exchange exchange, int status, @Nullable ChannelFuture last);
    }

    private enum State {
        WAITING,
        STREAMING,
        ENDED
    }

    private final Channel channel;
    private final RequestHead head;
    private final Ending ending;
    private final Cancellation cancellation = new Cancellation();
    private final Facts facts = new Facts();
    private State state = State.WAITING;
    private boolean closing;
    private @Nullable ApiException abortion;

    /** An exchange on a connection. */
    Exchange(Channel channel, RequestHead head, Ending ending) {
        this.channel = channel;
        this.head = head;
        this.ending = ending;
        this.closing = !head.keepAlive();
    }

    /** What is logged of it besides; for the thread that works on it. */
    static final class Facts {
        volatile int promptTokens;
        volatile int generatedTokens;
        volatile @Nullable String decision;
        volatile @Nullable String error;
        volatile @Nullable String prompt;
        volatile @Nullable String reply;
    }

    RequestHead head() {
        return head;
    }

    Facts facts() {
        return facts;
    }

    /** Ends the work on it when nobody wants the answer any more. */
    Cancellation cancellation() {
        return cancellation;
    }

    /** Whether the connection is closed behind it. */
    synchronized boolean closes() {
        return closing;
    }

    synchronized boolean isEnded() {
        return state == State.ENDED;
    }

    synchronized boolean isWaiting() {
        return state == State.WAITING;
    }

    /** Has the connection closed behind it. */
    synchronized void close() {
        closing = true;
    }

    /** Answers with JSON. */
    void json(int status, JsonObject body) {
        respond(status, JSON, body + "\n", null);
    }

    /** Answers with a text. */
    void text(int status, String contentType, String body) {
        respond(status, contentType, body, null);
    }

    private synchronized void respond(int status, String contentType, String body, @Nullable ApiException error) {
        if (state != State.WAITING) {
            return;
        }
        state = State.ENDED;
        ByteBuf content = Unpooled.copiedBuffer(body, StandardCharsets.UTF_8);
        DefaultFullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
        HttpHeaders headers = response.headers();
        headers.set(HttpHeaderNames.CONTENT_TYPE, contentType);
        headers.set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
        if (error != null) {
            errorHeaders(headers, error);
        }
        common(response);
        ending.ended(this, status, channel.writeAndFlush(response));
    }

    private static void errorHeaders(HttpHeaders headers, ApiException error) {
        if (error.retryAfterSeconds() > 0) {
            headers.set(HttpHeaderNames.RETRY_AFTER, error.retryAfterSeconds());
        }
        if (error.status() == HttpResponseStatus.UNAUTHORIZED.code()) {
            headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        if (error.allow() != null) {
            headers.set(HttpHeaderNames.ALLOW, error.allow());
        }
    }

    private void common(HttpResponse response) {
        HttpHeaders headers = response.headers();
        headers.set("x-request-id", head.id());
        headers.set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        headers.set("x-content-type-options", "nosniff");
        if (closing) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (!head.isHttp11()) {
            headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }

    /** Begins an answer of server-sent events. */
    synchronized void openStream() {
        if (state != State.WAITING) {
            return;
        }
        state = State.STREAMING;
        if (!head.isHttp11()) {
            closing = true; // only the end of the connection ends such an answer
        }
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        common(response);
        if (head.isHttp11()) {
            HttpUtil.setTransferEncodingChunked(response, true);
        }
        Sending.later(channel, response);
    }

    /** Sends an event; a client that leaves too many of them lying is left. */
    void event(String data) {
        synchronized (this) {
            if (state != State.STREAMING) {
                return;
            }
            Sending.now(channel, content(data));
        }
        if (channel.isActive() && !channel.isWritable()) { // one that is closed is not writable either
            abort(ApiException.unavailable("slow_reader", "the client does not read its answer"));
        }
    }

    /** Sends the last event. */
    synchronized void endStream(String data) {
        if (state != State.STREAMING) {
            return;
        }
        state = State.ENDED;
        Sending.later(channel, content(data));
        ending.ended(this, HttpResponseStatus.OK.code(), channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
    }

    private static DefaultHttpContent content(String data) {
        return new DefaultHttpContent(Unpooled.copiedBuffer("data: " + data + "\n\n", StandardCharsets.UTF_8));
    }

    /** Answers with an error; within a stream it is its last event, and the connection ends with it. */
    synchronized void fail(ApiException error) {
        if (state == State.ENDED) {
            return;
        }
        facts.error = error.getMessage();
        if (state == State.WAITING) {
            respond(error.status(), JSON, error.json() + "\n", error);
            return;
        }
        state = State.ENDED;
        closing = true;
        Sending.later(channel, content(error.json().toString()));
        ending.ended(this, error.status(), channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT));
    }

    /** Cancels the work on it; the thread that does it then answers with this error. The first reason counts. */
    void abort(ApiException why) {
        synchronized (this) {
            if (state == State.ENDED || abortion != null) {
                return;
            }
            abortion = why;
        }
        cancellation.cancel();
    }

    /** Why the work on it was cancelled. */
    synchronized ApiException whyCancelled() {
        return abortion != null ? abortion : ApiException.unavailable("cancelled", "the request was cancelled");
    }

    /** Why the work on it was cancelled, as {@code timeout}; null where it was not. */
    synchronized @Nullable String abortionCode() {
        return abortion == null ? null : abortion.code();
    }

    /** The client has gone: nobody is left to be answered. */
    void gone() {
        synchronized (this) {
            if (state == State.ENDED) {
                return;
            }
            state = State.ENDED;
            ending.ended(this, GONE, null);
        }
        cancellation.cancel();
    }
}
