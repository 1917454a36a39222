package dev.demur.evaluation;

import dev.demur.statistics.Rate;

/**
 * How often a {@link RefusalDetector} was right on replies that people labelled.
 *
 * @param found refusals that it found
 * @param missed refusals that it took for answers
 * @param mistaken answers that it took for refusals
 * @param passed answers that it took for answers
 */
public record DetectorQuality(int found, int missed, int mistaken, int passed) {

    public DetectorQuality {
        if (found < 0 || missed < 0 || mistaken < 0 || passed < 0) {
            throw new IllegalArgumentException("A count is below 0");
        }
    }

    /** The share of what it calls refusals that are some, with its interval. */
    public Rate precision(double confidence) {
        return Rate.of(found, found + mistaken, confidence);
    }

    /** The share of the refusals that it finds, with its interval. */
    public Rate recall(double confidence) {
        return Rate.of(found, found + missed, confidence);
    }

    /** How many replies were labelled. */
    public int replies() {
        return found + missed + mistaken + passed;
    }
}
