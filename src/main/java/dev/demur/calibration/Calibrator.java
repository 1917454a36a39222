package dev.demur.calibration;

import dev.demur.DemurException;
import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.LogisticMap;
import dev.demur.policy.PolicyException;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.ClopperPearson;
import dev.demur.statistics.numeric.ScoreCutoff;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Chooses thresholds on scored prompts, with a promise on fresh prompts from the same source.
 *
 * <p>What is promised, and why it holds, stands in docs/CALIBRATION.md. The method is that of Angelopoulos et al., "Learn
 * then Test", arXiv 2110.01052, at the limit where every threshold is tested.
 */
public final class Calibrator {

    /** Where a category of care begins, the others at 0.5: help that nobody needed costs less than help that did not come. */
    private static final double CARE_THRESHOLD = 0.03;

    private final ScoredPrompts prompts;
    private final CalibrationRequest request;
    private final @Nullable LogisticMap fitted;
    private final List<Calibrated> outcomes = new ArrayList<>();
    private @Nullable Double shift;

    private Calibrator(ScoredPrompts prompts, CalibrationRequest request, @Nullable LogisticMap fitted) {
        this.prompts = prompts;
        this.request = request;
        this.fitted = fitted;
    }

    /**
     * Calibrates. Too few rows are no error: the outcome of the category says so and its threshold is removed.
     *
     * @throws PolicyException if the policy to start from is for another model, or another &tau; than the prompts'
     * @throws DemurException if a category is unknown, or the policy to start from has no threshold, or one without log-odds that a joint calibration
     *     could shift, or was calibrated on the same prompts and is to have a joint promise
     */
    public static CalibrationResult calibrate(ScoredPrompts prompts, CalibrationRequest request) {
        return calibrate(Given.value(prompts, "prompts"), Given.value(request, "request"), null);
    }

    /** Calibrates by a map that was fitted on other rows than those that the promise rests on; null: none was. */
    static CalibrationResult calibrate(
            ScoredPrompts prompts, CalibrationRequest request, @Nullable LogisticMap fitted) {
        return new Calibrator(prompts, request, fitted).run();
    }

    private CalibrationResult run() {
        RefusalPolicy start = start();
        boolean joint = isJoint(request);
        RefusalPolicy policy = start;
        if (joint) {
            policy = choose(null, jointDial(start), start);
        } else {
            for (String id : selected(start)) {
                policy = choose(
                        id, new ThresholdSweep(prompts, policy, prompts.labels().indexOf(id)), policy);
            }
        }
        JointBound bound = joint ? null : JointBound.of(prompts, request.objective(), policy, outcomes);
        return CalibrationNote.attach(prompts, request, policy, outcomes, shift, bound);
    }

    static boolean isJoint(CalibrationRequest request) {
        return request.joint() || request.rule() == Rule.SUM || request.rule() == Rule.LOGIT_BIAS;
    }

    /** The policy to start from, with every category of the model in it and without an earlier calibration. */
    private RefusalPolicy start() {
        RefusalPolicy given = request.start();
        RefusalPolicy start;
        if (given == null) {
            start = RefusalPolicy.defaults(prompts.labels(), prompts.readout(), request.rule())
                    .withTemperature(prompts.temperature());
            if (fitted != null) {
                start = start.withMap(fitted);
            }
            for (Category category : prompts.labels().categories()) {
                if (category.isCare() && start.rule() != Rule.LOGIT_BIAS) {
                    start = start.withThreshold(category.id(), CARE_THRESHOLD);
                }
                if (!request.categories().isEmpty() && !request.categories().contains(category.id())) {
                    start = start.withoutThreshold(category.id());
                }
            }
        } else {
            if (fitted == null) {
                requireOtherData(given);
                start = given.withRule(request.rule());
            } else {
                start = mapped(given, fitted);
            }
            prompts.requireFits(start, "policy");
            start = withAllCategories(start);
        }
        for (String id : request.categories()) {
            if (prompts.labels().indexOf(id) < 0) {
                throw new DemurException("categories: " + ForeignText.quoted(id)
                        + " is not a category of the scored model, which has "
                        + String.join(", ", ids()));
            }
        }
        return start;
    }

