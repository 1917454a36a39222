package dev.demur.cli;

import dev.demur.DemurException;
import dev.demur.GenerationOptions;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.MonitorSettings;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.SamplingOptions;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.options.Warning;
import dev.demur.cli.serve.AccessToken;
import dev.demur.cli.serve.Limits;
import dev.demur.cli.serve.ListenAddress;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Terminal;
import dev.demur.llama.Processing;
import dev.demur.llama.Sampling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The options of {@code serve} that are about the server: where it listens, who may ask, how much it takes on, and how it answers
 * where a request does not say.
 *
 * @param tokenFile null: none
 * @param names what clients may call the model; empty for the name of its file
 * @param accessLog null: standard error; {@value #NONE}: nowhere
 * @param monitor where it is kept whether the policy's promise holds; null: nobody watches
 * @param monitorSettings how to watch
 */
record ServeOptions(
        ListenAddress address,
        @Nullable Path tokenFile,
        List<String> names,
        Limits limits,
        GenerationOptions defaults,
        @Nullable String accessLog,
        boolean logText,
        @Nullable Path monitor,
        MonitorSettings monitorSettings) {

    static final String NONE = "none";

    private static final int DEFAULT_PORT = 8080;
    private static final int LAST_PORT = 65_535;
    static final int DEFAULT_TOKENS = 512;
    private static final int LARGEST_BODY = 1 << 30;
    private static final int MOST_REQUESTS = 1024;
    private static final int MOST_CONNECTIONS = 1_000_000;
    private static final int LONGEST_SECONDS = 86_400;
    private static final String LOCAL = "127.0.0.1";
    private static final String TOKEN_FILE = "--token-file";
    static final String MONITOR = "--monitor";

    static void addTo(CommandSpec spec) {
        Limits limits = Limits.DEFAULTS;
        spec.addOption(Options.value(
                        "--port", "N", "The port to listen at; 0 takes a free one (default: " + DEFAULT_PORT + ")."))
                .addOption(Options.value(
                        "--host",
                        "ADDRESS",
                        "The address to listen at: 0.0.0.0 for all that this machine has. Other machines need a token: see"
                                + " --token-file (default: " + LOCAL + ", for programs of this machine)."))
                .addOption(
                        Options.file(
                                TOKEN_FILE,
                                "FILE",
                                "A file that only you may read, whose first line clients must send as Authorization: Bearer TOKEN."))
                .addOption(Options.repeatable(
                        "--model-name",
                        "NAME",
                        "What clients call the model (default: the name of its file, without .gguf). May be repeated; the"
                                + " first is shown."))
                .addOption(Options.value(
                        "--max-tokens",
                        "N",
                        "The most tokens of an answer where a request does not say (default: " + DEFAULT_TOKENS + ")."))
                .addOption(
                        Options.value(
                                "--temperature",
                                "X",
                                "The temperature of sampling where a request does not say; 0 takes the likeliest token (default: 0)."))
                .addOption(Options.value(
                        "--repeat-penalty",
                        "X",
                        "The repeat penalty where a request does not say, as for ask (default: "
                                + Decimal.plain(SamplingOptions.REPEAT_PENALTY) + "; 1 where it asks for JSON)."))
                .addOption(Options.value(
                        "--max-body", "BYTES", "The largest request (default: " + limits.bodyBytes() + ")."))
                .addOption(Options.value(
                        "--max-prompt-tokens", "N", "The longest prompt (default: what the context holds, see --ctx)."))
                .addOption(Options.value(
                        "--parallel",
                        "N",
                        "How many requests are at the model at once (default: " + limits.concurrent() + ")."))
                .addOption(Options.value(
                        "--queue",
                        "N",
                        "How many more may wait; the next is told to try again later (default: " + limits.waiting()
                                + ")."))
                .addOption(Options.value(
                        "--max-connections",
                        "N",
                        "How many clients may be connected (default: " + limits.connections() + ")."))
                .addOption(seconds(
                        "--request-timeout", "How long an answer may take, waiting included", limits.answering()))
                .addOption(seconds(
                        "--client-timeout",
                        "How long a client may take to send a request, or to read what was sent to it",
                        limits.client()))
                .addOption(seconds("--idle-timeout", "How long a connection may lie idle", limits.idle()))
                .addOption(seconds(
                        "--stop-timeout",
                        "How long requests may go on after Ctrl-C or SIGTERM, before they are ended",
                        limits.stopping()))
                .addOption(Options.value(
                        "--access-log",
                        "FILE|" + NONE,
                        "Where a line for each request goes (default: standard error)."))
                .addOption(
                        Options.flag(
                                "--log-text",
                                "Writes prompts and answers to that log too. Without it the log says nothing of what they say."))
                .addOption(Options.file(
                        MONITOR,
                        "FILE",
                        "Watches whether the policy's promise holds, and keeps what is known in this file: POST /v1/labels"
                                + " takes labels, GET /metrics tells. The options below say how, as for monitor."));
        MonitorSettings.addTo(spec);
    }

    private static OptionSpec seconds(String name, String what, Duration otherwise) {
        return Options.value(name, "SECONDS", what + " (default: " + otherwise.toSeconds() + ").");
    }

    /** What was typed; what does not fit is a UsageException. */
    static ServeOptions from(Arguments arguments) {
        int port = (int) arguments.integer("--port", 0, LAST_PORT, DEFAULT_PORT);
        String host = arguments.text("--host");
        ListenAddress address;
        try {
            address = ListenAddress.of(host == null ? LOCAL : host, port);
        } catch (DemurException e) {
            throw new UsageException("--host: " + e.getMessage(), e);
        }
        Path tokenFile = arguments.path(TOKEN_FILE);
        if (tokenFile == null && !address.isLoopback()) {
            throw new UsageException(
                    "--host " + host + " can be reached by others, so there must be a token: make one with"
                            + " (umask 077; openssl rand -hex 32 >token) and add " + TOKEN_FILE + " token");
        }
        List<String> names = arguments.texts("--model-name");
        if (names.stream().anyMatch(String::isBlank)) {
            throw new UsageException("--model-name is empty: name the model");
        }
        Path monitor = arguments.path(MONITOR);
        MonitorSettings settings = MonitorSettings.from(arguments);
        if (monitor == null && !settings.given().isEmpty()) {
            throw new UsageException(String.join(", ", settings.given()) + " has no effect without " + MONITOR
                    + " FILE: add it, or leave it out");
        }
        return new ServeOptions(
                address,
                tokenFile,
                names,
                limits(arguments),
                defaults(arguments),
                arguments.text("--access-log"),
                arguments.has("--log-text"),
                monitor,
                settings);
    }

    private static Limits limits(Arguments arguments) {
        Limits limits = Limits.DEFAULTS;
        return new Limits(
                (int) arguments.integer("--max-body", 1, LARGEST_BODY, limits.bodyBytes()),
                (int) arguments.integer("--max-prompt-tokens", 1, Integer.MAX_VALUE, limits.promptTokens()),
                (int) arguments.integer("--parallel", 1, MOST_REQUESTS, limits.concurrent()),
                (int) arguments.integer("--queue", 0, MOST_CONNECTIONS, limits.waiting()),
                (int) arguments.integer("--max-connections", 1, MOST_CONNECTIONS, limits.connections()),
                seconds(arguments, "--request-timeout", 1, limits.answering()),
                seconds(arguments, "--client-timeout", 1, limits.client()),
                seconds(arguments, "--idle-timeout", 1, limits.idle()),
                seconds(arguments, "--stop-timeout", 0, limits.stopping()));
    }

    private static Duration seconds(Arguments arguments, String option, long least, Duration otherwise) {
        return Duration.ofSeconds(arguments.integer(option, least, LONGEST_SECONDS, otherwise.toSeconds()));
    }

    private static GenerationOptions defaults(Arguments arguments) {
        boolean inGraph = Processing.IN_GRAPH.id().equals(arguments.text("--processing"));
        double penalty = inGraph ? Sampling.GREEDY.repeatPenalty() : SamplingOptions.REPEAT_PENALTY;
        Sampling sampling = Sampling.GREEDY
                .withTemperature(SamplingOptions.temperature(arguments))
                .withRepeatPenalty(
                        arguments.number("--repeat-penalty", Sampling.LEAST_PENALTY, Sampling.MOST_PENALTY, penalty));
        int maxTokens = (int) arguments.integer("--max-tokens", 0, Integer.MAX_VALUE, DEFAULT_TOKENS);
        return GenerationOptions.DEFAULTS.withSampling(sampling).withMaxTokens(maxTokens);
    }

    /** The token that clients must send; null where none is asked for. */
    @Nullable
    AccessToken token(Terminal terminal) {
        if (tokenFile == null) {
            return null;
        }
        AccessToken token = AccessToken.read(tokenFile);
        String warning = token.warning();
        if (warning != null) {
            Warning.show(terminal, warning);
        }
        return token;
    }
}
