package dev.demur.calibration;

import dev.demur.policy.LogisticMap;
import dev.demur.scoring.ScoredPrompts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fits a {@link LogisticMap} by multinomial logistic regression, drawn towards the map that changes nothing.
 *
 * <p>Minimised is the sum of -ln q_y over rows, and half the penalty times the squared distance of the weights from that map's, and a
 * hundredth of it times the squares of the biases: so few rows change little. The function is strictly convex, Newton's method
 * with a halved step where a whole one goes too far finds its least value, and StrictMath makes it the same everywhere.
 */
final class LogisticFit {

    /** A bias is as cheap as this many times less penalty makes it: it stands for how frequent a label is. */
    private static final double BIAS_SHARE = 0.01;

    private static final int MOST_STEPS = 100;
    private static final double CLOSE_ENOUGH = 1e-9;
    private static final double LEAST_STEP = 1e-10;
    private static final double ENOUGH_LESS = 1e-4;

    private final double[][] inputs; // of each row, with a 1 at the end for the bias
    private final int[] labels;
    private final int categories;
    private final int width;
    private final double penalty;
    private final double[] from; // the map that changes nothing

    private LogisticFit(double[][] inputs, int[] labels, int categories, double penalty) {
        this.inputs = inputs;
        this.labels = labels;
        this.categories = categories;
        this.width = categories + 2;
        this.penalty = penalty;
        from = identity(categories);
    }

    /** Parameters: for each category K + 1 weights, then its bias. */
    static double[] identity(int categories) {
        int width = categories + 2;
        double[] parameters = new double[categories * width];
        for (int c = 0; c < categories; c++) {
            parameters[c * width + c] = 1;
            parameters[c * width + categories] = -1;
        }
        return parameters;
    }

    /** What a map makes of probabilities, with the 1 that its bias takes. */
    static double[] inputs(ScoredPrompts prompts, int row) {
        int count = prompts.labels().count();
        double[] inputs = new double[count + 1];
        for (int i = 0; i < count; i++) {
            inputs[i] = LogisticMap.input(prompts.probability(row, i));
        }
        inputs[count] = 1;
        return inputs;
    }

    /**
     * The parameters with the least loss.
     *
     * @param inputs of each row, as {@link #inputs}
     * @param labels of each row, K for respond
     * @param penalty above 0
     * @param begin where to begin, which changes how long it takes and nothing else
     */
    static double[] minimise(double[][] inputs, int[] labels, int categories, double penalty, double[] begin) {
        return new LogisticFit(inputs, labels, categories, penalty).run(begin);
    }

    /** The mean of -ln q_y over rows. */
    static double loss(double[][] inputs, int[] labels, int categories, double[] parameters) {
        LogisticFit fit = new LogisticFit(inputs, labels, categories, 0);
        double[] q = new double[categories + 1];
        double sum = 0;
        for (int row = 0; row < inputs.length; row++) {
            sum += fit.share(parameters, row, q);
        }
        return sum / inputs.length;
    }

    /** The parameters as a map of these labels, the categories' ids and respond. */
    static LogisticMap map(double[] parameters, List<String> labels) {
        int width = labels.size() + 1;
        List<LogisticMap.Row> rows = new ArrayList<>();
        for (int c = 0; c < labels.size() - 1; c++) {
            List<Double> weights = new ArrayList<>();
            for (int i = 0; i < width - 1; i++) {
                weights.add(parameters[c * width + i]);
            }
            rows.add(new LogisticMap.Row(weights, parameters[c * width + width - 1]));
        }
        return new LogisticMap(labels, rows);
    }

