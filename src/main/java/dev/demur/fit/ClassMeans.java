package dev.demur.fit;

/**
 * The classifier by class means: a row belongs to the label whose mean is nearest, among standardised features. How sure it is
 * (one number) is fitted on the rows. It has next to nothing that could fit the sources of the rows instead of their labels.
 */
final class ClassMeans {

    private static final double RAREST = 1e-4;
    private static final double LEAST_SHARPNESS = 1e-3;
    private static final double MOST_SHARPNESS = 1e4;
    private static final int STEPS = 60;
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    private ClassMeans() {}

    /** The coefficients, as {@link Projection#head} takes them. */
    static double[] fit(TrainingSet set) {
        int width = set.width();
        int labels = set.labelCount();
        double[] weights = set.labelWeights();
        double[] means = new double[labels * width];
        for (int row : set.rows()) {
            double[] x = set.coordinates()[row];
            int label = set.labels()[row];
            double share = set.weights()[row] / weights[label];
            for (int d = 0; d < width; d++) {
                means[label * width + d] += share * x[d];
            }
        }
        double[] half = new double[labels];
        double[] prior = set.logShares(RAREST);
        for (int c = 0; c < labels; c++) {
            half[c] = dot(means, c * width, means, c * width, width) / 2;
        }
        double[] nearness = new double[set.size() * labels];
        for (int i = 0; i < set.size(); i++) {
            double[] x = set.coordinates()[set.rows()[i]];
            for (int c = 0; c < labels; c++) {
                nearness[i * labels + c] = dot(x, 0, means, c * width, width) - half[c];
            }
        }
        double sharpness = sharpness(set, nearness, prior);
        double[] theta = new double[labels * (width + 1)];
        for (int i = 0; i < labels * width; i++) {
            theta[i] = sharpness * means[i];
        }
        for (int c = 0; c < labels; c++) {
            theta[labels * width + c] = prior[c] - sharpness * half[c];
        }
        return theta;
    }

    /** The factor of the nearness that makes the rows likeliest, by a golden-section search over its logarithm. */
    private static double sharpness(TrainingSet set, double[] nearness, double[] prior) {
        double low = Math.log(LEAST_SHARPNESS);
        double high = Math.log(MOST_SHARPNESS);
        for (int i = 0; i < STEPS; i++) {
            double left = high - GOLDEN * (high - low);
            double right = low + GOLDEN * (high - low);
            if (loss(set, nearness, prior, StrictMath.exp(left)) <= loss(set, nearness, prior, StrictMath.exp(right))) {
                high = right;
            } else {
                low = left;
            }
        }
        return StrictMath.exp((low + high) / 2);
    }

    private static double loss(TrainingSet set, double[] nearness, double[] prior, double sharpness) {
        int labels = prior.length;
        double[] z = new double[labels];
        double loss = 0;
        for (int i = 0; i < set.size(); i++) {
            int row = set.rows()[i];
            for (int c = 0; c < labels; c++) {
                z[c] = prior[c] + sharpness * nearness[i * labels + c];
            }
            double own = z[set.labels()[row]];
            loss += set.weights()[row] * (LinearHead.softmax(z, 0, labels) - own);
        }
        return loss;
    }

    private static double dot(double[] a, int from, double[] b, int other, int count) {
        double sum = 0;
        for (int d = 0; d < count; d++) {
            sum += a[from + d] * b[other + d];
        }
        return sum;
    }
}
