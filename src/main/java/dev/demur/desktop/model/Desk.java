package dev.demur.desktop.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All that the application knows, put together. Its methods are called on the user interface's thread, and wait for nothing. */
public final class Desk implements AutoCloseable {

    private static final String CHAT = "chat";

    private final Texts texts;
    private final Settings settings;
    private final @Nullable Path bundled;
    private final Executor ui;
    private final ExecutorService loading = thread("demur-desktop-load");
    private final ExecutorService answering = thread("demur-desktop-answer");
    private final ExecutorService reckoning = thread("demur-desktop-reckon");
    private final ExecutorService disk = thread("demur-desktop-disk");
    private final Models models;
    private final Policies policies;
    private final Chats chats;
    private final Answers answers;
    private final Scores scores;
    private final Calibrations calibrations;
    private final ServerSwitch server;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable ModelSession bound;
    private Consumer<String> notices = notice -> {};

    /**
     * Opens what is in a folder.
     *
     * @param bundled the model that is loaded at the first start; null: there is none
     * @param loader loads models
     * @param surroundings what there is beside the library
     * @param ui runs what is to happen on the user interface's thread
     * @throws IOException if the folder cannot be used
     */
    public Desk(
            DataFolder folder,
            Texts texts,
            @Nullable Path bundled,
            Models.Loader loader,
            Surroundings surroundings,
            Executor ui)
            throws IOException {
        this.texts = texts;
        this.bundled = bundled;
        this.ui = ui;
        settings = Settings.read(folder.path().resolve("settings.json"));
        models = new Models(texts, settings, loader, ui, loading);
        policies = new Policies(texts, settings);
        chats = new Chats(texts, new ChatStore(folder.path().resolve("conversations")), ui, disk);
        answers = new Answers(texts, settings, models, policies, chats, ui, answering);
        scores = new Scores(texts, models, policies, ui, reckoning);
        calibrations = new Calibrations(texts, models, policies, scores, surroundings.promptFiles(), ui, folder.path());
        server = new ServerSwitch(texts, settings, models, policies, surroundings.server(), ui, folder.path());
        models.observers().add(this::bind);
        chats.onProblem(this::notice);
        answers.onProblem(this::notice);
    }

    static ExecutorService thread(String name) {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Reads the conversations and loads a model: the one that is named, else the last one, else the bundled one. */
    public void start(@Nullable Path model) {
        chats.read(settings.text(CHAT));
        Path last = models.recent().stream().findFirst().filter(Files::exists).orElse(null);
        Path first = model != null ? model : last != null ? last : bundled;
        if (first != null) {
            models.open(first, models.readoutOf(first));
        }
    }

    private void bind() {
        ModelSession session = models.session();
        if (session != null && session != bound) {
            ModelSession before = bound;
            bound = session;
            answers.stop();
            if (before == null || !Policies.isSame(before, session)) {
                scores.clear();
            }
            policies.use(session);
            save();
        }
    }

    /** The texts. */
    public Texts texts() {
        return texts;
    }

    /** What is remembered. */
    public Settings settings() {
        return settings;
    }

    /** The model. */
    public Models models() {
        return models;
    }

    /** The policy. */
    public Policies policies() {
        return policies;
    }

    /** The conversations. */
    public Chats chats() {
        return chats;
    }

    /** The answers. */
    public Answers answers() {
        return answers;
    }

    /** The scored prompts. */
    public Scores scores() {
        return scores;
    }

    /** Fitting, scoring and calibrating. */
    public Calibrations calibrations() {
        return calibrations;
    }

    /** What other programs of this machine ask. */
    public ServerSwitch server() {
        return server;
    }

    /** The model that is loaded at the first start; null: there is none. */
    public @Nullable Path bundled() {
        return bundled;
    }

    /** Is told what a person should know at once. */
    public void onNotice(Consumer<String> listener) {
        notices = listener;
    }

    private void notice(String text) {
        notices.accept(text);
    }

    /** Writes what is remembered, without waiting for it. */
    public void save() {
        settings.set(CHAT, chats.current().isEmpty() ? null : chats.current().id());
        disk.execute(settings.save());
    }

    /**
     * Ends what is under way, and waits until everything is written. To be called by another thread than the user
     * interface's, which this waits for.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        onUi(() -> {
            answers.stop();
            calibrations.cancel();
            models.cancel();
            server.stop();
        });
        for (ExecutorService one : List.of(answering, loading, reckoning)) {
            end(one);
        }
        calibrations.close();
        server.close();
        onUi(this::save); // what the answers still had to write was asked for before
        end(disk);
        models.close();
    }

    private void onUi(Runnable task) {
        CountDownLatch done = new CountDownLatch(1);
        ui.execute(() -> {
            try {
                task.run();
            } finally {
                done.countDown();
            }
        });
        try {
            done.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void end(ExecutorService one) {
        one.shutdown();
        try {
            if (!one.awaitTermination(1, TimeUnit.MINUTES)) {
                System.getLogger("dev.demur").log(System.Logger.Level.WARNING, "a task does not end and is left");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
