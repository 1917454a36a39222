package dev.demur.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import dev.demur.GenerationOptions;
import dev.demur.policy.ReadoutIdentity;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A server on a free port with a {@link SlowEngine}, whose log and problems are kept. */
final class TestServer implements AutoCloseable {

    static final String MODEL = "test-model";

    private static final Pattern METRIC =
            Pattern.compile("# (HELP|TYPE) demur_[a-z_]+ .+|demur_[a-z_]+(\\{([a-z]+=\"[^\"]*\",?)+})? [0-9.eE+-]+");

    /** So long that nothing ever ends by them. */
    static final Limits LONG = limits(4096, 4, 16, 3000, 3600, 3600, 3600, 3600);

    final SlowEngine engine = new SlowEngine();
    final LinkedBlockingQueue<String> log = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<String> problems = new LinkedBlockingQueue<>();
    final DemurServer server;

    TestServer() throws IOException {
        this(LONG, null, false);
    }

    TestServer(Limits limits) throws IOException {
        this(limits, null, false);
    }

    TestServer(Limits limits, @Nullable AccessToken token, boolean logText) throws IOException {
        server = DemurServer.start(new DemurServer.Settings(
                ListenAddress.of("127.0.0.1", 0),
                token,
                limits,
                new AccessLog(log::add, logText),
                (what, failure) -> problems.add(what + ": " + failure),
                "test"));
    }

    /** A server that is ready. */
    static TestServer ready() throws IOException {
        return new TestServer().serve();
    }

    static TestServer ready(Limits limits) throws IOException {
        return new TestServer(limits).serve();
    }

    TestServer serve() {
        return serve(null);
    }

    /** Answers from now on, watched by this. */
    TestServer serve(@Nullable PromiseWatch watch) {
        ServedPolicy policy = new ServedPolicy(SlowEngine.policy(), "a test", "little", true, new JsonArray(), watch);
        ServedModel model = new ServedModel(
                engine,
                List.of(MODEL, "alias"),
                1_700_000_000L,
                new ReadoutIdentity("tokens", null, Map.of()),
                policy,
                GenerationOptions.DEFAULTS.withMaxTokens(3));
        server.serve(model, () -> {});
        return this;
    }

    static Limits limits(
            int body, int concurrent, int waiting, int connections, int answering, int client, int idle, int stopping) {
        return new Limits(
                body,
                0,
                concurrent,
                waiting,
                connections,
                Duration.ofSeconds(answering),
                Duration.ofSeconds(client),
                Duration.ofSeconds(idle),
                Duration.ofSeconds(stopping));
    }

    int port() {
        return server.address().port();
    }

    RawClient connect() throws IOException {
        return new RawClient(port());
    }

    RawClient.Response ask(String request) throws IOException {
        return RawClient.ask(port(), request);
    }

    /** Waits until the metrics have such a line. */
    void awaitMetric(String line) throws IOException, InterruptedException {
        String metrics = "";
        for (int i = 0; i < 180_000; i++) {
            metrics = ask(RawClient.get("/metrics")).body();
            if (metrics.lines().anyMatch(line::equals)) {
                return;
            }
            Thread.sleep(10);
        }
        throw new AssertionError(line + " never came; there is\n" + metrics);
    }

    /** Checks that metrics are in the text format of Prometheus. */
    static void requirePrometheus(String metrics) {
        metrics.lines().forEach(line -> assertTrue(METRIC.matcher(line).matches(), line));
        List<String> types =
                metrics.lines().filter(line -> line.startsWith("# TYPE")).toList();
        assertEquals(List.copyOf(new LinkedHashSet<>(types)), types, "each has one type");
    }

    @Override
    public void close() {
        engine.held.release(1_000_000);
        server.close();
    }
}
