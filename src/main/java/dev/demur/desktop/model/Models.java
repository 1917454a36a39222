package dev.demur.desktop.model;

import dev.demur.LoadOptions;
import dev.demur.llama.Cancellation;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The model that is loaded, and how one is. */
public final class Models {

    /** What is remembered. */
    static final String RECENT = "models";

    private static final String READOUT = "readout ";
    private static final String THREADS = "threads";
    private static final String CONTEXT = "context";
    private static final String PROCESSOR_ONLY = "processorOnly";

    /** Loads models. */
    @FunctionalInterface
    public interface Loader {
        /** Loads one; errors are those of {@link dev.demur.Demur#load(Path, LoadOptions)}. */
        ModelSession load(Path file, LoadOptions options);
    }

    private final Texts texts;
    private final Settings settings;
    private final Loader loader;
    private final Executor ui;
    private final Executor work;
    private final Observers observers = new Observers();
    private ModelState state = new ModelState.None();
    private @Nullable ModelSession session;
    private @Nullable Cancellation loading;

    Models(Texts texts, Settings settings, Loader loader, Executor ui, Executor work) {
        this.texts = texts;
        this.settings = settings;
        this.loader = loader;
        this.ui = ui;
        this.work = work;
    }

    /** Told when the state changes. */
    public Observers observers() {
        return observers;
    }

    /** Where it is. */
    public ModelState state() {
        return state;
    }

    /** The loaded model, also while another one is being loaded; null where there is none. */
    public @Nullable ModelSession session() {
        return session;
    }

    /** Models that were open lately, the last one first. */
    public List<Path> recent() {
        return settings.texts(RECENT).stream().map(Path::of).toList();
    }

    /** How many threads compute; 0: as many as are free. */
    public int threads() {
        return Math.max(0, settings.integer(THREADS, 0));
    }

    /** How many tokens the context has; 0: the model's. */
    public int contextSize() {
        return Math.max(0, settings.integer(CONTEXT, 0));
    }

    /** Whether GPUs are left alone. */
    public boolean processorOnly() {
        return settings.bool(PROCESSOR_ONLY, false);
    }

    /** Sets how models are loaded from now on. */
    public void setLoading(int threads, int contextSize, boolean processorOnly) {
        settings.set(THREADS, threads);
        settings.set(CONTEXT, contextSize);
        settings.set(PROCESSOR_ONLY, processorOnly);
    }

    /** The options that models are loaded with. */
    public LoadOptions options() {
        LoadOptions options = LoadOptions.DEFAULTS.withThreads(threads()).withContextSize(contextSize());
        return processorOnly() ? options.withGpuLayers(0) : options;
    }

    /**
     * Looks at a file, off the user interface's thread.
     *
     * @param found told what it is
     * @param problem told why it cannot be used
     */
    public void check(Path file, Consumer<ModelCheck> found, Consumer<String> problem) {
        int context = contextSize();
        work.execute(() -> {
            try {
                ModelCheck check = ModelCheck.of(file, null, context, texts);
                ui.execute(() -> found.accept(check));
            } catch (RuntimeException e) {
                ui.execute(() -> problem.accept(Problems.text(e, texts)));
            }
        });
    }

    /**
     * Loads a model in place of the one that is there, which stays if that fails.
     *
     * @param readout what is to decide; null: what is found with it
     */
    public void open(Path file, @Nullable String readout) {
        cancel();
        Cancellation cancellation = new Cancellation();
        loading = cancellation;
        LoadOptions options = options()
                .withReadout(readout)
                .withCancellation(cancellation)
                .withProgress(progress -> ui.execute(() -> progress(cancellation, file, progress)));
        become(new ModelState.Loading(file, 0));
        work.execute(() -> {
            try {
                ModelSession loaded = loader.load(file, options);
                ui.execute(() -> loaded(cancellation, loaded, readout));
            } catch (CancellationException e) {
                ui.execute(() -> ended(cancellation, null, file));
            } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
                ui.execute(() -> ended(cancellation, Problems.text(e, texts), file));
            }
        });
    }

    private void progress(Cancellation which, Path file, double progress) {
        if (loading == which) {
            become(new ModelState.Loading(file, progress));
        }
    }

    private void loaded(Cancellation which, ModelSession loaded, @Nullable String readout) {
        if (loading != which) {
            work.execute(loaded::close);
            return;
        }
        loading = null;
        ModelSession before = session;
        session = loaded;
        settings.set(READOUT + loaded.file().toAbsolutePath(), readout);
        settings.use(RECENT, loaded.file().toAbsolutePath().toString());
        become(new ModelState.Ready(loaded));
        if (before != null) {
            work.execute(before::close);
        }
    }

    private void ended(Cancellation which, @Nullable String problem, Path file) {
        if (loading != which) {
            return;
        }
        loading = null;
        if (problem != null) {
            become(new ModelState.Failed(file, problem));
        } else {
            back();
        }
    }

    /** Goes back to the model that is there, after a failure was seen. */
    public void back() {
        become(session == null ? new ModelState.None() : new ModelState.Ready(session));
    }

    /** What decided when this model was last loaded, where a person chose it; null: what is found with it. */
    public @Nullable String readoutOf(Path file) {
        return settings.text(READOUT + file.toAbsolutePath());
    }

    /** Loads the model that is there anew, as by other options. */
    public void reload() {
        ModelSession now = session;
        if (now != null) {
            open(now.file(), readoutOf(now.file()));
        }
    }

    /** Ends a load that is under way. */
    public void cancel() {
        if (loading != null) {
            loading.cancel();
        }
    }

    private void become(ModelState next) {
        state = next;
        observers.tell();
    }

    void close() {
        cancel();
        ModelSession last = session;
        session = null;
        if (last != null) {
            last.close();
        }
    }
}
