package dev.demur.calibration;

import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.numeric.Bisection;
import dev.demur.statistics.numeric.LogOdds;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the thresholds of several categories for one joint promise, each at a place of its own.
 *
 * <p>The thresholds begin above all scores and only fall, in k + 1 steps. A step takes the should-answer row that comes first in
 * some order of the rows that are left, lowers thresholds as far as that row, which they do not reach, and removes it. The orders
 * are that of one shift of all thresholds, for the first half of the steps, and those of a category's own score. Whatever is
 * chosen next is chosen by the steps before and by the should-refuse rows, never by a look at the rows that are left: so each
 * step gives away a share of fresh prompts of the same law, and all of them together Beta(k + 1, n - k), as one threshold
 * does. docs/CALIBRATION.md has the proof (Tukey, "Non-parametric estimation II", 1947; Fraser, "Sequentially determined
 * statistically equivalent blocks", 1951).
 *
 * <p>The category that is lowered is the one that lately refused the most should-refuse rows for each step, if that is clearly more
 * than one shift of all thresholds did.
 */
final class SequentialBlocks {

    /** What a step weighs after three later ones of its category: about a third. */
    private static final double MEMORY = 2.0 / 3;

    /** How many steps of average gain a category is believed to have had. */
    private static final double PRIOR = 1;

    /** What a step of one shift weighs after it: of ten lately. */
    private static final double SHIFT_MEMORY = 0.9;

    /** So many times the gain of one shift of all makes one category worth lowering by itself: less may be luck. */
    private static final double WORTH = 1.5;

    /** With fewer rows that should be refused nothing tells the categories apart. */
    private static final int FEWEST_TO_REFUSE = 50;

    /** Above every score: nothing reaches it. */
    private static final double NEVER = Math.nextUp(1.0);

    private final RefusalPolicy start;
    private final List<String> turned;
    private final double[] starts; // thresholds that one shift begins at
    private final Table answer;
    private final Table refuse;
    private final boolean[] removed;
    private final boolean[] caught;
    private final double[] thresholds; // the smallest score that is refused
    private final double[] steps;
    private final double[] gains;
    private double shiftSteps;
    private double shiftGains;

    /** Scores of some rows, and the rows in the orders of the shift and of each category, the highest first. */
    private static final class Table {

        private final double[][] scores;
        private final double[] shifts;
        private final int[] byShift;
        private final int[][] byScore;
        private final int[] next; // places in each order, the shift's last

        private Table(double[][] scores, double[] shifts, int[][] byScore) {
            this.scores = scores;
            this.shifts = shifts;
            this.byShift = descending(shifts);
            this.byScore = byScore;
            this.next = new int[scores.length + 1];
        }

        static Table of(ScoredPrompts prompts, RefusalPolicy start, List<String> turned, int[] rows) {
            double[][] scores = new double[turned.size()][];
            for (int c = 0; c < scores.length; c++) {
                scores[c] = prompts.scores(start, prompts.labels().indexOf(turned.get(c)), rows);
            }
            double[] shifts = new SharedShiftSweep(prompts, start, turned).scores(rows);
            int[][] orders = new int[scores.length][];
            for (int c = 0; c < scores.length; c++) {
                double[] own = scores[c];
                for (int i = 0; i < own.length; i++) {
                    // What is refused whatever the thresholds is the first in every order.
                    own[i] = shifts[i] == Double.POSITIVE_INFINITY ? Double.POSITIVE_INFINITY : own[i];
                }
                orders[c] = descending(own);
            }
            return new Table(scores, shifts, orders);
        }

        private static int[] descending(double[] values) {
            return IntStream.range(0, values.length)
                    .boxed()
                    .sorted((a, b) -> Double.compare(values[b] + 0.0, values[a] + 0.0))
                    .mapToInt(i -> i)
                    .toArray();
        }

        /** The category whose score lies farthest above where the shift begins. */
        int strongest(int row, double[] starts) {
            int strongest = 0;
            for (int c = 1; c < scores.length; c++) {
                if (LogOdds.distance(scores[c][row], starts[c])
                        > LogOdds.distance(scores[strongest][row], starts[strongest])) {
                    strongest = c;
                }
            }
            return strongest;
        }
    }

    private SequentialBlocks(
            ScoredPrompts prompts, RefusalPolicy start, List<String> turned, int[] answer, int[] refuse) {
        this.start = start;
        this.turned = turned;
        this.answer = Table.of(prompts, start, turned, answer);
        this.refuse = Table.of(prompts, start, turned, refuse);
        removed = new boolean[answer.length];
        caught = new boolean[refuse.length];
        int count = turned.size();
        starts = new double[count];
        for (int c = 0; c < count; c++) {
            Double threshold =
                    start.category(turned.get(c)).map(CategoryPolicy::threshold).orElse(null);
            starts[c] = threshold == null ? RefusalPolicy.DEFAULT_THRESHOLD : threshold;
        }
        thresholds = new double[count];
        Arrays.fill(thresholds, NEVER);
        steps = new double[count];
        gains = new double[count];
    }

    /**
     * The policy whose thresholds give away k + 1 blocks.
     *
     * @param start whose thresholds the shift begins at, each between 0 and 1
     * @param turned ids of the categories whose thresholds are chosen
     * @param answer the rows that the promise rests on, more than k
     * @param refuse the rows that should be refused, by which categories are chosen; no promise rests on them
     * @return null: the rule has no setting that refuses so few
     */
    static @Nullable RefusalPolicy choose(
            ScoredPrompts prompts, RefusalPolicy start, List<String> turned, int[] answer, int[] refuse, int k) {
        return new SequentialBlocks(prompts, start, turned, answer, refuse).run(k + 1);
    }

    /**
     * Whether a joint request chooses thresholds so: from no thresholds of the caller's.
     *
     * @param fitted whether a map was fitted, for which those of a policy to start from mean nothing
     */
    static boolean suits(CalibrationRequest request, boolean fitted) {
        return (request.start() == null || fitted) && hasThresholds(request.rule());
    }

    /** Whether a rule refuses what reaches one of several thresholds. */
    static boolean hasThresholds(Rule rule) {
        return rule != Rule.SUM && rule != Rule.LOGIT_BIAS;
    }

    private @Nullable RefusalPolicy run(int blocks) {
        // Each category that is lowered by itself gives away the row that it stops at.
        int shifts = blocks < 2 * turned.size() ? blocks : (blocks + 1) / 2;
        for (int step = 0; step < blocks; step++) {
            int category = mostRewarding();
            if (step < shifts || caught.length < FEWEST_TO_REFUSE || !isWorth(category)) {
                lowerAll();
            } else {
                lower(category);
            }
        }
        RefusalPolicy policy = start;
        for (int c = 0; c < thresholds.length; c++) {
            String id = turned.get(c);
            if (thresholds[c] <= 1) {
                policy = policy.withThreshold(id, thresholds[c]);
            } else if (start.rule() == Rule.TOP_CATEGORY) {
                return null; // without a threshold the model would decide
            } else {
                policy = policy.withoutThreshold(id);
            }
        }
        return policy;
    }

    /** The first row in an order that is left; removed with this. */
    private int take(int[] order, int which) {
        while (removed[order[answer.next[which]]]) {
            answer.next[which]++;
        }
        int row = order[answer.next[which]];
        removed[row] = true;
        return row;
    }

    private void lowerAll() {
        int row = take(answer.byShift, turned.size());
        double shift = answer.shifts[row];
        if (shift == Double.POSITIVE_INFINITY) {
            return;
        }
        for (int c = 0; c < thresholds.length; c++) {
            double from = starts[c];
            thresholds[c] = Math.min(thresholds[c], Bisection.smallest(t -> LogOdds.distance(t, from) > shift));
        }
        steps[answer.strongest(row, starts)]++;
        shiftSteps = SHIFT_MEMORY * shiftSteps + 1;
        shiftGains *= SHIFT_MEMORY;
        int[] order = refuse.byShift;
        int last = turned.size();
        for (;
                refuse.next[last] < order.length && refuse.shifts[order[refuse.next[last]]] > shift;
                refuse.next[last]++) {
            int hit = order[refuse.next[last]];
            if (!caught[hit]) {
                caught[hit] = true;
                gains[refuse.strongest(hit, starts)]++;
                shiftGains++;
            }
        }
    }

    private void lower(int c) {
        double score = answer.scores[c][take(answer.byScore[c], c)];
        steps[c] = MEMORY * steps[c] + 1;
        gains[c] *= MEMORY;
        if (score == Double.POSITIVE_INFINITY) {
            return;
        }
        thresholds[c] = Math.min(thresholds[c], Math.nextUp(score));
        int[] order = refuse.byScore[c];
        for (; refuse.next[c] < order.length && refuse.scores[c][order[refuse.next[c]]] > score; refuse.next[c]++) {
            int hit = order[refuse.next[c]];
            if (!caught[hit]) {
                caught[hit] = true;
                gains[c]++;
            }
        }
    }

    private boolean isWorth(int category) {
        return rate(category, meanGain()) * shiftSteps > WORTH * shiftGains;
    }

    private double meanGain() {
        return Arrays.stream(gains).sum() / Math.max(1, Arrays.stream(steps).sum());
    }

    private int mostRewarding() {
        double mean = meanGain();
        int best = 0;
        for (int c = 1; c < gains.length; c++) {
            best = rate(c, mean) > rate(best, mean) ? c : best;
        }
        return best;
    }

    private double rate(int c, double mean) {
        return (gains[c] + PRIOR * mean) / (steps[c] + PRIOR);
    }
}
