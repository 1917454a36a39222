package dev.demur.fit;

import java.util.Arrays;

/**
 * The loss of multinomial logistic regression and its gradient: the weighted mean of the cross entropy, and L2 times the sum of
 * the squared coefficients. Biases are not penalised.
 *
 * <p>Rows are summed in parts of their own, in their order, so that the number of threads changes no bit.
 */
final class SoftmaxLoss implements Lbfgs.Objective {

    /** Rows that are in the cache together. */
    private static final int BLOCK = 4;

    private static final int PARTS = 16;

    private final TrainingSet set;
    private final double l2;
    private final double totalWeight;
    private final Workers workers;
    private final double[][] gradients;
    private final double[] losses = new double[PARTS];

    SoftmaxLoss(TrainingSet set, double l2, Workers workers) {
        this.set = set;
        this.l2 = l2;
        this.totalWeight = Arrays.stream(set.labelWeights()).sum();
        this.workers = workers;
        this.gradients = new double[PARTS][set.labelCount() * (set.width() + 1)];
    }

    @Override
    public double evaluate(double[] theta, double[] gradient) throws InterruptedException {
        workers.forEach(PARTS, part -> losses[part] = sum(part, theta, gradients[part]));
        int coefficients = set.labelCount() * set.width();
        double loss = 0;
        for (double partLoss : losses) {
            loss += partLoss;
        }
        double penalty = 0;
        for (int i = 0; i < theta.length; i++) {
            double slope = 0;
            for (double[] part : gradients) {
                slope += part[i];
            }
            if (i < coefficients) {
                slope += 2 * l2 * theta[i];
                penalty += theta[i] * theta[i];
            }
            gradient[i] = slope;
        }
        return loss + l2 * penalty;
    }

    private double sum(int part, double[] theta, double[] gradient) {
        Arrays.fill(gradient, 0);
        int from = (int) ((long) set.size() * part / PARTS);
        int to = (int) ((long) set.size() * (part + 1) / PARTS);
        int width = set.width();
        double[] nothing = new double[width];
        double[][] x = new double[BLOCK][];
        double[] p = new double[BLOCK * set.labelCount()];
        double loss = 0;
        for (int first = from; first < to; first += BLOCK) {
            int count = Math.min(BLOCK, to - first);
            for (int b = 0; b < BLOCK; b++) {
                x[b] = b < count ? set.coordinates()[set.rows()[first + b]] : nothing;
            }
            logits(x[0], x[1], x[2], x[3], theta, p);
            for (int b = 0; b < count; b++) {
                loss += residuals(set.rows()[first + b], p, b);
            }
            Arrays.fill(p, count * set.labelCount(), p.length, 0);
            addGradient(x[0], x[1], x[2], x[3], p, gradient);
        }
        return loss;
    }

    /** The logits of a block of rows; four rows share each coefficient that is loaded. */
    private void logits(double[] x0, double[] x1, double[] x2, double[] x3, double[] theta, double[] p) {
        int width = set.width();
        int labels = set.labelCount();
        for (int c = 0; c < labels; c++) {
            int at = c * width;
            double z0 = 0;
            double z1 = 0;
            double z2 = 0;
            double z3 = 0;
            for (int d = 0; d < width; d++) {
                double w = theta[at + d];
                z0 += w * x0[d];
                z1 += w * x1[d];
                z2 += w * x2[d];
                z3 += w * x3[d];
            }
            double bias = theta[labels * width + c];
            p[c] = z0 + bias;
            p[labels + c] = z1 + bias;
            p[2 * labels + c] = z2 + bias;
            p[3 * labels + c] = z3 + bias;
        }
    }

    /** Turns a row's logits into the slopes of its loss by them; returns its loss. */
    private double residuals(int row, double[] p, int b) {
        int labels = set.labelCount();
        int at = b * labels;
        int label = set.labels()[row];
        double weight = set.weights()[row] / totalWeight;
        double own = p[at + label];
        double loss = LinearHead.softmax(p, at, labels) - own;
        p[at + label] -= 1;
        for (int c = 0; c < labels; c++) {
            p[at + c] *= weight;
        }
        return weight * loss;
    }

    private void addGradient(double[] x0, double[] x1, double[] x2, double[] x3, double[] p, double[] gradient) {
        int width = set.width();
        int labels = set.labelCount();
        double[] own = new double[width];
        for (int c = 0; c < labels; c++) {
            double r0 = p[c];
            double r1 = p[labels + c];
            double r2 = p[2 * labels + c];
            double r3 = p[3 * labels + c];
            System.arraycopy(gradient, c * width, own, 0, width);
            for (int d = 0; d < width; d++) {
                own[d] += r0 * x0[d] + r1 * x1[d] + (r2 * x2[d] + r3 * x3[d]);
            }
            System.arraycopy(own, 0, gradient, c * width, width);
            gradient[labels * width + c] += r0 + r1 + r2 + r3;
        }
    }
}
