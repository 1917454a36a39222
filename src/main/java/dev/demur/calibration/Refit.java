package dev.demur.calibration;

import com.google.gson.JsonObject;
import dev.demur.DemurException;
import dev.demur.arguments.Given;
import dev.demur.policy.LogisticMap;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.OperatingPoint;
import dev.demur.statistics.RocCurve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Calibrates a policy by the rule {@code refit}: fits a {@link LogisticMap} on a part of the prompts, and chooses thresholds on
 * the others.
 *
 * <p>A promise rests on rows of one kind, such as those that should be answered. A third of these, at most
 * {@value #MOST_FITTED}, and all rows of the other kind are fitted on; the thresholds come from the others alone, which the map
 * has not seen. Given the map their scores are independent draws, so that the promise holds as it does for every other rule.
 * docs/CALIBRATION.md says why the scores of a plain cross-validation have none.
 */
public final class Refit {

    /** A map has few parameters: with so many rows it is as good as with more, which serve the promise better. */
    static final int MOST_FITTED = 1_000;

    /** Fewer rows of either kind say nothing that could be fitted. */
    private static final int FEWEST = 10;

    private static final int FOLDS = 5;
    private static final double[] PENALTIES = {10_000, 1_000, 100, 10, 1};
    private static final int MOST_CATEGORIES = 30;
    private static final double SHOWN_FALSE_REFUSALS = 0.05;

    /** Of the shuffles by which groups are dealt out; the rows' order and nothing in them plays a part. */
    private static final long SEED = 22;

    private final ScoredPrompts prompts;
    private final CalibrationRequest request;
    private final PromptGroups groups;
    private final int respond;

    /**
     * What was fitted, and what it is worth: the numbers of prompts that the map was not fitted on, by {@value #FOLDS} folds.
     *
     * @param fitted how many rows the map was fitted on
     * @param penalty what draws it towards the map that changes nothing, chosen by the folds
     * @param aucBefore of being refused at all, by the rule {@code threshold} from 0.5; null: one kind of row is missing
     * @param aucAfter the same by the map
     * @param refusalBefore share of the should-refuse rows that is refused where 5 % of the should-answer rows are
     * @param refusalAfter the same by the map
     * @param nearDuplicates whether near duplicates were kept together, because the prompts' texts were there
     */
    public record Summary(
            int fitted,
            double penalty,
            @Nullable Double aucBefore,
            @Nullable Double aucAfter,
            @Nullable Double refusalBefore,
            @Nullable Double refusalAfter,
            boolean nearDuplicates) {}

    /** A calibration, whose policy records the {@code summary}, too. */
    public record Refitted(CalibrationResult result, Summary summary) {
        public Refitted {
            Given.value(result, "result");
            Given.value(summary, "summary");
        }
    }

    private Refit(ScoredPrompts prompts, CalibrationRequest request, PromptGroups groups) {
        this.prompts = prompts;
        this.request = request;
        this.groups = groups;
        respond = prompts.labels().respondIndex();
    }

    /**
     * Fits and calibrates.
     *
     * @param request whose rule is {@code refit}; of a policy to start from the replies are kept, and which categories have a
     *     threshold
     * @param groups of these prompts
     * @throws dev.demur.policy.PolicyException as {@link Calibrator#calibrate}
     * @throws DemurException as {@link Calibrator#calibrate}, and if there are too few prompts to fit on
     */
    public static Refitted calibrate(ScoredPrompts prompts, CalibrationRequest request, PromptGroups groups) {
        Given.value(prompts, "prompts");
        Given.value(request, "request");
        Given.value(groups, "groups");
        if (request.rule() != Rule.REFIT) {
            throw new IllegalArgumentException(
                    "rule: a map is for the rule refit, not " + request.rule().id());
        }
        return new Refit(prompts, request, groups).run();
    }

    private Refitted run() {
        if (respond > MOST_CATEGORIES) {
            throw new DemurException("refit: " + respond + " categories are more than the " + MOST_CATEGORIES
                    + " that a map can be fitted for");
        }
        int[] kind = promiseKind();
        Set<Integer> kept = keptForPromise(kind);
        int[] fitted = rows(row -> !kept.contains(groups.group(row)) && label(row) >= 0);
        requireEnough(fitted);
        double penalty = penalty(fitted);
        LogisticMap map = map(fit(fitted, penalty, LogisticFit.identity(respond)));
        boolean max = request.objective() instanceof Objective.MaxF1;
        Set<Integer> promised = new HashSet<>(Arrays.stream(kind)
                .filter(row -> kept.contains(groups.group(row)))
                .boxed()
                .toList());
        boolean refusals = request.objective() instanceof Objective.Refusal;
        ScoredPrompts part =
                prompts.only(rows(row -> promised.contains(row) || !max && prompts.shouldRefuse(row) != refusals));
        CalibrationResult result = Calibrator.calibrate(part, request, map);
        Summary summary = summary(fitted.length, penalty);
        JsonObject note = Notes.of(result.policy());
        RefusalPolicy policy = note == null
                ? result.policy()
                : Notes.with(result.policy(), CalibrationNote.refitted(note, prompts, summary));
        return new Refitted(
                new CalibrationResult(
                        policy,
                        result.outcomes(),
                        result.shift(),
                        result.jointBound(),
                        result.jointBoundReason(),
                        result.statement()),
                summary);
    }

    /** The rows of which some must be left to the promise. */
    private int[] promiseKind() {
        if (request.objective() instanceof Objective.FalseRefusal promise) {
            return promise.nearMissesOnly() ? prompts.nearMisses() : prompts.shouldAnswer();
        }
        return request.objective() instanceof Objective.Refusal ? prompts.shouldRefuse() : prompts.distinct();
    }

    /** Groups, dealt out by lot, whose rows nothing is fitted on. */
    private Set<Integer> keptForPromise(int[] kind) {
        int wanted = Math.min(kind.length / 3, MOST_FITTED);
        Set<Integer> kept = new HashSet<>();
        int given = 0;
        int[] sizes = new int[prompts.size()];
        for (int row : kind) {
            sizes[groups.group(row)]++;
        }
        for (int group : shuffled(kind)) {
            if (given + sizes[group] <= wanted) {
                given += sizes[group];
            } else {
                kept.add(group);
            }
        }
        return kept;
    }

    /** The groups of these rows, in an order drawn by lot. */
    private List<Integer> shuffled(int[] of) {
        List<Integer> order = new ArrayList<>(
                Arrays.stream(of).map(groups::group).distinct().boxed().toList());
        Collections.shuffle(order, new Random(SEED));
        return order;
    }

    private int[] rows(IntPredicate chosen) {
        return Arrays.stream(prompts.distinct()).filter(chosen).toArray();
    }

    /** What a row should be decided to be; -1: it should be refused as none of the categories. */
    private int label(int row) {
        return prompts.shouldRefuse(row)
                ? prompts.label(row).map(prompts.labels()::indexOf).orElse(-1)
                : respond;
    }

    private void requireEnough(int[] fitted) {
        long answer = Arrays.stream(fitted).filter(row -> label(row) == respond).count();
        long refuse = fitted.length - answer;
        if (answer < FEWEST || refuse < FEWEST) {
            throw new DemurException("refit: a map would be fitted on " + answer + " should-answer and "
                    + refuse + " should-refuse prompts of the model's categories, and needs " + FEWEST
                    + " of each: score more, or calibrate without it");
        }
    }

    private double[] fit(int[] rows, double penalty, double[] begin) {
        return LogisticFit.minimise(inputs(rows), labels(rows), respond, penalty, begin);
    }

    private double[][] inputs(int[] rows) {
        return Arrays.stream(rows)
                .mapToObj(row -> LogisticFit.inputs(prompts, row))
                .toArray(double[][]::new);
    }

    private int[] labels(int[] rows) {
        return Arrays.stream(rows).map(this::label).toArray();
    }

    private LogisticMap map(double[] parameters) {
        List<String> ids =
                IntStream.rangeClosed(0, respond).mapToObj(prompts.labels()::id).toList();
        return LogisticFit.map(parameters, ids);
    }

    /** The fold of each row, the same for all of a group. */
    private int[] folds(int[] rows) {
        int[] byGroup = new int[prompts.size()];
        int next = 0;
        for (int group : shuffled(rows)) {
            byGroup[group] = next++ % FOLDS;
        }
        return Arrays.stream(rows).map(row -> byGroup[groups.group(row)]).toArray();
    }

    private static int[] where(int[] rows, int[] folds, int fold, boolean in) {
        return IntStream.range(0, rows.length)
                .filter(i -> (folds[i] == fold) == in)
                .map(i -> rows[i])
                .toArray();
    }

    /** The penalty with the least loss on rows that were left out, of equals the largest. */
    private double penalty(int[] rows) {
        int[] folds = folds(rows);
        double[] losses = new double[PENALTIES.length];
        for (int fold = 0; fold < FOLDS; fold++) {
            int[] out = where(rows, folds, fold, true);
            int[] in = where(rows, folds, fold, false);
            if (out.length == 0) {
                continue;
            }
            double[] at = LogisticFit.identity(respond);
            for (int i = 0; i < PENALTIES.length; i++) {
                at = fit(in, PENALTIES[i], at);
                losses[i] += out.length * LogisticFit.loss(inputs(out), labels(out), respond, at);
            }
        }
        int best = 0;
        for (int i = 1; i < losses.length; i++) {
            best = losses[i] < losses[best] ? i : best;
        }
        return PENALTIES[best];
    }

    /** By maps that were fitted on the other folds of all rows; no threshold comes from these. */
    private Summary summary(int fitted, double penalty) {
        int[] rows = rows(row -> label(row) >= 0);
        int[] folds = folds(rows);
        double[] before = new double[rows.length];
        double[] after = new double[rows.length];
        RefusalPolicy plain = defaults(Rule.THRESHOLD);
        for (int fold = 0; fold < FOLDS; fold++) {
            RefusalPolicy mapped = defaults(Rule.REFIT)
                    .withMap(map(fit(where(rows, folds, fold, false), penalty, LogisticFit.identity(respond))));
            double[] one = JointScores.of(prompts, plain, rows);
            double[] other = JointScores.of(prompts, mapped, rows);
            for (int i = 0; i < rows.length; i++) {
                if (folds[i] == fold) {
                    before[i] = one[i];
                    after[i] = other[i];
                }
            }
        }
        double[][] plainScores = byKind(rows, before);
        double[][] mappedScores = byKind(rows, after);
        return new Summary(
                fitted,
                penalty,
                RocCurve.of(plainScores[1], plainScores[0], 2).auc(),
                RocCurve.of(mappedScores[1], mappedScores[0], 2).auc(),
                OperatingPoint.of(plainScores[1], plainScores[0], SHOWN_FALSE_REFUSALS, null)
                        .refusal()
                        .value(),
                OperatingPoint.of(mappedScores[1], mappedScores[0], SHOWN_FALSE_REFUSALS, null)
                        .refusal()
                        .value(),
                groups.textsKnown());
    }

    private RefusalPolicy defaults(Rule rule) {
        return RefusalPolicy.defaults(prompts.labels(), prompts.readout(), rule).withTemperature(prompts.temperature());
    }

    /** The scores of the rows that should be answered, and of those that should be refused. */
    private double[][] byKind(int[] rows, double[] scores) {
        double[][] kinds = new double[2][];
        for (int kind = 0; kind < 2; kind++) {
            boolean refuse = kind == 1;
            kinds[kind] = IntStream.range(0, rows.length)
                    .filter(i -> prompts.shouldRefuse(rows[i]) == refuse)
                    .mapToDouble(i -> scores[i])
                    .toArray();
        }
        return kinds;
    }
}
