package dev.demur.desktop.model;

import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Scored prompts, and what they say of a policy: how many it would refuse, and which one keeps a promise. */
public final class Scores {

    /** The confidence of what is promised. */
    public static final double CONFIDENCE = Objective.DEFAULT_CONFIDENCE;

    private final Texts texts;
    private final Models models;
    private final Policies policies;
    private final Executor ui;
    private final Executor work;
    private final Observers observers = new Observers();
    private final Latest whatIf;
    private final Latest promise;
    private @Nullable ScoredPrompts prompts;
    private @Nullable Path file;
    private @Nullable WhatIf shown;
    private @Nullable String problem;
    private @Nullable String note;

    Scores(Texts texts, Models models, Policies policies, Executor ui, Executor work) {
        this.texts = texts;
        this.models = models;
        this.policies = policies;
        this.ui = ui;
        this.work = work;
        whatIf = new Latest(ui, work);
        promise = new Latest(ui, work);
        policies.observers().add(this::update);
    }

    /** Told when there are others, or the policy would do something else to them. */
    public Observers observers() {
        return observers;
    }

    /** The scored prompts; null: none are loaded. */
    public @Nullable ScoredPrompts prompts() {
        return prompts;
    }

    /** Where they came from. */
    public @Nullable Path file() {
        return file;
    }

    /** What the policy would do to them; null: nothing is known. */
    public @Nullable WhatIf whatIf() {
        return shown;
    }

    /** Why nothing is known, or no promise can be made; null: nothing is wrong. */
    public @Nullable String problem() {
        return problem;
    }

    /** What makes the scores less certain; null: nothing. */
    public @Nullable String note() {
        return note;
    }

    /** Forgets them, as they are of another model. */
    void clear() {
        prompts = null;
        file = null;
        shown = null;
        problem = null;
        note = null;
        observers.tell();
    }

    /** Loads a score file, off the user interface's thread; what is wrong with it is told as {@link #problem}. */
    public void open(Path path) {
        RefusalPolicy policy = policies.policy();
        work.execute(() -> {
            try {
                // Without a meta file the library says so in English.
                boolean known = Files.exists(ScoreMeta.beside(path));
                ScoredPrompts read = ScoreFile.read(path, policy, warning -> {});
                ui.execute(() -> take(read, path, known));
            } catch (RuntimeException e) {
                ui.execute(() -> {
                    problem = Problems.text(e, texts);
                    observers.tell();
                });
            }
        });
    }

    /**
     * Takes prompts that were scored.
     *
     * @param known whether the file says what they were scored by
     */
    void take(ScoredPrompts taken, @Nullable Path from, boolean known) {
        ModelSession session = models.session();
        boolean mine = session != null
                && taken.labels().equals(session.labels())
                && (taken.readout() == null || taken.readout().equals(session.readout()));
        if (!mine) {
            problem = texts.get("scores.otherModel", from == null ? "" : from.getFileName());
            observers.tell();
            return;
        }
        prompts = taken;
        file = from;
        problem = null;
        note = taken.fitted() > 0
                ? texts.get("scores.fitted", taken.fitted(), taken.size())
                : known ? null : texts.get("scores.noMeta", from == null ? "" : from.getFileName());
        observers.tell();
        update();
    }

    private void update() {
        ScoredPrompts now = prompts;
        if (now == null || !policies.isThere()) {
            return;
        }
        RefusalPolicy policy = policies.policy();
        whatIf.ask(
                () -> WhatIf.of(now, policy),
                found -> {
                    shown = found;
                    problem = null;
                    observers.tell();
                },
                failure -> {
                    shown = null;
                    problem = Problems.text(failure, texts);
                    observers.tell();
                });
    }

    /**
     * Takes the policy that refuses at most so many of a hundred good requests, with a confidence of 95 %. Categories that are
     * switched off stay so. Where no promise can be made the policy stays, and {@link #problem} says why.
     */
    public void promise(double ofHundred) {
        ScoredPrompts now = prompts;
        if (now == null) {
            return;
        }
        RefusalPolicy policy = policies.policy();
        promise.ask(
                () -> calibrate(now, policy, ofHundred / 100),
                result -> {
                    List<String> unkept = PromiseText.unkept(result, objective(ofHundred / 100), texts);
                    if (unkept.isEmpty()) {
                        policies.apply(result.policy());
                    } else {
                        problem = texts.get("scores.noPromise", unkept.get(0));
                        observers.tell();
                    }
                },
                failure -> {
                    problem = Problems.text(failure, texts);
                    observers.tell();
                });
    }

    private static Objective.FalseRefusal objective(double target) {
        return new Objective.FalseRefusal(target, CONFIDENCE, false);
    }

    private static CalibrationResult calibrate(ScoredPrompts prompts, RefusalPolicy policy, double target) {
        boolean one = policy.rule() == Rule.SUM || policy.rule() == Rule.LOGIT_BIAS;
        List<String> on = policy.categories().stream()
                .filter(category -> category.threshold() != null)
                .map(CategoryPolicy::id)
                .toList();
        CalibrationRequest request = CalibrationRequest.of(
                        policy.rule() == Rule.REFIT ? Rule.THRESHOLD : policy.rule(), objective(target))
                .jointly()
                .keepingUnpromised();
        return Calibrator.calibrate(prompts, one || on.isEmpty() ? request : request.withCategories(on));
    }
}
