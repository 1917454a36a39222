package dev.demur.fit;

/**
 * A linear row and a bias for each label, over features as they are read; the logits of labels are their sums.
 *
 * @param width how many features count
 * @param labelCount how many labels there are
 * @param matrix {@code labelCount} rows of {@code width} coefficients
 * @param bias of each label
 */
record LinearHead(int width, int labelCount, double[] matrix, double[] bias) {

    /** The probabilities of the labels of a row: the softmax of its logits. */
    double[] probabilities(FeatureRows features, int row, double[] scratch) {
        double[] logits = logits(features, row, scratch);
        softmax(logits, 0, labelCount);
        return logits;
    }

    /** The logits of a row; {@code scratch} holds at least {@code width} numbers. */
    double[] logits(FeatureRows features, int row, double[] scratch) {
        features.read(row, width, scratch, 0);
        double[] logits = bias.clone();
        for (int c = 0; c < labelCount; c++) {
            double sum = 0;
            for (int d = 0; d < width; d++) {
                sum += matrix[c * width + d] * scratch[d];
            }
            logits[c] += sum;
        }
        return logits;
    }

    /** Replaces {@code count} logits from {@code at} on by their softmax; returns the logarithm of the sum of their powers. */
    static double softmax(double[] logits, int at, int count) {
        double most = logits[at];
        for (int c = 1; c < count; c++) {
            most = Math.max(most, logits[at + c]);
        }
        double sum = 0;
        for (int c = 0; c < count; c++) {
            logits[at + c] = StrictMath.exp(logits[at + c] - most);
            sum += logits[at + c];
        }
        for (int c = 0; c < count; c++) {
            logits[at + c] /= sum;
        }
        return most + StrictMath.log(sum);
    }
}