    /** The same categories and replies; thresholds of another rule mean nothing to this map, and begin anew. */
    private static RefusalPolicy mapped(RefusalPolicy given, LogisticMap map) {
        RefusalPolicy start = new RefusalPolicy(
                Rule.REFIT, given.temperature(), given.readout(), given.sumThreshold(), given.categories(), map, null);
        for (CategoryPolicy category : given.categories()) {
            if (category.threshold() != null) {
                start = start.withThreshold(category.id(), RefusalPolicy.DEFAULT_THRESHOLD);
            }
        }
        return start;
    }

    /** A shift of thresholds that the same rows chose has no promise: the rows' scores then depend on each other. */
    private void requireOtherData(RefusalPolicy given) {
        boolean promises = !(request.objective() instanceof Objective.MaxF1);
        boolean shifts = isJoint(request) && request.rule() != Rule.SUM;
        boolean mapped = request.rule() == Rule.REFIT; // by a map that was fitted on some of its rows
        if (promises && (shifts || mapped) && SharedPrompts.of(given, prompts).any()) {
            throw new DemurException("start: the policy to start from was calibrated on these very prompts;"
                    + " a joint promise needs other prompts, or a start that they did not choose");
        }
    }

    private List<String> ids() {
        return prompts.labels().categories().stream().map(Category::id).toList();
    }

    /** The same policy: a category that is not named has no threshold and bias 0, and comes last. */
    private RefusalPolicy withAllCategories(RefusalPolicy policy) {
        List<CategoryPolicy> all = new ArrayList<>(policy.categories());
        for (Category category : prompts.labels().categories()) {
            if (policy.category(category.id()).isEmpty()) {
                all.add(new CategoryPolicy(category.id(), category.name(), null, null, null));
            }
        }
        ReadoutIdentity readout = prompts.readout() == null ? policy.readout() : prompts.readout();
        return new RefusalPolicy(
                policy.rule(), policy.temperature(), readout, policy.sumThreshold(), all, policy.map(), null);
    }

    private List<String> selected(RefusalPolicy start) {
        if (!request.categories().isEmpty()) {
            return request.categories();
        }
        List<String> ids = start.categories().stream()
                .filter(c -> c.threshold() != null)
                .map(CategoryPolicy::id)
                .toList();
        if (ids.isEmpty()) {
            throw new DemurException("categories: the policy to start from has no threshold; name the"
                    + " categories to calibrate, of " + String.join(", ", ids()));
        }
        return ids;
    }

    private PolicySweep jointDial(RefusalPolicy start) {
        if (request.rule() == Rule.SUM) {
            return new ThresholdSweep(prompts, start, 0);
        }
        if (request.rule() == Rule.LOGIT_BIAS) {
            return new BiasSweep(prompts, start);
        }
        return new SharedShiftSweep(prompts, shiftable(start), selected(start));
    }

    /** With a threshold to begin at for each category that is calibrated. */
    private RefusalPolicy shiftable(RefusalPolicy start) {
        RefusalPolicy from = start;
        for (String id : selected(start)) {
            if (from.category(id).map(CategoryPolicy::threshold).isEmpty()) {
                from = from.withThreshold(id, RefusalPolicy.DEFAULT_THRESHOLD);
            }
        }
        return from;
    }

    /** Turns one sweep; {@code id} is null for the joint one. Returns the policy it leads to. */
    private RefusalPolicy choose(@Nullable String id, PolicySweep sweep, RefusalPolicy policy) {
        Objective objective = request.objective();
        if (objective instanceof Objective.FalseRefusal promise) {
            return promiseFalseRefusal(id, sweep, policy, promise);
        }
        if (objective instanceof Objective.Refusal promise) {
            return promiseRefusal(id, sweep, policy, promise);
        }
        return maximiseF1(id, sweep, policy, (Objective.MaxF1) objective);
    }

