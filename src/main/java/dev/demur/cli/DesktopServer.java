package dev.demur.cli;

import com.google.gson.JsonArray;
import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.GenerationOptions;
import dev.demur.calibration.Promise;
import dev.demur.calibration.PromisedBound;
import dev.demur.calibration.Provenance;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.SamplingOptions;
import dev.demur.cli.options.Version;
import dev.demur.cli.serve.AccessLog;
import dev.demur.cli.serve.AccessToken;
import dev.demur.cli.serve.DemurServer;
import dev.demur.cli.serve.Limits;
import dev.demur.cli.serve.ListenAddress;
import dev.demur.cli.serve.ServedPolicy;
import dev.demur.desktop.model.LocalServer;
import dev.demur.llama.Sampling;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The server of the window: what {@code demur serve} starts, with the model and the policy that the window has. */
final class DesktopServer implements LocalServer {

    private static final String THIS_MACHINE = "127.0.0.1";
    private static final String SOURCE = "the policy of the window";

    private static final GenerationOptions ANSWERS = GenerationOptions.DEFAULTS
            .withSampling(Sampling.GREEDY.withRepeatPenalty(SamplingOptions.REPEAT_PENALTY))
            .withMaxTokens(ServeOptions.DEFAULT_TOKENS);

    /** Somebody looks at the window and waits. */
    private static final Duration STOPPING = Duration.ofSeconds(2);

    @Override
    public Running start(int port, Path token, Runnable answered) throws IOException {
        System.Logger logger = System.getLogger("dev.demur");
        DemurServer.Settings settings = new DemurServer.Settings(
                ListenAddress.of(THIS_MACHINE, port),
                AccessToken.read(token),
                limits(),
                new AccessLog(line -> answered.run(), false),
                (what, failure) -> logger.log(System.Logger.Level.WARNING, what, failure),
                Version.text());
        try {
            return new Serving(DemurServer.start(settings));
        } catch (IOException e) {
            if (e.getCause() instanceof BindException taken) {
                throw taken; // which says that the port is taken
            }
            throw e;
        }
    }

    private static Limits limits() {
        Limits usual = Limits.DEFAULTS;
        return new Limits(
                usual.bodyBytes(),
                usual.promptTokens(),
                usual.concurrent(),
                usual.waiting(),
                usual.connections(),
                usual.answering(),
                usual.client(),
                usual.idle(),
                STOPPING);
    }

    private record Serving(DemurServer server) implements Running {

        @Override
        public String address() {
            return "http://" + server.address() + "/v1";
        }

        @Override
        public void serve(Demur demur, Path file, RefusalPolicy policy, Optional<Provenance> provenance) {
            try {
                long created = Files.getLastModifiedTime(file).toMillis() / 1000;
                server.share(demur, List.of(ServeCommand.name(file)), created, served(policy, provenance), ANSWERS);
            } catch (IOException e) {
                throw new DemurException(file + ": cannot be looked at: " + e.getMessage(), e);
            }
        }

        private static ServedPolicy served(RefusalPolicy policy, Optional<Provenance> provenance) {
            Promise promise = new Promise(
                    PromisedBound.of(policy),
                    provenance.map(Provenance::differences).orElse(List.of()).stream()
                            .filter(difference -> difference.voidsPromise() || difference.isUnknown())
                            .toList());
            JsonArray differences = PolicyCheck.json(provenance);
            return new ServedPolicy(
                    policy,
                    SOURCE,
                    promise.bounds().isEmpty() ? null : promise.statement(),
                    promise.holds(),
                    differences == null ? new JsonArray() : differences,
                    null);
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
