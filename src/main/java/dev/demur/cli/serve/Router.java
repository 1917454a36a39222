package dev.demur.cli.serve;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Which path does what, and who may ask. Its methods are called by the connections' thread and wait for nothing. */
final class Router {

    static final String CHAT = "/v1/chat/completions";
    static final String MODERATIONS = "/v1/moderations";
    static final String SYSTEM_ONE = "/v1/systemone";
    static final String LABELS = "/v1/labels";
    static final String MODELS = "/v1/models";
    static final String HEALTH = "/health";
    static final String METRICS = "/metrics";

    private static final String GET = "GET";
    private static final String POST = "POST";
    private static final Map<String, List<String>> METHODS = Map.of(
            CHAT, List.of(POST),
            MODERATIONS, List.of(POST),
            SYSTEM_ONE, List.of(POST),
            LABELS, List.of(GET, POST),
            MODELS, List.of(GET),
            HEALTH, List.of(GET),
            METRICS, List.of(GET));
    private static final List<String> PATHS = List.of(CHAT, MODERATIONS, SYSTEM_ONE, LABELS, MODELS, HEALTH, METRICS);
    private static final String LOCAL = "localhost";

    private final @Nullable AccessToken token;
    private final Limits limits;
    private final Metrics metrics;
    private final Admission admission;
    private final BooleanSupplier stopping;
    private volatile @Nullable Endpoints endpoints;
    private volatile @Nullable ServedModel model;

    Router(@Nullable AccessToken token, Limits limits, Metrics metrics, Admission admission, BooleanSupplier stopping) {
        this.token = token;
        this.limits = limits;
        this.metrics = metrics;
        this.admission = admission;
        this.stopping = stopping;
    }

    private record Endpoints(ChatEndpoint chat, ModerationEndpoint moderations, SystemOneEndpoint systemOne) {}

    /** From now on requests to the model are answered. */
    void ready(ServedModel loaded) {
        PromptLimit limit = new PromptLimit(loaded.engine(), limits.promptTokens());
        endpoints = new Endpoints(
                new ChatEndpoint(loaded, limit, metrics),
                new ModerationEndpoint(loaded, limit, metrics),
                new SystemOneEndpoint(loaded, limit, metrics));
        model = loaded;
    }

    /** What is served; null until it is loaded. */
    @Nullable
    ServedModel model() {
        return model;
    }

    /** The path for metrics: one of a few, whatever a client asks for. */
    static String endpoint(String path) {
        if (path.startsWith(MODELS + "/")) {
            return MODELS;
        }
        return METHODS.containsKey(path) ? path : "other";
    }

    /**
     * Checks what can be told before a request's body is there; an {@link ApiException} where it is not to be read.
     *
     * @param host the header of that name; null: there is none
     * @param hasBody whether a body follows
     */
    void check(
            RequestHead head,
            @Nullable String host,
            @Nullable String authorization,
            @Nullable String contentType,
            boolean hasBody) {
        String endpoint = endpoint(head.path());
        if (token == null) {
            requireLocalHost(host);
        } else if (!endpoint.equals(HEALTH) && !token.isIn(authorization)) {
            throw ApiException.refused(
                    401,
                    "invalid_api_key",
                    authorization == null
                            ? "a token is needed: send Authorization: Bearer TOKEN"
                            : "the token is not the one that this server takes");
        }
        List<String> methods = METHODS.get(endpoint);
        if (methods == null) {
            throw ApiException.notFound(
                    null,
                    "unknown_url",
                    "there is no " + Quoted.of(head.path()) + " here: there are " + String.join(", ", PATHS));
        }
        boolean allowed = methods.contains(head.method())
                || methods.contains(GET) && head.method().equals("HEAD");
        if (!allowed) {
            throw ApiException.wrongMethod(
                    String.join(", ", methods),
                    head.path() + " is asked by " + String.join(" or ", methods) + ", not "
                            + Quoted.cut(head.method()));
        }
        boolean isPost = head.method().equals(POST);
        if (isPost && !isJson(contentType)) {
            throw ApiException.refused(
                    415, "unsupported_media_type", "send JSON, with the header Content-Type: application/json");
        }
        if (!isPost && hasBody) {
            throw ApiException.badRequest(null, head.path() + " takes no body");
        }
    }

    /**
     * Without a token only programs of this machine may ask, and no web page that a browser here shows: the name of another
     * host, or a body that a form could send, tells such a page.
     */
    private static void requireLocalHost(@Nullable String host) {
        if (host == null) {
            return; // HTTP/1.0; a browser always sends it
        }
        String name = host.toLowerCase(Locale.ROOT).replaceFirst(":\\d*$", "");
        boolean local = name.equals(LOCAL)
                || name.endsWith("." + LOCAL)
                || name.equals("[::1]")
                || name.matches("127(\\.\\d{1,3}){3}");
        if (!local) {
            throw ApiException.refused(
                    403,
                    "wrong_host",
                    "without a token this server answers to localhost only, and the header Host says " + Quoted.of(host)
                            + ": start it with --token-file");
        }
    }

    private static boolean isJson(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.equals("application/json");
    }

    /** Answers a request that {@link #check} let through, or has it answered by a thread that may wait. */
    void handle(Exchange exchange, byte[] body) {
        try {
            route(exchange, body);
        } catch (ApiException e) {
            exchange.fail(e);
        }
    }

    private void route(Exchange exchange, byte[] body) {
        String path = exchange.head().path();
        switch (path) {
            case HEALTH -> health(exchange);
            case METRICS -> exchange.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text());
            default -> {
                if (stopping.getAsBoolean()) {
                    throw ApiException.unavailable("stopping", "the server is stopping");
                }
                ServedModel served = model;
                Endpoints ready = endpoints;
                if (served == null || ready == null) {
                    throw ApiException.unavailable("loading", "the model is still being loaded: try again in a moment");
                }
                if (path.equals(MODELS)) {
                    exchange.json(200, ModelsJson.list(served));
                } else if (path.startsWith(MODELS + "/")) {
                    String name = path.substring(MODELS.length() + 1);
                    served.requireNamed(name);
                    exchange.json(200, ModelsJson.of(served, name));
                } else if (path.equals(LABELS)) {
                    labels(exchange, LabelsEndpoint.of(served), body);
                } else {
                    submit(exchange, ready, Fields.parse(body));
                }
            }
        }
    }

    private static void labels(Exchange exchange, LabelsEndpoint labels, byte[] body) {
        if (exchange.head().method().equals(POST)) {
            labels.take(Fields.parse(body), exchange);
        } else {
            labels.list(exchange);
        }
    }

    private void submit(Exchange exchange, Endpoints ready, Fields fields) {
        Runnable work;
        switch (exchange.head().path()) {
            case CHAT -> {
                ChatRequest request = ChatRequest.parse(fields, ready.chat().model());
                work = () -> ready.chat().answer(request, exchange);
            }
            case MODERATIONS -> {
                List<String> texts = ready.moderations().parse(fields);
                work = () -> ready.moderations().answer(texts, exchange);
            }
            default -> {
                SystemOneEndpoint.Request request = ready.systemOne().parse(fields);
                work = () -> ready.systemOne().answer(request, exchange);
            }
        }
        admission.submit(exchange, work);
    }

    private void health(Exchange exchange) {
        boolean ready = model != null;
        JsonObject json = new JsonObject();
        json.addProperty("status", stopping.getAsBoolean() ? "stopping" : ready ? "ok" : "loading");
        exchange.json(ready && !stopping.getAsBoolean() ? 200 : 503, json);
    }
}