    private double[] run(double[] begin) {
        double[] at = begin.clone();
        double value = value(at);
        for (int step = 0; step < MOST_STEPS; step++) {
            double[] gradient = new double[at.length];
            double[][] hessian = new double[at.length][at.length];
            derive(at, gradient, hessian);
            double[] direction = solve(hessian, gradient);
            double slope = 0;
            for (int i = 0; i < at.length; i++) {
                slope += gradient[i] * direction[i];
            }
            if (slope <= CLOSE_ENOUGH) {
                break;
            }
            double length = 1;
            double[] next = moved(at, direction, length);
            double nextValue = value(next);
            while (!(nextValue <= value - ENOUGH_LESS * length * slope) && length > LEAST_STEP) {
                length /= 2;
                next = moved(at, direction, length);
                nextValue = value(next);
            }
            if (!(nextValue < value)) {
                break; // rounding hides what is left
            }
            at = next;
            value = nextValue;
        }
        return at;
    }

    private static double[] moved(double[] at, double[] direction, double length) {
        double[] next = at.clone();
        for (int i = 0; i < next.length; i++) {
            next[i] -= length * direction[i];
        }
        return next;
    }

    private double penaltyOf(int parameter) {
        return parameter % width == width - 1 ? BIAS_SHARE * penalty : penalty;
    }

    private double value(double[] at) {
        double sum = 0;
        for (int i = 0; i < at.length; i++) {
            sum += penaltyOf(i) / 2 * (at[i] - from[i]) * (at[i] - from[i]);
        }
        double[] q = new double[categories + 1];
        for (int row = 0; row < inputs.length; row++) {
            sum += share(at, row, q);
        }
        return sum;
    }

    /** The probabilities of the labels for one row; returns -ln of its own label's. */
    private double share(double[] at, int row, double[] q) {
        double[] x = inputs[row];
        double largest = 0;
        q[categories] = 0;
        for (int c = 0; c < categories; c++) {
            double sum = 0;
            for (int i = 0; i < width; i++) {
                sum += at[c * width + i] * x[i];
            }
            q[c] = sum;
            largest = Math.max(largest, sum);
        }
        double own = q[labels[row]] - largest;
        double sum = 0;
        for (int c = 0; c <= categories; c++) {
            q[c] = StrictMath.exp(q[c] - largest);
            sum += q[c];
        }
        for (int c = 0; c <= categories; c++) {
            q[c] /= sum;
        }
        return StrictMath.log(sum) - own;
    }

    private void derive(double[] at, double[] gradient, double[][] hessian) {
        for (int i = 0; i < at.length; i++) {
            gradient[i] = penaltyOf(i) * (at[i] - from[i]);
            hessian[i][i] = penaltyOf(i);
        }
        double[] q = new double[categories + 1];
        for (int row = 0; row < inputs.length; row++) {
            share(at, row, q);
            double[] x = inputs[row];
            for (int c = 0; c < categories; c++) {
                double wrong = q[c] - (labels[row] == c ? 1 : 0);
                for (int i = 0; i < width; i++) {
                    gradient[c * width + i] += wrong * x[i];
                }
                for (int d = 0; d <= c; d++) {
                    double curvature = q[c] * ((c == d ? 1 : 0) - q[d]);
                    for (int i = 0; i < width; i++) {
                        double[] line = hessian[c * width + i];
                        double factor = curvature * x[i];
                        for (int j = 0; j < width; j++) {
                            line[d * width + j] += factor * x[j];
                        }
                    }
                }
            }
        }
    }

    /** By Cholesky's decomposition of the lower triangle, which it overwrites. */
    private static double[] solve(double[][] matrix, double[] right) {
        int n = right.length;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = matrix[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= matrix[i][k] * matrix[j][k];
                }
                matrix[i][j] = i == j ? StrictMath.sqrt(Math.max(sum, Double.MIN_NORMAL)) : sum / matrix[j][j];
            }
        }
        double[] x = Arrays.copyOf(right, n);
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= matrix[i][k] * x[k];
            }
            x[i] /= matrix[i][i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                x[i] -= matrix[k][i] * x[k];
            }
            x[i] /= matrix[i][i];
        }
        return x;
    }
}
