package dev.demur.cli.serve;

import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /metrics} tells, in the text format of Prometheus. Labels come from fixed lists (endpoints, statuses,
 * categories), never from requests, so that nobody can make it grow. Thread-safe.
 */
final class Metrics {

    private static final double NANOS = 1e9;
    private static final double[] SECONDS = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300};
    private static final double[] SHARES = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1};

    private final Map<String, LongAdder> requests = new ConcurrentSkipListMap<>();
    private final Map<String, Histogram> durations = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> decisions = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> cancelled = new ConcurrentSkipListMap<>();
    private final Histogram deciding = new Histogram(SECONDS);
    private final Histogram firstToken = new Histogram(SECONDS);
    private final Histogram coverage = new Histogram(SHARES);
    private final LongAdder promptTokens = new LongAdder();
    private final LongAdder generatedTokens = new LongAdder();
    private final AtomicInteger connections = new AtomicInteger();
    private final LongAdder refusedConnections = new LongAdder();
    private final IntSupplier running;
    private final IntSupplier waiting;
    private final Supplier<@Nullable ServedModel> model;
    private final String version;
    private final long startedSeconds = System.currentTimeMillis() / 1000;

    /**
     * Empty metrics.
     *
     * @param running how many requests are at the model
     * @param waiting how many wait for their turn
     * @param model what is served; null until it is loaded
     * @param version of the program
     */
    Metrics(IntSupplier running, IntSupplier waiting, Supplier<@Nullable ServedModel> model, String version) {
        this.running = running;
        this.waiting = waiting;
        this.model = model;
        this.version = version;
    }

    /**
     * A request has been answered, or its client has gone.
     *
     * @param endpoint one of the server's own paths, or {@code other}
     */
    void answered(String endpoint, int status, long nanos) {
        String labels = "endpoint=\"" + endpoint + "\"";
        requests.computeIfAbsent(labels + ",status=\"" + status + "\"", key -> new LongAdder())
                .increment();
        durations.computeIfAbsent(labels, key -> new Histogram(SECONDS)).observe(nanos / NANOS);
    }

    /** A prompt has been decided on. */
    void decided(Decision decision) {
        String category =
                decision instanceof Decision.Refuse refuse ? refuse.category().id() : "";
        decisions
                .computeIfAbsent(labels(decision.kind(), category), key -> new LongAdder())
                .increment();
        coverage.observe(decision.reading().coverage());
    }

    private static String labels(String kind, String category) {
        return "kind=\"" + kind + "\",category=\"" + escaped(category) + "\"";
    }

    /** How long prompts and decisions took. */
    void timed(long decisionNanos, long firstTokenNanos) {
        deciding.observe(decisionNanos / NANOS);
        if (firstTokenNanos > 0) {
            firstToken.observe(firstTokenNanos / NANOS);
        }
    }

    void tokens(int prompt, int generated) {
        promptTokens.add(prompt);
        generatedTokens.add(generated);
    }

    /** Work was ended before it was done, for {@code disconnect}, {@code timeout}, {@code slow-reader} or {@code stop}. */
    void cancelled(String reason) {
        cancelled
                .computeIfAbsent("reason=\"" + reason + "\"", key -> new LongAdder())
                .increment();
    }

    /** Returns how many there are with it. */
    int connected() {
        return connections.incrementAndGet();
    }

    void disconnected() {
        connections.decrementAndGet();
    }

    void connectionRefused() {
        refusedConnections.increment();
    }

    /** All of it as text. */
    String text() {
        StringBuilder out = new StringBuilder();
        head(out, "demur_info", "gauge", "What runs; always 1.");
        ServedModel served = model.get();
        out.append("demur_info{version=\"").append(escaped(version)).append('"');
        if (served != null) {
            out.append(",model=\"").append(escaped(served.name())).append('"');
        }
        out.append("} 1\n");
        one(
                out,
                "demur_start_time_seconds",
                "gauge",
                "When the server started, in seconds since 1970.",
                startedSeconds);
        if (served != null) {
            one(
                    out,
                    "demur_policy_promise_holds",
                    "gauge",
                    "1 if the policy promises something and what runs is what it was calibrated with, else 0.",
                    served.policy().holds() ? 1 : 0);
            decisionsOf(served.engine().labels());
            PromiseWatch watch = served.policy().watch();
            if (watch != null) {
                MonitorMetrics.write(out, watch.report());
            }
        }
        counters(
                out,
                "demur_http_requests_total",
                "Requests by endpoint and status (499: the client had gone).",
                requests);
        head(out, "demur_http_request_seconds", "histogram", "From a request's first byte to the end of its answer.");
        durations.forEach((labels, histogram) -> histogram.write(out, "demur_http_request_seconds", labels));
        counters(out, "demur_decisions_total", "Decisions by kind and category.", decisions);
        histogram(out, "demur_decision_seconds", "From a request's turn at the model to its decision.", deciding);
        histogram(
                out, "demur_first_token_seconds", "From a request's turn at the model to its first token.", firstToken);
        histogram(
                out,
                "demur_coverage",
                "The probability of all labels together; under 0.5 the readout or the template is the wrong one.",
                coverage);
        one(out, "demur_prompt_tokens_total", "counter", "Tokens of prompts.", promptTokens.sum());
        one(out, "demur_generated_tokens_total", "counter", "Tokens of replies.", generatedTokens.sum());
        one(out, "demur_requests_running", "gauge", "Requests that are at the model.", running.getAsInt());
        one(out, "demur_requests_waiting", "gauge", "Requests that wait for their turn.", waiting.getAsInt());
        counters(out, "demur_requests_cancelled_total", "Requests that were ended before they were done.", cancelled);
        one(out, "demur_connections", "gauge", "Open connections.", connections.get());
        one(
                out,
                "demur_connections_refused_total",
                "counter",
                "Connections beyond --max-connections.",
                refusedConnections.sum());
        return out.toString();
    }

    /** Counters that begin at 0 show their first increase. */
    private void decisionsOf(Labels labels) {
        decisions.computeIfAbsent(labels(Labels.RESPOND, ""), key -> new LongAdder());
        labels.categories()
                .forEach(
                        category -> decisions.computeIfAbsent(labels("refuse", category.id()), key -> new LongAdder()));
    }

    static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    static void one(StringBuilder out, String name, String type, String help, long value) {
        head(out, name, type, help);
        out.append(name).append(' ').append(value).append('\n');
    }

    /**
     * A line.
     *
     * @param labels as {@code category="x"}; empty for none
     */
    static void value(StringBuilder out, String name, String labels, double value) {
        out.append(name);
        if (!labels.isEmpty()) {
            out.append('{').append(labels).append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    private static void counters(StringBuilder out, String name, String help, Map<String, LongAdder> counters) {
        head(out, name, "counter", help);
        counters.forEach((labels, count) -> out.append(name)
                .append('{')
                .append(labels)
                .append("} ")
                .append(count.sum())
                .append('\n'));
    }

    private static void histogram(StringBuilder out, String name, String help, Histogram histogram) {
        head(out, name, "histogram", help);
        histogram.write(out, name, "");
    }

    static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
