package dev.demur.fit;

/**
 * An approximate inverse of the Hessian of multinomial logistic regression, the same for each label: of {@code curvature} times the
 * mean of x x' over rows, and of L2. By a Cholesky decomposition.
 */
final class Preconditioner {

    /** Of p (1 - p), between what unsure and what sure labels have. */
    private static final double CURVATURE = 0.08;

    private final int width;
    private final double[][] lower;

    private Preconditioner(int width, double[][] lower) {
        this.width = width;
        this.lower = lower;
    }

    /** The mean of x x' over rows, its lower triangle. */
    static double[][] moments(double[][] coordinates, int[] rows, Workers workers) throws InterruptedException {
        int width = coordinates[rows[0]].length;
        double[][] sums = new double[width][];
        workers.forEach(width, i -> {
            double[] sum = new double[i + 1];
            for (int row : rows) {
                double[] x = coordinates[row];
                double xi = x[i] / rows.length;
                for (int j = 0; j <= i; j++) {
                    sum[j] += xi * x[j];
                }
            }
            sums[i] = sum;
        });
        return sums;
    }

    static Preconditioner of(double[][] moments, double l2) {
        int width = moments.length;
        double[][] lower = new double[width][];
        for (int i = 0; i < width; i++) {
            lower[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                double sum = CURVATURE * moments[i][j] + (i == j ? 2 * l2 : 0);
                double[] a = lower[i];
                double[] b = lower[j];
                for (int k = 0; k < j; k++) {
                    sum -= a[k] * b[k];
                }
                lower[i][j] = i == j ? Math.sqrt(Math.max(sum, l2)) : sum / b[j];
            }
        }
        return new Preconditioner(width, lower);
    }

    /** Replaces a gradient, of {@code labels} rows of coefficients and a bias for each, by what the inverse makes of it. */
    void apply(double[] gradient, int labels) {
        double[] x = new double[width];
        for (int c = 0; c < labels; c++) {
            System.arraycopy(gradient, c * width, x, 0, width);
            for (int i = 0; i < width; i++) {
                double[] row = lower[i];
                double sum = x[i];
                for (int k = 0; k < i; k++) {
                    sum -= row[k] * x[k];
                }
                x[i] = sum / row[i];
            }
            for (int i = width - 1; i >= 0; i--) {
                double[] row = lower[i];
                x[i] /= row[i];
                double xi = x[i];
                for (int k = 0; k < i; k++) {
                    x[k] -= row[k] * xi;
                }
            }
            System.arraycopy(x, 0, gradient, c * width, width);
            gradient[labels * width + c] /= CURVATURE;
        }
    }
}
