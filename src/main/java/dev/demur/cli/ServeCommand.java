package dev.demur.cli;

import com.google.gson.JsonArray;
import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.LoadOptions;
import dev.demur.bindings.Settings;
import dev.demur.calibration.Promise;
import dev.demur.calibration.Provenance;
import dev.demur.cli.files.FileKind;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.Home;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.MonitorSettings;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.options.Version;
import dev.demur.cli.options.Warning;
import dev.demur.cli.serve.AccessLog;
import dev.demur.cli.serve.DemurServer;
import dev.demur.cli.serve.PromiseWatch;
import dev.demur.cli.serve.ServedPolicy;
import dev.demur.cli.terminal.Interruption;
import dev.demur.cli.terminal.Patience;
import dev.demur.cli.terminal.Terminal;
import dev.demur.llama.Cancellation;
import dev.demur.monitor.Monitor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur serve}: answers over HTTP, in the shape of OpenAI's API, until it is told to stop. */
final class ServeCommand implements Command {

    /** As many sequences as every llama.cpp has; of more requests some wait for the others. */
    private static final int MOST_TOGETHER = 64;

    /** What a stop takes at most beyond the time that requests under way have. */
    private static final int LAST_SECONDS = 10;

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Answers over HTTP, as OpenAI's API does.")
                .description(
                        "",
                        "Answers over HTTP, as OpenAI's API does: POST /v1/chat/completions, /v1/moderations and"
                                + " /v1/systemone; GET /v1/models, /health and /metrics; /v1/labels with --monitor. A reply has the decision in the"
                                + " field demur." + (Home.has("docs/SERVER.md") ? " docs/SERVER.md tells more." : ""))
                .footer(
                        "",
                        "Examples:",
                        "  demur serve",
                        "  demur serve --port 9000 --preset strict --model-name guard",
                        "  demur serve --host 0.0.0.0 --token-file token",
                        "  demur serve --policy policy.json --monitor watch.json --audited-answers 0.01",
                        "",
                        "Exit status: 1 if it cannot start, 2 wrong usage, 130 stopped by Ctrl-C, 143 by SIGTERM.");
        ServeOptions.addTo(spec);
        PolicyOptions.addTo(spec);
        ModelOptions.addTo(spec);
        return spec;
    }

    @Override
    public boolean endsItself() {
        return true;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        ModelOptions modelOptions = ModelOptions.from(arguments);
        PolicyOptions policyOptions = PolicyOptions.from(arguments);
        ServeOptions options = ServeOptions.from(arguments);
        if (options.monitor() != null) {
            FileKind.requireWritable(options.monitor());
        }
        Path model = modelOptions.modelFile();
        modelOptions.prepare(terminal);
        long patience = options.limits().stopping().toSeconds() + LAST_SECONDS;
        try (Interruption interruption = Interruption.watch(patience);
                Writer log = log(options.accessLog());
                DemurServer server = start(options, log, terminal)) {
            LoadOptions load = modelOptions
                    .load()
                    .withParallel(Math.min(options.limits().concurrent(), MOST_TOGETHER))
                    .withCancellation(interruption.cancellation());
            serve(server, model, load, options, policyOptions, terminal);
            waitForEnd(interruption);
            terminal.error("demur: stopping");
            return ExitStatus.INTERRUPTED;
        } catch (CancellationException e) {
            return ExitStatus.INTERRUPTED; // while the model was loaded
        } catch (IOException e) {
            throw new DemurException("the access log cannot be closed: " + e.getMessage(), e);
        }
    }

    private static Writer log(@Nullable String file) {
        if (file == null || file.equals(ServeOptions.NONE)) {
            return Writer.nullWriter();
        }
        Path path = Arguments.path("--access-log", file);
        try {
            return Files.newBufferedWriter(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new DemurException("--access-log: " + path + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static DemurServer start(ServeOptions options, Writer log, Terminal terminal) {
        AccessLog accessLog = options.accessLog() == null
                ? new AccessLog(terminal::error, options.logText())
                : new AccessLog(line -> write(log, line), options.logText());
        DemurServer.Settings settings = new DemurServer.Settings(
                options.address(),
                options.token(terminal),
                options.limits(),
                accessLog,
                (what, failure) -> problem(what, failure, terminal),
                Version.text());
        try {
            return DemurServer.start(settings);
        } catch (IOException e) {
            throw new DemurException(
                    "cannot listen at " + options.address() + ": " + e.getMessage()
                            + ": stop what listens there, or name another --port or --host",
                    e);
        }
    }

    private static void write(Writer log, String line) {
        try {
            log.write(line + "\n");
            log.flush();
        } catch (IOException e) {
            throw new DemurException("the access log cannot be written: " + e.getMessage(), e);
        }
    }

    private static void problem(String what, Throwable failure, Terminal terminal) {
        Warning.show(terminal, what + ": " + failure);
        if (Settings.get("demur.debug") != null) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            terminal.error(trace.toString());
        }
    }

    private static void serve(
            DemurServer server,
            Path model,
            LoadOptions load,
            ServeOptions options,
            PolicyOptions policyOptions,
            Terminal terminal) {
        Demur demur = load(model, load, terminal);
        try {
            ChosenPolicy chosen = policyOptions.choose(demur);
            Optional<Provenance> provenance = Provenance.of(chosen.calibrated(), demur, null);
            PolicyCheck.show(provenance, chosen.source(), policyOptions.strict(), terminal);
            PolicyCheck.warnOfUnknown(provenance, chosen.source(), terminal);
            PolicyCheck.warnOfUnnamed(chosen.policy(), demur.labels(), chosen.source(), terminal);
            for (String warning : policyOptions.withoutEffect(chosen.policy())) {
                Warning.show(terminal, warning);
            }
            PromiseWatch watch = watch(options, chosen, demur, terminal);
            Promise promise = Promise.of(chosen.calibrated(), provenance);
            ServedPolicy policy = policy(chosen, promise, provenance, watch);
            List<String> names = options.names().isEmpty() ? List.of(name(model)) : options.names();
            long created = Files.getLastModifiedTime(model).toMillis() / 1000;
            server.serve(demur, names, created, policy, options.defaults());
            terminal.error(
                    "demur: " + names.get(0) + " answers at http://" + server.address() + "/v1 (Ctrl-C stops it)");
            terminal.error("demur: decided by " + policy.source() + ", which "
                    + (policy.holds() ? policy.promise() : "promises nothing here"));
        } catch (IOException e) {
            demur.close();
            throw new DemurException(model + ": cannot be looked at: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            demur.close();
            throw e;
        }
    }

    /** What watches the policy's promise: begun anew, or taken up where the file is there. */
    private static @Nullable PromiseWatch watch(
            ServeOptions options, ChosenPolicy chosen, Demur demur, Terminal terminal) {
        Path file = options.monitor();
        if (file == null) {
            return null;
        }
        MonitorSettings settings = options.monitorSettings();
        Monitor monitor;
        if (Files.exists(file)) {
            monitor = Monitor.read(file, chosen.policy());
            settings.requireSame(monitor.options(), file, ServeOptions.MONITOR);
            if (!monitor.labels().categoryIds().equals(demur.labels().categoryIds())) {
                throw new DemurException(file + ": is of a model with the categories "
                        + monitor.labels().categoryIds() + ", and this one has "
                        + demur.labels().categoryIds() + ": begin anew with another " + ServeOptions.MONITOR);
            }
        } else {
            monitor = settings.begin(chosen.policy(), demur.labels(), terminal);
        }
        return new PromiseWatch(monitor, file, (what, failure) -> problem(what, failure, terminal));
    }

    private static ServedPolicy policy(
            ChosenPolicy chosen, Promise promise, Optional<Provenance> provenance, @Nullable PromiseWatch watch) {
        JsonArray differences = PolicyCheck.json(provenance);
        return new ServedPolicy(
                chosen.policy(),
                chosen.source(),
                promise.bounds().isEmpty() ? null : promise.statement(),
                promise.holds(),
                differences == null ? new JsonArray() : differences,
                watch);
    }

    /** What clients call a model that has been given no name. */
    static String name(Path model) {
        String file = String.valueOf(model.getFileName());
        return file.endsWith(".gguf") ? file.substring(0, file.length() - ".gguf".length()) : file;
    }

    private static Demur load(Path model, LoadOptions load, Terminal terminal) {
        try (Patience patience = new Patience(terminal)) {
            patience.begin("loading " + model.getFileName());
            return Demur.load(model, load);
        }
    }

    private static void waitForEnd(Interruption interruption) {
        CountDownLatch told = new CountDownLatch(1);
        Cancellation.Scope scope = interruption.cancellation().onCancel(told::countDown);
        try (scope) {
            told.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ends as if it had been told
        }
    }
}
