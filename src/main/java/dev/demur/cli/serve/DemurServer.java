package dev.demur.cli.serve;

import dev.demur.Demur;
import dev.demur.GenerationOptions;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.WriteTimeoutException;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The server: listens from {@link #start} on, answers requests to the model from {@link #serve} on, and ends with {@link #close}.
 *
 * <p>On Netty: one thread has all connections, so that thousands of slow or idle clients cost memory alone, and tells at once
 * of a client that has gone. A thread for each request waits for the model.
 */
public final class DemurServer implements AutoCloseable {

    private static final int LONGEST_LINE = 8 * 1024;
    private static final int LARGEST_HEAD = 32 * 1024;
    private static final int LARGEST_PART = 64 * 1024;
    private static final int BACKLOG = 1024;
    private static final long LAST_WORDS_MILLIS = 5_000;
    private static final long FLUSH_MILLIS = 2_000;

    private final Settings settings;
    private final Metrics metrics;
    private final Admission admission;
    private final Router router;
    private final EventLoopGroup threads;
    private final Set<Channel> channels = ConcurrentHashMap.newKeySet();
    private final Set<Exchange> exchanges = ConcurrentHashMap.newKeySet();
    private final Channel listening;
    private volatile boolean stopping;
    private @Nullable AutoCloseable engine;

    /**
     * What a server is started with.
     *
     * @param address where it listens; the port 0 is any free one
     * @param token what clients must send; null: nothing, and then only programs of this machine may ask
     * @param log of the requests
     * @param problems hears what went wrong in the server itself
     * @param version of the program, for the metrics
     */
    public record Settings(
            ListenAddress address,
            @Nullable AccessToken token,
            Limits limits,
            AccessLog log,
            BiConsumer<String, Throwable> problems,
            String version) {}

    /** Kept, because what is set of a logger that nobody holds is forgotten. */
    private static final Logger NETTY = Logger.getLogger("io.netty");

    static {
        // Else Netty takes what it finds on the class path, and tells of every choice that it makes.
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        NETTY.setLevel(Level.WARNING);
    }

    private DemurServer(Settings settings) throws IOException {
        this.settings = settings;
        Limits limits = settings.limits();
        this.admission = new Admission(limits.concurrent(), limits.waiting(), this::workFailed);
        this.metrics = new Metrics(admission::running, admission::waiting, this::model, settings.version());
        this.router = new Router(settings.token(), limits, metrics, admission, () -> stopping);
        this.threads = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("demur-http", true), NioIoHandler.newFactory());
        this.listening = listen();
    }

    private @Nullable ServedModel model() {
        return router.model();
    }

    /**
     * Begins to listen.
     *
     * @throws IOException if the address cannot be listened at, or has no token and is not of this machine alone
     */
    public static DemurServer start(Settings settings) throws IOException {
        if (settings.token() == null && !settings.address().isLoopback()) {
            throw new IOException("there must be a token where others can connect");
        }
        return new DemurServer(settings);
    }

    private Channel listen() throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(threads)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // A page of memory for each idle connection would be kept by a pool, and the collector frees it here.
                .childOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(false))
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(Exchange.MOST_PENDING / 2, Exchange.MOST_PENDING))
                .childHandler(new Pipeline());
        var bound = bootstrap.bind(settings.address().socketAddress()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            Throwable cause = bound.cause();
            shutThreads();
            throw new IOException(String.valueOf(cause == null ? null : cause.getMessage()), cause);
        }
        return bound.channel();
    }

    /** What each connection is made of. */
    private final class Pipeline extends ChannelInitializer<SocketChannel> {
        @Override
        protected void initChannel(SocketChannel channel) {
            Connection connection = new Connection(DemurServer.this);
            HttpDecoderConfig config = new HttpDecoderConfig()
                    .setMaxInitialLineLength(LONGEST_LINE)
                    .setMaxHeaderSize(LARGEST_HEAD)
                    .setMaxChunkSize(LARGEST_PART);
            channel.pipeline()
                    .addLast(new WriteTimeoutHandler(limits().client().toSeconds(), TimeUnit.SECONDS))
                    .addLast(new HttpServerCodec(config))
                    .addLast(connection);
            ChannelHandlerContext context = channel.pipeline().context(connection);
            channel.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext first, Object message) {
                    connection.bytesCame(context);
                    first.fireChannelRead(message);
                }

                @Override
                public void userEventTriggered(ChannelHandlerContext first, Object event) {
                    if (event == Stop.STOP) {
                        connection.stop(context);
                    } else {
                        first.fireUserEventTriggered(event);
                    }
                }
            });
        }
    }

    /** Tells a connection that the server stops. */
    private enum Stop {
        STOP
    }

    /** Where it listens. */
    public ListenAddress address() {
        return ListenAddress.of((InetSocketAddress) listening.localAddress());
    }

    /**
     * From now on requests are answered by this model, which is closed with the server.
     *
     * @param names what requests may call it, the first being its own
     * @param createdSeconds when its file was last changed, in seconds since 1970
     * @param defaults how it answers where a request does not say
     */
    public void serve(
            Demur demur, List<String> names, long createdSeconds, ServedPolicy policy, GenerationOptions defaults) {
        DemurEngine loaded = new DemurEngine(demur, policy.policy());
        serve(
                new ServedModel(
                        loaded,
                        List.copyOf(names),
                        createdSeconds,
                        demur.readout().identity(),
                        policy,
                        defaults),
                loaded);
    }

    /**
     * As {@link #serve(Demur, List, long, ServedPolicy, GenerationOptions)}, by a model that stays its owner's: the server does not
     * close it. May be called again, with another policy or another model; then requests that are under way with the one before
     * end with an error that says so. Waits for nothing.
     */
    public synchronized void share(
            Demur demur, List<String> names, long createdSeconds, ServedPolicy policy, GenerationOptions defaults) {
        AutoCloseable before = engine;
        DemurEngine shared = before instanceof DemurEngine last && last.has(demur)
                ? last
                : DemurEngine.sharing(demur, policy.policy());
        shared.decideBy(policy.policy());
        engine = shared;
        router.ready(new ServedModel(
                shared, List.copyOf(names), createdSeconds, demur.readout().identity(), policy, defaults));
        if (before != null && before != shared) {
            exchanges.forEach(exchange -> exchange.abort(ApiException.unavailable(
                    "model_replaced", "the model was replaced by another one: send the request again")));
            Thread closing = new Thread(() -> close(before), "demur-http-close");
            closing.setDaemon(true);
            closing.start();
        }
    }

    /** As {@link #serve(Demur, List, long, ServedPolicy, GenerationOptions)}, by another engine. */
    synchronized void serve(ServedModel model, AutoCloseable closedAtTheEnd) {
        engine = closedAtTheEnd;
        router.ready(model);
    }

    Limits limits() {
        return settings.limits();
    }

    Router router() {
        return router;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Counts a connection; false where it is one too many. */
    boolean connected(Channel channel) {
        channels.add(channel);
        boolean fits = metrics.connected() <= limits().connections();
        if (!fits) {
            metrics.connectionRefused();
        }
        return fits;
    }

    void disconnected(Channel channel) {
        channels.remove(channel);
        metrics.disconnected();
    }

    void began(Exchange exchange) {
        exchanges.add(exchange);
    }

    /** An exchange has its answer, or nobody waits for one. */
    void ended(Exchange exchange, int status) {
        exchanges.remove(exchange);
        RequestHead head = exchange.head();
        long nanos = System.nanoTime() - head.startedNanos();
        metrics.answered(Router.endpoint(head.path()), status, nanos);
        String reason = status == Exchange.GONE ? "disconnect" : exchange.abortionCode();
        if (reason != null) {
            metrics.cancelled(reason);
        }
        Exchange.Facts facts = exchange.facts();
        settings.log()
                .write(new AccessLog.Entry(
                        head.id(),
                        head.client(),
                        head.method(),
                        head.path(),
                        status,
                        nanos,
                        facts.promptTokens,
                        facts.generatedTokens,
                        facts.decision,
                        facts.error,
                        facts.prompt,
                        facts.reply));
    }

    private void workFailed(Exchange exchange, Throwable failure) {
        ApiException error = Failures.of(failure, exchange);
        if (error.getCause() != null) {
            settings.problems().accept("request " + exchange.head().id(), failure);
        }
        exchange.fail(error);
    }

    /** A connection failed: by its client, which is that one's affair, or by an error of the server's. */
    void failed(Throwable cause) {
        if (cause instanceof WriteTimeoutException) {
            metrics.cancelled("slow_reader");
        } else if (!(cause instanceof IOException)) {
            settings.problems().accept("a connection", cause);
        }
    }

    /**
     * Stops: no new connections and requests; requests under way may go on for as long as the limits say, and are then ended with
     * an answer that says so. Waits for that, and closes the model.
     */
    @Override
    public void close() {
        stopping = true;
        listening.close().awaitUninterruptibly();
        channels.forEach(channel -> channel.pipeline().fireUserEventTriggered(Stop.STOP));
        admission.close();
        try {
            if (!admission.awaitEnd(limits().stopping().toMillis())) {
                exchanges.forEach(
                        exchange -> exchange.abort(ApiException.unavailable("stopping", "the server is stopping")));
                if (!admission.awaitEnd(LAST_WORDS_MILLIS)) {
                    settings.problems().accept("stopping", new IllegalStateException("a request does not end"));
                }
            }
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FLUSH_MILLIS);
            while (!channels.isEmpty() && System.nanoTime() < deadline) {
                Thread.sleep(10); // answers are on their way
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channels.forEach(Sending::close);
        shutThreads();
        closeEngine();
    }

    private void shutThreads() {
        threads.shutdownGracefully(0, FLUSH_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly();
    }

    private synchronized void closeEngine() {
        if (engine != null) {
            close(engine);
            engine = null;
        }
    }

    private void close(AutoCloseable ended) {
        try {
            ended.close();
        } catch (Exception e) {
            settings.problems().accept("closing the model", e);
        }
    }
}
