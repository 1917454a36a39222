package dev.demur.evaluation;

import dev.demur.calibration.JointScores;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.numeric.LogOdds;

/** The rows with a score so near its threshold that the noise between devices may carry it across. */
record NoiseBand(ScoredPrompts prompts, RefusalPolicy policy, double halfWidth) {

    /** How many of these rows. */
    int count(int[] all) {
        boolean[] near = new boolean[all.length];
        if (policy.rule() == Rule.LOGIT_BIAS) {
            mark(near, JointScores.of(prompts, policy, all), Double.NaN);
        } else if (policy.rule() == Rule.SUM) {
            Double threshold = policy.sumThreshold();
            mark(near, prompts.scores(policy, 0, all), threshold == null ? 0 : threshold);
        } else {
            for (CategoryPolicy category : policy.categories()) {
                Double threshold = category.threshold();
                int c = prompts.labels().indexOf(category.id());
                mark(near, prompts.scores(policy, c, all), threshold == null ? 0 : threshold);
            }
        }
        int count = 0;
        for (boolean row : near) {
            count += row ? 1 : 0;
        }
        return count;
    }

    /** @param threshold NaN: the scores are distances already; 0: every score passes, and stays where it is */
    private void mark(boolean[] near, double[] scores, double threshold) {
        if (threshold == 0) {
            return;
        }
        for (int i = 0; i < near.length; i++) {
            double distance = Double.isNaN(threshold) ? scores[i] : LogOdds.distance(scores[i], threshold);
            near[i] |= Math.abs(distance) <= halfWidth;
        }
    }
}
