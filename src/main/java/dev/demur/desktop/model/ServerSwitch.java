package dev.demur.desktop.model;

import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Starts and stops the server that other programs of this machine ask. It answers by the model that the window has and
 * decides by the policy that the sliders show, from one request to the next.
 */
public final class ServerSwitch {

    /** As the server of the command line has it. */
    private static final int DEFAULT_PORT = 8080;

    private static final int LAST_PORT = 65_535;
    private static final int TOKEN_BYTES = 32;
    private static final String PORT = "server.port";

    private final Texts texts;
    private final Settings settings;
    private final Models models;
    private final Policies policies;
    private final @Nullable LocalServer server;
    private final Executor ui;
    private final Path tokenFile;
    private final ExecutorService work = Desk.thread("demur-desktop-serve");
    private final Observers observers = new Observers();
    private final AtomicLong answered = new AtomicLong();
    private ServerState state = new ServerState.Off();
    private LocalServer.@Nullable Running running;
    private @Nullable ModelSession served;
    private @Nullable RefusalPolicy decides;

    /** @param server null: there is none */
    ServerSwitch(
            Texts texts,
            Settings settings,
            Models models,
            Policies policies,
            @Nullable LocalServer server,
            Executor ui,
            Path folder) {
        this.texts = texts;
        this.settings = settings;
        this.models = models;
        this.policies = policies;
        this.server = server;
        this.ui = ui;
        this.tokenFile = folder.resolve("server-token");
        policies.observers().add(this::follow);
    }

    /** Told when it starts or stops, or has answered. */
    public Observers observers() {
        return observers;
    }

    /** Whether there is a server at all. */
    public boolean isThere() {
        return server != null;
    }

    /** Where it is. */
    public ServerState state() {
        return state;
    }

    /** Whether it can be started now: there is a model, and it does not run yet. */
    public boolean canStart() {
        boolean off = state instanceof ServerState.Off || state instanceof ServerState.Failed;
        return off && server != null && models.session() != null;
    }

    /** How many requests it has answered or refused since it was started. */
    public long answered() {
        return answered.get();
    }

    /** The port that it listens at, or did last; 0: any that is free. */
    public int port() {
        int port = settings.integer(PORT, DEFAULT_PORT);
        return port < 0 || port > LAST_PORT ? DEFAULT_PORT : port;
    }

    /**
     * Starts it.
     *
     * @param port 0: any that is free
     */
    public void start(int port) {
        LocalServer starts = server;
        if (starts == null || !canStart()) {
            return;
        }
        settings.set(PORT, port);
        answered.set(0);
        become(new ServerState.Starting());
        work.execute(() -> {
            try {
                String token = token();
                LocalServer.Running started = starts.start(port, tokenFile, this::count);
                ui.execute(() -> started(started, token));
            } catch (BindException e) {
                ui.execute(() -> become(new ServerState.Failed(texts.get("server.taken", String.valueOf(port)))));
            } catch (IOException e) {
                String problem = texts.get("server.failed", String.valueOf(port), String.valueOf(e.getMessage()));
                ui.execute(() -> become(new ServerState.Failed(problem)));
            } catch (RuntimeException | LinkageError e) {
                ui.execute(() -> become(new ServerState.Failed(Problems.text(e, texts))));
            }
        });
    }

    private void started(LocalServer.Running now, String token) {
        running = now;
        become(new ServerState.On(now.address(), token));
        follow();
    }

    private void count() {
        answered.incrementAndGet();
        ui.execute(observers::tell);
    }

    /** The token of the last time, so that programs that know it go on; a new one where there is none. */
    private String token() throws IOException {
        if (Files.exists(tokenFile)) {
            String known = Files.readString(tokenFile).strip();
            if (known.length() == 2 * TOKEN_BYTES) {
                return known;
            }
        }
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        String made = HexFormat.of().formatHex(bytes);
        PrivateFiles.replace(tokenFile, made + "\n");
        return made;
    }

    /** Answers by what the window has now. */
    private void follow() {
        ModelSession session = models.session();
        LocalServer.Running now = running;
        if (now == null || session == null || !policies.isThere()) {
            return;
        }
        RefusalPolicy policy = policies.policy();
        if (session != served || policy != decides) {
            served = session;
            decides = policy;
            try {
                session.serve(now, policy);
            } catch (RuntimeException e) {
                become(new ServerState.Failed(Problems.text(e, texts)));
                end(now);
            }
        }
    }

    /** Stops it: what is under way has a moment to end. */
    public void stop() {
        LocalServer.Running now = running;
        if (now != null) {
            become(new ServerState.Stopping());
            end(now);
        }
    }

    private void end(LocalServer.Running now) {
        running = null;
        served = null;
        decides = null;
        work.execute(() -> {
            now.close();
            ui.execute(() -> {
                if (state instanceof ServerState.Stopping) {
                    become(new ServerState.Off());
                }
            });
        });
    }

    private void become(ServerState next) {
        state = next;
        observers.tell();
    }

    /** Ends it; waits for that. */
    void close() {
        Desk.end(work);
    }
}
