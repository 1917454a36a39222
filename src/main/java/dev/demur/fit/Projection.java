package dev.demur.fit;

import dev.demur.DemurException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Features in fewer numbers: standardised, and then as coordinates in the space that some of the rows span. Labels play no part in
 * it. Where there are no more rows or features than coordinates nothing is lost; else what is lost is what the others do not have
 * in common with the chosen ones (the Nystr&ouml;m method, with rows drawn at random).
 *
 * <p>A standardised feature is (x - mean) / (deviation &middot; sqrt(width)), so that the same L2 means the same whatever the width.
 */
final class Projection {

    /** What a fit costs grows with them. */
    static final int MOST_COORDINATES = 768;

    /** What varies less is taken not to vary: it would only add noise. */
    private static final double LEAST_DEVIATION = 1e-6;

    /** A row of whose squared length the others leave less adds no direction. */
    private static final double LEAST_REST = 1e-8;

    private static final int BLOCK_ROWS = 32;
    private static final int TILE = 64;
    private static final int STEP = 4;

    private final int width;
    private final double[] mean;
    private final double[] scale;
    private final int coordinates;

    /** For each feature its part in each coordinate; empty where the coordinates are the features. */
    private final float[][] basis;

    private Projection(int width, double[] mean, double[] scale, float[][] basis) {
        this.width = width;
        this.mean = mean;
        this.scale = scale;
        this.coordinates = basis.length == 0 ? width : basis[0].length;
        this.basis = basis;
    }

    /**
     * The projection that suits some rows.
     *
     * @param width of each row so many numbers count
     * @param rows those that tell the means, the deviations and the directions
     * @param most the most coordinates
     * @throws InterruptedException if the thread is interrupted
     */
    static Projection of(FeatureRows features, int width, int[] rows, int most, long seed, Workers workers)
            throws InterruptedException {
        double[] mean = new double[width];
        double[] scale = new double[width];
        standardise(features, rows, mean, scale);
        if (width <= most) {
            return new Projection(width, mean, scale, new float[0][]);
        }
        int[] order = shuffled(rows, seed);
        double[][] chosen = new double[Math.min(most, order.length)][width];
        workers.forEach(chosen.length, i -> {
            features.read(order[i], width, chosen[i], 0);
            for (int d = 0; d < width; d++) {
                chosen[i][d] = (chosen[i][d] - mean[d]) * scale[d];
            }
        });
        return new Projection(width, mean, scale, orthonormal(chosen, width, workers));
    }

    /**
     * Directions at right angles that span rows, for each feature its part in each: by the Cholesky decomposition of the rows'
     * products with each other. A row that lies in what the rows before it span adds none.
     */
    private static float[][] orthonormal(double[][] rows, int width, Workers workers) throws InterruptedException {
        double[][] products = new double[rows.length][];
        workers.forEach(rows.length, i -> {
            products[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                products[i][j] = dot(rows[i], rows[j]);
            }
        });
        int[] kept = new int[rows.length];
        double[][] lower = new double[rows.length][];
        int count = 0;
        for (int i = 0; i < rows.length; i++) {
            double[] row = new double[count + 1];
            double rest = products[i][i];
            for (int j = 0; j < count; j++) {
                double sum = products[i][kept[j]];
                for (int k = 0; k < j; k++) {
                    sum -= row[k] * lower[j][k];
                }
                row[j] = sum / lower[j][j];
                rest -= row[j] * row[j];
            }
            if (rest > LEAST_REST * products[i][i]) {
                row[count] = Math.sqrt(rest);
                lower[count] = row;
                kept[count++] = i;
            }
        }
        if (count == 0) {
            throw new DemurException("all prompts have the same hidden states: there is nothing to fit on");
        }
        int directions = count;
        float[][] basis = new float[width][directions];
        workers.forEach((width + TILE - 1) / TILE, tile -> {
            int from = tile * TILE;
            int length = Math.min(width, from + TILE) - from;
            double[][] parts = new double[directions][];
            for (int i = 0; i < directions; i++) {
                double[] part = Arrays.copyOfRange(rows[kept[i]], from, from + length);
                for (int j = 0; j < i; j++) {
                    double factor = lower[i][j];
                    double[] other = parts[j];
                    for (int d = 0; d < length; d++) {
                        part[d] -= factor * other[d];
                    }
                }
                for (int d = 0; d < length; d++) {
                    part[d] /= lower[i][i];
                    basis[from + d][i] = (float) part[d];
                }
                parts[i] = part;
            }
        });
        return basis;
    }

