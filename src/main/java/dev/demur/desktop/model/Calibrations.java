package dev.demur.desktop.model;

import dev.demur.LoadOptions;
import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.fit.FitData;
import dev.demur.fit.FitListener;
import dev.demur.fit.FitOptions;
import dev.demur.fit.FitResult;
import dev.demur.fit.HeadFitter;
import dev.demur.fit.StarterPrompts;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.HeadFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Fits heads and calibrates policies, one at a time; what is ended goes on where it stopped when it is asked for again. */
public final class Calibrations {

    private static final String FEATURES = ".features";

    private final Texts texts;
    private final Models models;
    private final Policies policies;
    private final Scores scores;
    private final PromptFiles files;
    private final Executor ui;
    private final Path folder;
    private final ExecutorService work = Desk.thread("demur-desktop-calibrate");
    private final Observers observers = new Observers();
    private TaskState state = new TaskState.Idle();
    private @Nullable Future<?> running;
    private long told;

    Calibrations(
            Texts texts, Models models, Policies policies, Scores scores, PromptFiles files, Executor ui, Path folder) {
        this.texts = texts;
        this.models = models;
        this.policies = policies;
        this.scores = scores;
        this.files = files;
        this.ui = ui;
        this.folder = folder.resolve("scores");
    }

    /** Told how far it is. */
    public Observers observers() {
        return observers;
    }

    /** What the names of files of labelled prompts end with, without the point. */
    public List<String> endings() {
        return files.endings();
    }

    /** How far it is. */
    public TaskState state() {
        return state;
    }

    /** Whether one is under way. */
    public boolean isRunning() {
        return running != null;
    }

    /**
     * Scores prompts by the loaded model, and chooses thresholds on them.
     *
     * @param data labelled prompts; null: those that come with Demur
     * @param target the share of good requests that may be refused
     */
    public void calibrate(@Nullable Path data, double target, double confidence) {
        ModelSession session = models.session();
        if (session == null || running != null) {
            return;
        }
        RefusalPolicy policy = policies.policy();
        Objective.FalseRefusal objective = new Objective.FalseRefusal(target, confidence, false);
        begin("task.scoring", () -> {
            ScoringTask.Scored scored = new ScoringTask(
                            session, new DataSource(data, files), policy.temperature(), folder, texts)
                    .run(true, (done, all) -> tell("task.scoring", done, all));
            tell("task.calibrating", 0, 0);
            CalibrationResult result = Calibrator.calibrate(
                    scored.prompts(),
                    CalibrationRequest.of(policy.rule() == Rule.REFIT ? Rule.THRESHOLD : policy.rule(), objective)
                            .jointly()
                            .keepingUnpromised());
            Evaluation evaluation = Evaluation.of(scored.prompts(), result.policy(), EvaluationOptions.DEFAULTS);
            return new TaskState.Calibrated(
                    scored.prompts(), scored.file(), objective, result, evaluation, scored.badRows());
        });
    }

    /**
     * Scores prompts by the loaded model, and loads them for the what-if strip; chooses no thresholds.
     *
     * @param data labelled prompts; null: those that come with Demur
     */
    public void score(@Nullable Path data) {
        ModelSession session = models.session();
        if (session == null || running != null) {
            return;
        }
        double temperature = policies.policy().temperature();
        begin("task.scoring", () -> {
            ScoringTask.Scored scored = new ScoringTask(
                            session, new DataSource(data, files), temperature, folder, texts)
                    .run(false, (done, all) -> tell("task.scoring", done, all));
            ui.execute(() -> scores.take(scored.prompts(), scored.file(), true));
            return new TaskState.Scored(scored.prompts().size(), scored.badRows());
        });
    }

