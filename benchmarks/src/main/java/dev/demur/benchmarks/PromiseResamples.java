package dev.demur.benchmarks;

import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.CalibrationResult;
import dev.demur.calibration.Calibrator;
import dev.demur.calibration.Objective;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * How often a promise is broken on real scores: splits a score file at random, again and again, calibrates a joint policy on
 * one part and counts false refusals in the other. Arguments: a score file, the target, the share of the rows that calibrates, how
 * many splits, a seed, and the confidences.
 *
 * <p>The other part has noise of its own, so that its rate lies above the target more often than the source's does. How often at
 * most is known: with n rows that calibrate, k of them allowed, and m others, the number refused of the others is at most
 * beta-binomial, (m; k + 1, n - k), however the scores are distributed. Both are told: of the other part beside this law, and
 * of all rows, as if they were the whole source, beside what was promised; the fewer of them calibrate, the nearer these rows
 * are to a source from which they were drawn. The exit status is 1 if either is broken more often than three standard errors above
 * what it may.
 */
final class PromiseResamples {

    private static final double STANDARD_ERRORS = 3;

    private final ScoredPrompts prompts;
    private final int[] answer;
    private final int[] refuse;
    private final double target;
    private final double share;
    private final int splits;
    private final long seed;

    private PromiseResamples(ScoredPrompts prompts, double target, double share, int splits, long seed) {
        this.prompts = prompts;
        this.answer = prompts.shouldAnswer();
        this.refuse = prompts.shouldRefuse();
        this.target = target;
        this.share = share;
        this.splits = splits;
        this.seed = seed;
    }

    public static void main(String[] arguments) {
        if (arguments.length < 6) {
            System.err.println("PromiseResamples SCORES.jsonl TARGET SHARE SPLITS SEED CONFIDENCE...");
            System.exit(2);
        }
        ScoredPrompts prompts = ScoreFile.read(Path.of(arguments[0]), null, System.err::println);
        if (prompts.fitted() > 0) {
            System.err.println(arguments[0] + ": what scored it was fitted on " + prompts.fitted()
                    + " of its rows: leave these out, because nothing is promised by them");
            System.exit(2);
        }
        PromiseResamples resamples = new PromiseResamples(
                prompts,
                Double.parseDouble(arguments[1]),
                Double.parseDouble(arguments[2]),
                Integer.parseInt(arguments[3]),
                Long.parseLong(arguments[4]));
        System.exit(resamples.run(Arrays.asList(arguments).subList(5, arguments.length)) ? 0 : 1);
    }

    private boolean run(List<String> confidences) {
        int n = (int) Math.round(share * answer.length);
        System.out.printf(
                Locale.ROOT,
                "%d rows to be answered, %d to be refused, %d splits, target %.3g%n%n",
                answer.length,
                refuse.length,
                splits,
                target);
        System.out.println("| confidence | rows that calibrate | allowed of them | others above the target |"
                + " by the law | all rows above | at most | mean false refusals | mean refusals |");
        System.out.println("|---|---|---|---|---|---|---|---|---|");
        boolean kept = true;
        for (String confidence : confidences) {
            kept &= row(Double.parseDouble(confidence), n);
        }
        return kept;
    }

    private boolean row(double confidence, int n) {
        Random random = new Random(seed);
        int others = answer.length - n;
        int some = (int) Math.round(share * refuse.length);
        int otherBroken = 0;
        int allBroken = 0;
        int allowed = -1;
        double falseRefusals = 0;
        double refusals = 0;
        for (int split = 0; split < splits; split++) {
            int[] answers = shuffled(answer, random);
            int[] refused = shuffled(refuse, random);
            CalibrationResult result = Calibrator.calibrate(
                    part(answers, n, refused, some),
                    CalibrationRequest.of(Rule.THRESHOLD, new Objective.FalseRefusal(target, confidence, false))
                            .jointly());
            Integer k = result.outcomes().get(0).allowed();
            if (k == null) {
                throw new IllegalStateException(
                        "nothing can be promised by " + n + " rows at confidence " + confidence);
            }
            allowed = k;
            RefusalPolicy policy = result.policy();
            Decisions decisions = prompts.decide(policy);
            int here = decisions.refusals(Arrays.copyOf(answers, n));
            if (here > k) {
                throw new IllegalStateException(here + " of the rows that calibrated are refused, more than " + k);
            }
            int there = decisions.refusals(Arrays.copyOfRange(answers, n, answers.length));
            otherBroken += there > target * others ? 1 : 0;
            allBroken += here + there > target * answer.length ? 1 : 0;
            falseRefusals += (double) there / others / splits;
            int[] left = Arrays.copyOfRange(refused, some, refused.length);
            refusals += (double) decisions.refusals(left) / left.length / splits;
        }
        double law = tail(others, allowed + 1, n - allowed, target * others);
        double other = (double) otherBroken / splits;
        double all = (double) allBroken / splits;
        System.out.printf(
                Locale.ROOT,
                "| %s | %d | %d | %.2f %% | %.2f %% | %.2f %% | %.0f %% | %.2f %% | %.1f %% |%n",
                confidence,
                n,
                allowed,
                100 * other,
                100 * law,
                100 * all,
                100 * (1 - confidence),
                100 * falseRefusals,
                100 * refusals);
        return other <= law + error(law) && all <= 1 - confidence + error(1 - confidence);
    }

    private double error(double rate) {
        return STANDARD_ERRORS * Math.sqrt(rate * (1 - rate) / splits);
    }

    private ScoredPrompts part(int[] answers, int answerCount, int[] refused, int refuseCount) {
        List<Integer> rows = new ArrayList<>();
        IntStream.of(answers).limit(answerCount).forEach(rows::add);
        IntStream.of(refused).limit(refuseCount).forEach(rows::add);
        ScoredPrompts.Builder builder = ScoredPrompts.builder(prompts.meta().orElseThrow());
        for (int row : rows) {
            double[] p = IntStream.range(0, prompts.labels().count())
                    .mapToDouble(i -> prompts.probability(row, i))
                    .toArray();
            builder.add(
                    prompts.id(row),
                    prompts.label(row).orElse(null),
                    prompts.shouldRefuse(row),
                    p,
                    LabelNumbers.NO_LABEL);
        }
        return builder.build();
    }

    private static int[] shuffled(int[] rows, Random random) {
        int[] order = rows.clone();
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return order;
    }

    /** The probability that a beta-binomial number of m, with whole a and b, lies above a bound. */
    private static double tail(int m, int a, int b, double bound) {
        double sum = 0;
        for (int j = 0; j <= m; j++) {
            if (j > bound) {
                sum += Math.exp(choose(j + a - 1, j) + choose(m - j + b - 1, m - j) - choose(m + a + b - 1, m));
            }
        }
        return sum;
    }

    /** The logarithm of a binomial coefficient. */
    private static double choose(int n, int k) {
        double sum = 0;
        for (int i = 1; i <= k; i++) {
            sum += Math.log((double) (n - k + i) / i);
        }
        return sum;
    }
}
