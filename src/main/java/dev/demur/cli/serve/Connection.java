package dev.demur.cli.serve;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection: reads a request within limits of size and time, has it answered, and then reads the next one. All of it runs
 * on the connection's thread, which never waits.
 *
 * <p>A client that ends its side of the connection may still wait for its answer, or may have gone; the two look alike until
 * something is written to it. So an answer that is due later is preceded by an interim response (102) each second: the system
 * of a client that has gone refuses it, which ends the work; one that waits reads over it.
 */
final class Connection extends ChannelInboundHandlerAdapter {

    private static final long PROBE_SECONDS = 1;

    /** How long what a client still sends is read after its request was refused, so that it sees the answer. */
    private static final Duration LINGER = Duration.ofSeconds(5);

    private enum State {
        /** Between requests, or in the head of one. */
        IDLE,
        /** In the body of a request. */
        READING,
        /** The request is there, and is being answered. */
        ANSWERING,
        /** The answer stands, and what else the client sends goes nowhere. */
        DISCARDING
    }

    private final DemurServer server;
    private final Queue<Object> next = new ArrayDeque<>();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private State state = State.IDLE;
    private boolean counted;
    private boolean began;
    private boolean inputEnded;
    private boolean drained;
    private boolean written;
    private long startedNanos;
    private @Nullable RequestHead head;
    private @Nullable Exchange exchange;
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable ScheduledFuture<?> probe;

