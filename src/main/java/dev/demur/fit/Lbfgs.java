package dev.demur.fit;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Minimises a smooth convex function by L-BFGS: Liu and Nocedal, "On the limited memory BFGS method for large scale
 * optimization" (1989), with a line search for the weak Wolfe conditions by bisection (Lewis and Overton, 2013).
 */
final class Lbfgs {

    private static final int MEMORY = 12;
    private static final int MOST_TRIALS = 25;
    private static final double SUFFICIENT_DECREASE = 1e-4;
    private static final double CURVATURE = 0.9;

    private final double tolerance;
    private final int iterations;

    /**
     * @param tolerance ends where the gradient is this much shorter than at zero, as its longest component tells
     * @param iterations ends after so many
     */
    Lbfgs(double tolerance, int iterations) {
        this.tolerance = tolerance;
        this.iterations = iterations;
    }

    /** What is minimised. */
    interface Objective {
        /** The value at {@code x}; writes its gradient there to {@code gradient}. */
        double evaluate(double[] x, double[] gradient) throws InterruptedException;
    }

    /**
     * @param x the minimum, as far as it was found
     * @param iterations how many it took
     * @param converged whether the gradient became as short as asked for
     */
    record Minimum(double[] x, double value, int iterations, boolean converged) {}

    /** The steps and the changes of the gradient that are remembered, the oldest first. */
    private static final class History {
        private final double[][] steps = new double[MEMORY][];
        private final double[][] changes = new double[MEMORY][];
        private final double[] products = new double[MEMORY];
        private int count;

        void add(double[] step, double[] change) {
            double product = dot(step, change);
            if (product <= 0) {
                return; // no curvature along the step, which tells nothing
            }
            if (count == MEMORY) {
                System.arraycopy(steps, 1, steps, 0, MEMORY - 1);
                System.arraycopy(changes, 1, changes, 0, MEMORY - 1);
                System.arraycopy(products, 1, products, 0, MEMORY - 1);
                count--;
            }
            steps[count] = step;
            changes[count] = change;
            products[count] = product;
            count++;
        }

        /** The gradient times what is known of the inverse of the Hessian, negated. */
        double[] direction(double[] gradient, Consumer<double[]> inverse) {
            double[] q = gradient.clone();
            double[] alpha = new double[count];
            for (int i = count - 1; i >= 0; i--) {
                alpha[i] = dot(steps[i], q) / products[i];
                addTo(q, -alpha[i], changes[i]);
            }
            double scale = 1;
            if (count > 0) {
                double[] last = changes[count - 1].clone();
                inverse.accept(last);
                scale = products[count - 1] / dot(changes[count - 1], last);
            }
            inverse.accept(q);
            for (int i = 0; i < q.length; i++) {
                q[i] *= scale;
            }
            for (int i = 0; i < count; i++) {
                double beta = dot(changes[i], q) / products[i];
                addTo(q, alpha[i] - beta, steps[i]);
            }
            for (int i = 0; i < q.length; i++) {
                q[i] = -q[i];
            }
            return q;
        }
    }

    /**
     * Minimises from a point on.
     *
     * @param scale the longest component of a gradient that counts as long
     * @param inverse replaces a gradient by what an approximate inverse of the Hessian makes of it
     * @throws InterruptedException if the thread is interrupted
     */
    Minimum minimise(Objective objective, double[] start, double scale, Consumer<double[]> inverse)
            throws InterruptedException {
        double[] x = start.clone();
        double[] gradient = new double[x.length];
        double value = objective.evaluate(x, gradient);
        History history = new History();
        for (int iteration = 0; iteration < iterations; iteration++) {
            if (longest(gradient) <= tolerance * scale) {
                return new Minimum(x, value, iteration, true);
            }
            double[] direction = history.direction(gradient, inverse);
            double slope = dot(direction, gradient);
            Trial next = search(objective, x, value, direction, slope);
            if (next == null) {
                return new Minimum(x, value, iteration, false); // as low as rounding lets it
            }
            double[] step = new double[x.length];
            double[] change = new double[x.length];
            for (int i = 0; i < x.length; i++) {
                step[i] = next.x[i] - x[i];
                change[i] = next.gradient[i] - gradient[i];
            }
            history.add(step, change);
            x = next.x;
            value = next.value;
            gradient = next.gradient;
        }
        return new Minimum(x, value, iterations, longest(gradient) <= tolerance * scale);
    }

    private record Trial(double[] x, double value, double[] gradient) {}

    /** A point along the direction that is low enough and where the slope is flat enough; null where there is none. */
    private static @Nullable Trial search(
            Objective objective, double[] x, double value, double[] direction, double slope)
            throws InterruptedException {
        double low = 0;
        double high = Double.POSITIVE_INFINITY;
        double length = 1;
        Trial lowest = null;
        for (int trial = 0; trial < MOST_TRIALS; trial++) {
            double[] there = x.clone();
            addTo(there, length, direction);
            double[] gradient = new double[x.length];
            double at = objective.evaluate(there, gradient);
            if (!(at <= value + SUFFICIENT_DECREASE * length * slope)) {
                high = length;
            } else {
                lowest = new Trial(there, at, gradient);
                if (dot(direction, gradient) >= CURVATURE * slope) {
                    return lowest;
                }
                low = length;
            }
            length = high == Double.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
        }
        return lowest;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void addTo(double[] a, double factor, double[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] += factor * b[i];
        }
    }

    static double longest(double[] a) {
        double most = 0;
        for (double v : a) {
            most = Math.max(most, Math.abs(v));
        }
        return most;
    }
}