    /**
     * Fits a head on a model.
     *
     * @param data labelled prompts; null: those that come with Demur, which are taken beside few rows of one's own too
     * @param target the share of good requests that its policy may refuse
     */
    public void fit(Path model, @Nullable Path data, double target, double confidence) {
        if (running != null) {
            return;
        }
        LoadOptions load = models.options();
        Objective.FalseRefusal objective = new Objective.FalseRefusal(target, confidence, false);
        FitOptions options = FitOptions.builder().objective(objective).build();
        begin("task.reading", () -> {
            FitData rows = rows(data);
            Path head = HeadFile.beside(model);
            Path features = head.resolveSibling(head.getFileName() + FEATURES);
            FitResult result = HeadFitter.fit(model, load, rows, options, features, false, new Watch());
            return new TaskState.Fitted(model, objective, result);
        });
    }

    private FitData rows(@Nullable Path file) throws IOException {
        FitData rows = new FitData();
        if (file != null) {
            DataSource data = new DataSource(file, files);
            data.check(StarterPrompts.rowLabels(), FitData.knownLabels(), prompt -> false, texts);
            try (PromptSource prompts = data.open(StarterPrompts.rowLabels())) {
                boolean more = true;
                while (more) {
                    try {
                        LabelledPrompt prompt = prompts.next();
                        more = prompt != null;
                        if (prompt != null) {
                            rows.add(prompt.source() == null ? prompt.withSource(data.name(texts)) : prompt);
                        }
                    } catch (BadRowException e) {
                        tell("task.badRow", e.line(), 0);
                    }
                }
            }
        }
        if (rows.size() < StarterPrompts.ENOUGH_ROWS) {
            StarterPrompts.addTo(rows);
        }
        return rows;
    }

    private final class Watch implements FitListener {

        private long all;
        private long done;

        @Override
        public void reading(long rows, long resumed, boolean damaged) {
            all = rows;
        }

        @Override
        public void row(boolean work) {
            tell("task.reading", ++done, all);
        }

        @Override
        public void fitting(int step, int steps) {
            tell("task.fitting", step, steps);
        }
    }

    /** Takes what came out: the policy, or the head, which is written beside its model, and the model loaded with it. */
    public void apply() {
        if (state instanceof TaskState.Calibrated calibrated) {
            scores.take(calibrated.prompts(), calibrated.scores(), true);
            policies.apply(calibrated.result().policy());
            become(new TaskState.Idle());
        } else if (state instanceof TaskState.Fitted fitted) {
            begin("task.writing", () -> {
                Path head = HeadFile.beside(fitted.model());
                if (Files.exists(head)) {
                    HeadFile.read(head); // what is no head is not replaced
                }
                fitted.result().file().write(head);
                ui.execute(() -> models.open(fitted.model(), null));
                return new TaskState.Idle();
            });
        }
    }

    private void begin(String stage, Callable<TaskState> task) {
        running = work.submit(() -> {
            TaskState end;
            try {
                end = task.call();
            } catch (InterruptedException | CancellationException e) {
                end = new TaskState.Cancelled();
            } catch (Exception | OutOfMemoryError e) {
                end = Thread.currentThread().isInterrupted()
                        ? new TaskState.Cancelled()
                        : new TaskState.Failed(Problems.text(e, texts));
            }
            TaskState ended = end;
            ui.execute(() -> {
                running = null;
                become(ended);
            });
        });
        become(new TaskState.Running(stage, 0, 0));
    }

    /** Tells how far it is, a few times a second at most; called by the thread that works. */
    private void tell(String stage, long done, long all) {
        long now = System.nanoTime();
        if (done > 1 && done != all && now - told < 100_000_000) {
            return;
        }
        told = now;
        ui.execute(() -> {
            if (running != null) {
                become(new TaskState.Running(stage, done, all));
            }
        });
    }

    /** Ends what is under way. */
    public void cancel() {
        if (running != null) {
            running.cancel(true);
        }
    }

    private void become(TaskState next) {
        state = next;
        observers.tell();
    }

    void close() {
        work.shutdownNow();
        Desk.end(work);
    }
}
