package dev.demur.cli.report;

import dev.demur.calibration.JointScores;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * What rates are drawn from: the scores of the three kinds of rows, and the axis that the threshold moves on.
 *
 * @param chosen where the policy stands; null: the category has no threshold
 * @param chosenText the same in words
 */
record RateScores(
        Axis axis,
        double[] shouldAnswer,
        double[] nearMisses,
        double[] shouldRefuse,
        @Nullable Double chosen,
        String chosenText) {

    /** In log-odds or logits; beyond lies nothing that a person would choose. */
    private static final double FARTHEST = 12;

    /** The outermost scores may lie as far out as doubles go: of so many one may leave the picture at each side. */
    private static final int CUT = 100;

    /** A category's scores, by its own threshold. */
    static RateScores of(EvaluatedPolicy evaluated, String category) {
        ScoredPrompts prompts = evaluated.prompts();
        int c = prompts.labels().indexOf(category);
        return onThreshold(
                evaluated,
                c,
                prompts.shouldAnswer(),
                prompts.nearMisses(category),
                prompts.shouldRefuse(category),
                evaluated.threshold(category));
    }

    private static RateScores onThreshold(
            EvaluatedPolicy evaluated, int c, int[] answer, int[] near, int[] refuse, @Nullable Double threshold) {
        ScoredPrompts prompts = evaluated.prompts();
        double[] answerScores = prompts.scores(evaluated.policy(), c, answer);
        double[] nearScores = prompts.scores(evaluated.policy(), c, near);
        double[] refuseScores = prompts.scores(evaluated.policy(), c, refuse);
        double[] all = DoubleStream.concat(DoubleStream.of(answerScores), DoubleStream.of(refuseScores))
                .sorted()
                .toArray();
        double low = all.length == 0 ? 0.5 : all[all.length / CUT];
        double high = all.length == 0 ? 0.5 : all[all.length - 1 - all.length / CUT];
        Axis axis = Axis.logOdds("threshold", low, high, threshold == null ? low : threshold);
        return new RateScores(
                axis,
                answerScores,
                nearScores,
                refuseScores,
                threshold,
                threshold == null ? "no threshold" : "threshold " + Digits.four(threshold));
    }

    /** Being refused at all: by the threshold of the sum, or by a shift of all thresholds or biases. */
    static RateScores jointly(EvaluatedPolicy evaluated) {
        ScoredPrompts prompts = evaluated.prompts();
        if (evaluated.policy().rule() == Rule.SUM) {
            return onThreshold(
                    evaluated,
                    0,
                    prompts.shouldAnswer(),
                    prompts.nearMisses(),
                    prompts.shouldRefuse(),
                    evaluated.policy().sumThreshold());
        }
        double[] answer = JointScores.of(prompts, evaluated.policy(), prompts.shouldAnswer());
        double[] near = JointScores.of(prompts, evaluated.policy(), prompts.nearMisses());
        double[] refuse = JointScores.of(prompts, evaluated.policy(), prompts.shouldRefuse());
        double[] finite = DoubleStream.concat(DoubleStream.of(answer), DoubleStream.of(refuse))
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        double low = finite.length == 0 ? -1 : Math.max(-FARTHEST, finite[finite.length / CUT]);
        double high = finite.length == 0 ? 1 : Math.min(FARTHEST, finite[finite.length - 1 - finite.length / CUT]);
        boolean biases = evaluated.policy().rule() == Rule.LOGIT_BIAS;
        Axis axis = Axis.numbers(
                biases ? "all biases lowered by, in logits" : "all thresholds raised by, in log-odds",
                Math.min(-1, low),
                Math.max(1, high));
        return new RateScores(axis, answer, near, refuse, 0.0, "0, the policy as it is");
    }
}