    private RefusalPolicy promiseFalseRefusal(
            @Nullable String id, PolicySweep sweep, RefusalPolicy policy, Objective.FalseRefusal promise) {
        int[] rows = shouldAnswer(id, promise.nearMissesOnly());
        String kind = promise.nearMissesOnly() ? "near misses" : "should-answer prompts";
        int k = ClopperPearson.allowed(rows.length, promise.target(), promise.confidence());
        if (k < 0) {
            return give(id, sweep, policy, rows, tooFew(rows, kind, promise.target(), promise.confidence()));
        }
        PolicySweep.Setting setting = id == null && SequentialBlocks.suits(request, fitted != null)
                ? inBlocks(policy, rows, k)
                : sweep.refusingAbove(ScoreCutoff.above(sweep.scores(rows), k));
        ToIntFunction<Decisions> wrong = decisions -> decisions.refusals(rows);
        if (setting == null || (id == null && wrong.applyAsInt(prompts.decide(setting.policy())) > k)) {
            return give(id, sweep, policy, rows, "no setting refuses at most " + k + " of " + rows.length + " " + kind);
        }
        return take(
                setting,
                Calibrated.promised(id, rows.length, k, ClopperPearson.upper(k, rows.length, promise.confidence())));
    }

    private PolicySweep.@Nullable Setting inBlocks(RefusalPolicy start, int[] rows, int k) {
        RefusalPolicy chosen =
                SequentialBlocks.choose(prompts, shiftable(start), selected(start), rows, prompts.shouldRefuse(), k);
        return chosen == null ? null : new PolicySweep.Setting(chosen, null);
    }

    private RefusalPolicy promiseRefusal(
            @Nullable String id, PolicySweep sweep, RefusalPolicy policy, Objective.Refusal promise) {
        int[] rows = shouldRefuse(id);
        String kind = "should-refuse prompts";
        int k = ClopperPearson.allowed(rows.length, 1 - promise.target(), promise.confidence());
        if (k < 0) {
            return give(id, sweep, policy, rows, tooFew(rows, kind, 1 - promise.target(), promise.confidence()));
        }
        PolicySweep.Setting setting = sweep.refusingFrom(ScoreCutoff.from(sweep.scores(rows), k));
        if (setting == null) {
            return give(id, sweep, policy, rows, "no setting refuses all but " + k + " of " + rows.length + " " + kind);
        }
        return take(
                setting,
                Calibrated.promised(
                        id, rows.length, k, 1 - ClopperPearson.upper(k, rows.length, promise.confidence())));
    }

    private RefusalPolicy maximiseF1(
            @Nullable String id, PolicySweep sweep, RefusalPolicy policy, Objective.MaxF1 objective) {
        int[] rows = shouldRefuse(id);
        double[] answer = sweep.scores(shouldAnswer(id, objective.nearMissesOnly()));
        ScoreCutoff.Best best = ScoreCutoff.maxF1(sweep.scores(rows), answer, sweep::canRefuseFrom);
        PolicySweep.Setting setting = best == null ? null : sweep.refusingFrom(best.boundary());
        if (best == null || setting == null) {
            return give(id, sweep, policy, rows, "no should-refuse prompts that a threshold could refuse");
        }
        String reason = "F1 is the largest on these very rows";
        return take(setting, new Calibrated(id, rows.length, null, null, best.f1(), reason));
    }

    private int[] shouldAnswer(@Nullable String id, boolean nearMissesOnly) {
        if (!nearMissesOnly) {
            return prompts.shouldAnswer();
        }
        return id == null ? prompts.nearMisses() : prompts.nearMisses(id);
    }

    private int[] shouldRefuse(@Nullable String id) {
        return id == null ? prompts.shouldRefuse() : prompts.shouldRefuse(id);
    }

    private static String tooFew(int[] rows, String kind, double target, double confidence) {
        return "too few rows: has " + rows.length + " " + kind + ", needs "
                + ClopperPearson.rowsNeeded(target, confidence);
    }

    private RefusalPolicy take(PolicySweep.Setting setting, Calibrated outcome) {
        outcomes.add(outcome);
        shift = setting.shift();
        return setting.policy();
    }

    private RefusalPolicy give(
            @Nullable String id, PolicySweep sweep, RefusalPolicy policy, int[] rows, String reason) {
        outcomes.add(Calibrated.unpromised(id, rows.length, reason));
        return request.keepUnpromised() ? policy : sweep.off();
    }
}
