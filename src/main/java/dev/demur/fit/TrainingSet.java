package dev.demur.fit;

import dev.demur.DemurException;

/**
 * Rows to fit on, each with its label and weight.
 *
 * @param coordinates of all rows, those that are not fitted on too
 * @param rows the rows to fit on; at least one
 * @param labels of all rows: indices of labels
 * @param weights of all rows; not negative
 * @param labelCount how many labels there are
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record TrainingSet(double[][] coordinates, int[] rows, int[] labels, double[] weights, int labelCount) {

    TrainingSet {
        if (rows.length == 0) {
            throw new DemurException("there are no rows to fit on");
        }
    }

    int size() {
        return rows.length;
    }

    /** How many numbers a row has. */
    int width() {
        return coordinates[rows[0]].length;
    }

    /** The sum of the weights of the rows of each label. */
    double[] labelWeights() {
        double[] sums = new double[labelCount];
        for (int row : rows) {
            sums[labels[row]] += weights[row];
        }
        return sums;
    }

    /** The logarithm of each label's share of the weights; of one that no row has, of next to nothing. */
    double[] logShares(double rarest) {
        double[] shares = labelWeights();
        double total = 0;
        for (double share : shares) {
            total += share;
        }
        for (int c = 0; c < shares.length; c++) {
            shares[c] = StrictMath.log(Math.max(rarest, shares[c] / total));
        }
        return shares;
    }

    /** The probabilities of the labels of a row, by coefficients as {@link Projection#head} takes them. */
    double[] probabilities(double[] theta, int row) {
        double[] x = coordinates[row];
        double[] p = new double[labelCount];
        for (int c = 0; c < labelCount; c++) {
            double sum = theta[labelCount * x.length + c];
            for (int d = 0; d < x.length; d++) {
                sum += theta[c * x.length + d] * x[d];
            }
            p[c] = sum;
        }
        LinearHead.softmax(p, 0, labelCount);
        return p;
    }
}