    Connection(DemurServer server) {
        this.server = server;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        counted = true;
        if (server.connected(context.channel())) {
            after(context, server.limits().idle(), this::idleTooLong);
        } else {
            ApiException full = ApiException.unavailable("too_many_connections", "too many clients are connected");
            refuse(context, newHead(context, null), full);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (counted) {
            server.disconnected(context.channel());
        }
        cancelTimers();
        if (exchange != null) {
            exchange.gone();
        }
        next.forEach(ReferenceCountUtil::release);
        next.clear();
    }

    /** Bytes have come, of whatever. */
    void bytesCame(ChannelHandlerContext context) {
        if (state == State.IDLE && !began) {
            began = true;
            startedNanos = System.nanoTime();
            after(context, server.limits().client(), this::sendsTooSlowly);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (state == State.ANSWERING) {
            // The next request, before the answer to this one. What is not read is not stored.
            next.add(message);
            context.channel().config().setAutoRead(false);
            return;
        }
        try {
            read(context, (HttpObject) message);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(ChannelHandlerContext context, HttpObject message) {
        if (state == State.DISCARDING) {
            if (message instanceof LastHttpContent) {
                drained = true;
                closeIfDone(context);
            }
            return;
        }
        if (message instanceof HttpRequest request) {
            begin(context, request);
        }
        if (message instanceof HttpContent content && state == State.READING) {
            append(context, content);
        }
    }

    private RequestHead newHead(ChannelHandlerContext context, @Nullable HttpRequest request) {
        String client = context.channel().remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress().getHostAddress()
                : "unknown";
        return request == null
                ? new RequestHead("req-none", client, "-", "-", true, false, System.nanoTime())
                : RequestHead.of(request, client, startedNanos);
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        RequestHead started = newHead(context, request);
        head = started;
        body.reset();
        ApiException wrong = wrong(request.decoderResult());
        if (wrong != null) {
            refuse(context, started, wrong);
            return;
        }
        try {
            boolean hasBody = HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) > 0;
            server.router()
                    .check(
                            started,
                            request.headers().get(HttpHeaderNames.HOST),
                            request.headers().get(HttpHeaderNames.AUTHORIZATION),
                            request.headers().get(HttpHeaderNames.CONTENT_TYPE),
                            hasBody);
            if (request.headers().contains(HttpHeaderNames.CONTENT_ENCODING)) {
                throw ApiException.refused(
                        415, "unsupported_encoding", "compressed bodies are not taken: send plain JSON");
            }
            if (HttpUtil.getContentLength(request, 0L) > server.limits().bodyBytes()) {
                throw tooLarge();
            }
            expect(context, request);
            state = State.READING;
        } catch (ApiException e) {
            refuse(context, started, e);
        } catch (NumberFormatException e) {
            refuse(context, started, ApiException.badRequest(null, "the header Content-Length is no number"));
        }
    }

    private void expect(ChannelHandlerContext context, HttpRequest request) {
        if (HttpUtil.is100ContinueExpected(request)) {
            interim(context, HttpResponseStatus.CONTINUE);
        } else if (request.headers().contains(HttpHeaderNames.EXPECT)) {
            throw ApiException.refused(417, "expectation_failed", "of the header Expect only 100-continue is known");
        }
    }

    private static void interim(ChannelHandlerContext context, HttpResponseStatus status) {
        Sending.now(context, new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status));
    }

    private ApiException tooLarge() {
        return ApiException.refused(
                413,
                "request_too_large",
                "the body is larger than the " + server.limits().bodyBytes() + " bytes that are taken (--max-body)");
    }

    /** What is wrong with a part of a request; null where nothing is. */
    private static @Nullable ApiException wrong(DecoderResult result) {
        if (!result.isFailure()) {
            return null;
        }
        if (result.cause() instanceof TooLongHttpLineException) {
            return ApiException.refused(414, "uri_too_long", "the first line of the request is too long");
        }
        if (result.cause() instanceof TooLongHttpHeaderException) {
            return ApiException.refused(431, "headers_too_large", "the headers of the request are too large");
        }
        return ApiException.badRequest(null, "this is no request of HTTP/1.1");
    }

    private void append(ChannelHandlerContext context, HttpContent content) {
        RequestHead of = head;
        if (of == null) {
            return;
        }
        ApiException wrong = wrong(content.decoderResult());
        if (wrong != null) {
            refuse(context, of, wrong);
            return;
        }
        ByteBuf bytes = content.content();
        if (body.size() + bytes.readableBytes() > server.limits().bodyBytes()) {
            refuse(context, of, tooLarge());
            return;
        }
        byte[] part = new byte[bytes.readableBytes()];
        bytes.readBytes(part);
        body.writeBytes(part);
        if (content instanceof LastHttpContent) {
            answer(context, of);
        }
    }

    private void answer(ChannelHandlerContext context, RequestHead of) {
        state = State.ANSWERING;
        Exchange started =
                new Exchange(context.channel(), of, (ended, status, last) -> ended(context, ended, status, last));
        exchange = started;
        byte[] all = body.toByteArray();
        body.reset();
        after(context, server.limits().answering(), ignored -> {
            started.abort(ApiException.timeout("the answer took longer than the "
                    + server.limits().answering().toSeconds() + " seconds that it may (--request-timeout)"));
        });
        server.began(started);
        server.router().handle(started, all);
    }

    /** The last of an answer is on its way, or nobody waits for one; on any thread. */
    private void ended(ChannelHandlerContext context, Exchange ended, int status, @Nullable ChannelFuture last) {
        server.ended(ended, status);
        if (last != null) {
            Sending.then(last, sent -> {
                if (sent.isSuccess()) {
                    answered(context, ended);
                } else {
                    Sending.close(context);
                }
            });
        }
    }

    /** An answer has been written; on the connection's thread. */
    private void answered(ChannelHandlerContext context, Exchange ended) {
        exchange = null;
        cancelTimers();
        if (state == State.DISCARDING) {
            written = true;
            if (context.channel() instanceof DuplexChannel channel) {
                Sending.endOutput(channel); // the client sees the end of the answer at once
            }
            after(context, LINGER, Sending::close);
            closeIfDone(context);
            return;
        }
        if (ended.closes() || server.isStopping()) {
            Sending.close(context);
            return;
        }
        state = State.IDLE;
        began = false;
        while (state != State.ANSWERING && !next.isEmpty()) {
            bytesCame(context);
            Object message = next.remove();
            try {
                read(context, (HttpObject) message);
            } finally {
                ReferenceCountUtil.release(message);
            }
        }
        if (inputEnded && state != State.ANSWERING) {
            Sending.close(context);
            return;
        }
        if (next.isEmpty()) {
            context.channel().config().setAutoRead(true);
        }
        if (state == State.IDLE && !began) {
            after(context, server.limits().idle(), this::idleTooLong);
        }
    }

    /** Answers a request that is not read to its end. */
    private void refuse(ChannelHandlerContext context, RequestHead of, ApiException error) {
        state = State.DISCARDING;
        Exchange refused =
                new Exchange(context.channel(), of, (ended, status, last) -> ended(context, ended, status, last));
        refused.close();
        exchange = refused;
        server.began(refused);
        refused.fail(error);
    }

    private void closeIfDone(ChannelHandlerContext context) {
        if (drained && written) {
            Sending.close(context);
        }
    }

    private void idleTooLong(ChannelHandlerContext context) {
        if (state == State.IDLE) {
            Sending.close(context);
        }
    }

    private void sendsTooSlowly(ChannelHandlerContext context) {
        if (state == State.IDLE || state == State.READING) {
            RequestHead known = state == State.READING && head != null ? head : newHead(context, null);
            refuse(
                    context,
                    known,
                    ApiException.refused(
                            408,
                            "request_timeout",
                            "the request took longer than "
                                    + server.limits().client().toSeconds() + " seconds to come (--client-timeout)"));
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            if (state == State.DISCARDING) {
                drained = true;
                closeIfDone(context);
            } else if (state != State.ANSWERING) {
                Sending.close(context);
            } else if (exchange != null && exchange.head().isHttp11()) {
                probe = context.executor()
                        .scheduleAtFixedRate(() -> probe(context), PROBE_SECONDS, PROBE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private void probe(ChannelHandlerContext context) {
        if (exchange != null && exchange.isWaiting()) {
            interim(context, HttpResponseStatus.PROCESSING);
        }
    }

    /** The server stops: a connection without a request ends now, another one after its answer. */
    void stop(ChannelHandlerContext context) {
        if (state == State.IDLE && !began) {
            Sending.close(context);
        }
    }

    /** What must happen unless something else happens first. */
    private interface Late {
        void act(ChannelHandlerContext context);
    }

    private void after(ChannelHandlerContext context, Duration time, Late late) {
        if (timer != null) {
            timer.cancel(false);
        }
        timer = context.executor().schedule(() -> late.act(context), time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void cancelTimers() {
        if (timer != null) {
            timer.cancel(false);
        }
        if (probe != null) {
            probe.cancel(false);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        server.failed(cause);
        Sending.close(context);
    }
}