    private static void standardise(FeatureRows features, int[] rows, double[] mean, double[] scale) {
        int width = mean.length;
        double[] x = new double[width];
        double[] square = new double[width];
        double[] origin = new double[width]; // near the mean, so that the squares lose no digits
        features.read(rows[0], width, origin, 0);
        for (int row : rows) {
            features.read(row, width, x, 0);
            for (int d = 0; d < width; d++) {
                double v = x[d] - origin[d];
                mean[d] += v;
                square[d] += v * v;
            }
        }
        for (int d = 0; d < width; d++) {
            mean[d] /= rows.length;
            double deviation = Math.sqrt(Math.max(0, square[d] / rows.length - mean[d] * mean[d]));
            mean[d] += origin[d];
            boolean varies = deviation > LEAST_DEVIATION * Math.max(1, Math.abs(mean[d]));
            scale[d] = varies ? 1 / (deviation * Math.sqrt(width)) : 0;
        }
    }

    private static int[] shuffled(int[] rows, long seed) {
        int[] order = rows.clone();
        Random random = new Random(seed);
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return order;
    }

    /** In four sums, which need not wait for each other. */
    static double dot(double[] a, double[] b) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int whole = a.length - a.length % STEP;
        for (int d = 0; d < whole; d += STEP) {
            s0 += a[d] * b[d];
            s1 += a[d + 1] * b[d + 1];
            s2 += a[d + 2] * b[d + 2];
            s3 += a[d + 3] * b[d + 3];
        }
        for (int d = whole; d < a.length; d++) {
            s0 += a[d] * b[d];
        }
        return s0 + s1 + (s2 + s3);
    }

    /** How many numbers of a row count. */
    int width() {
        return width;
    }

    /** How many numbers a row becomes. */
    int coordinates() {
        return coordinates;
    }

    /**
     * The coordinates of all rows.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    double[][] apply(FeatureRows features, Workers workers) throws InterruptedException {
        double[][] out = new double[features.rows()][coordinates];
        int blocks = (out.length + BLOCK_ROWS - 1) / BLOCK_ROWS;
        workers.forEach(blocks, block -> {
            int from = block * BLOCK_ROWS;
            applyTo(features, from, Math.min(out.length, from + BLOCK_ROWS), out);
        });
        return out;
    }

    private void applyTo(FeatureRows features, int from, int to, double[][] out) {
        double[] x = new double[width];
        int padded = (width + STEP - 1) / STEP * STEP;
        float[][] rows = new float[to - from][padded];
        for (int i = 0; i < rows.length; i++) {
            features.read(from + i, width, x, 0);
            for (int d = 0; d < width; d++) {
                x[d] = (x[d] - mean[d]) * scale[d];
                rows[i][d] = (float) x[d];
            }
            if (basis.length == 0) {
                System.arraycopy(x, 0, out[from + i], 0, width);
            }
        }
        if (basis.length == 0) {
            return;
        }
        float[] nothing = new float[coordinates];
        float[][] sums = new float[rows.length][coordinates];
        for (int tile = 0; tile < width; tile += TILE) { // which stays in the cache for all rows of the block
            for (int i = 0; i < rows.length; i++) {
                for (int d = tile; d < Math.min(width, tile + TILE); d += STEP) {
                    addFour(
                            sums[i],
                            rows[i],
                            d,
                            basis[d],
                            d + 1 < width ? basis[d + 1] : nothing,
                            d + 2 < width ? basis[d + 2] : nothing,
                            d + 3 < width ? basis[d + 3] : nothing);
                }
            }
        }
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < coordinates; j++) {
                out[from + i][j] = sums[i][j];
            }
        }
    }

    /** A loop that the compiler makes SIMD of. */
    private static void addFour(float[] sum, float[] x, int d, float[] q0, float[] q1, float[] q2, float[] q3) {
        float x0 = x[d];
        float x1 = x[d + 1];
        float x2 = x[d + 2];
        float x3 = x[d + 3];
        for (int j = 0; j < sum.length; j++) {
            sum[j] += x0 * q0[j] + x1 * q1[j] + (x2 * q2[j] + x3 * q3[j]);
        }
    }

    /**
     * The head of coefficients on coordinates, over features as they are read.
     *
     * @param theta for each label {@link #coordinates} coefficients, then a bias for each label
     */
    LinearHead head(double[] theta, int labels) {
        double[] matrix = new double[labels * width];
        double[] bias = new double[labels];
        for (int c = 0; c < labels; c++) {
            double[] own = Arrays.copyOfRange(theta, c * coordinates, (c + 1) * coordinates);
            bias[c] = theta[labels * coordinates + c];
            for (int d = 0; d < width; d++) {
                double w = basis.length == 0 ? own[d] : dot(own, basis[d]);
                matrix[c * width + d] = w * scale[d];
                bias[c] -= w * scale[d] * mean[d];
            }
        }
        return new LinearHead(width, labels, matrix, bias);
    }

    private static double dot(double[] a, float[] b) {
        return IntStream.range(0, a.length).mapToDouble(i -> a[i] * b[i]).sum();
    }
}
