package dev.demur.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.Scanner;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class SoftmaxRegressionTest {

    private static final double AGREEMENT = 1e-3;
    private static final int THREADS = 2;

    /** What softmax-regression.py writes. */
    private record Fixture(
            double[][] features, int[] labels, double[] weights, int labelCount, double[] penalties, double[][][] p) {

        static Fixture read() throws Exception {
            InputStream in = SoftmaxRegressionTest.class.getResourceAsStream("softmax-regression.txt");
            assertNotNull(in);
            String[] lines;
            try (Scanner scanner = new Scanner(in, StandardCharsets.UTF_8)) {
                lines = scanner.useDelimiter("\\A").next().split("\n");
            }
            double[] head = numbers(lines[0]);
            int rows = (int) head[0];
            int width = (int) head[1];
            double[] penalties = Arrays.copyOfRange(head, 3, head.length);
            double[][] features = new double[rows][];
            int[] labels = new int[rows];
            double[] weights = new double[rows];
            for (int i = 0; i < rows; i++) {
                double[] line = numbers(lines[1 + i]);
                features[i] = Arrays.copyOf(line, width);
                labels[i] = (int) line[width];
                weights[i] = line[width + 1];
            }
            double[][][] p = new double[penalties.length][rows][];
            for (int k = 0; k < penalties.length; k++) {
                for (int i = 0; i < rows; i++) {
                    p[k][i] = numbers(lines[1 + rows + k * rows + i]);
                }
            }
            return new Fixture(features, labels, weights, (int) head[2], penalties, p);
        }

        private static double[] numbers(String line) {
            return Arrays.stream(line.strip().split(" "))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        }
    }

    @Test
    void gives_the_probabilities_that_scikit_learn_gives() throws Exception {
        Fixture fixture = Fixture.read();
        FeatureRows rows = new MemoryRows(fixture.features);
        int[] all = IntStream.range(0, rows.rows()).toArray();
        try (Workers workers = new Workers(THREADS)) {
            Projection projection = Projection.of(rows, rows.width(), all, Projection.MOST_COORDINATES, 1, workers);
            double[][] x = projection.apply(rows, workers);
            TrainingSet set = new TrainingSet(x, all, fixture.labels, fixture.weights, fixture.labelCount);
            double[][] moments = Preconditioner.moments(x, all, workers);
            double[] start = null;
            for (int k = 0; k < fixture.penalties.length; k++) {
                start = SoftmaxRegression.fit(
                        set, moments, fixture.penalties[k], start, SoftmaxRegression.Precision.FINE, workers);
                LinearHead head = projection.head(start, fixture.labelCount);
                for (int i = 0; i < all.length; i++) {
                    double[] p = head.probabilities(rows, i, new double[rows.width()]);
                    assertArrayEquals(fixture.p[k][i], p, AGREEMENT, "row " + i + " at " + fixture.penalties[k]);
                }
            }
        }
    }

    @Test
    void the_number_of_threads_changes_no_bit() throws Exception {
        double[][] features = random(300, 40);
        int[] labels = new Random(3).ints(300, 0, 3).toArray();
        double[] one = fit(features, labels, 1);
        assertArrayEquals(one, fit(features, labels, 5));
    }

    private static double[] fit(double[][] features, int[] labels, int threads) throws Exception {
        FeatureRows rows = new MemoryRows(features);
        int[] all = IntStream.range(0, rows.rows()).toArray();
        double[] weights = new double[all.length];
        Arrays.fill(weights, 1);
        try (Workers workers = new Workers(threads)) {
            Projection projection = Projection.of(rows, rows.width(), all, 16, 1, workers);
            double[][] x = projection.apply(rows, workers);
            TrainingSet set = new TrainingSet(x, all, labels, weights, 3);
            double[] theta = SoftmaxRegression.fit(
                    set,
                    Preconditioner.moments(x, all, workers),
                    1e-4,
                    null,
                    SoftmaxRegression.Precision.FINE,
                    workers);
            return projection.head(theta, 3).matrix();
        }
    }

    private static double[][] random(int rows, int width) {
        Random random = new Random(5);
        double[][] features = new double[rows][width];
        for (double[] row : features) {
            for (int d = 0; d < width; d++) {
                row[d] = random.nextGaussian() * (1 + d);
            }
        }
        return features;
    }

    @Test
    void coordinates_of_all_rows_lose_nothing_where_there_are_fewer_rows_than_features() throws Exception {
        double[][] features = random(20, 300);
        FeatureRows rows = new MemoryRows(features);
        int[] all = IntStream.range(0, rows.rows()).toArray();
        try (Workers workers = new Workers(THREADS)) {
            Projection projection = Projection.of(rows, 300, all, 100, 1, workers);
            assertTrue(projection.coordinates() < 21, () -> projection.coordinates() + " coordinates");
            double[][] x = projection.apply(rows, workers);
            for (int i = 0; i < 20; i++) {
                for (int j = 0; j < i; j++) {
                    assertEquals(distance(standardised(features), i, j), distance(x, i, j), 1e-4);
                }
            }
        }
    }

    private static double[][] standardised(double[][] features) {
        int width = features[0].length;
        double[][] out = new double[features.length][width];
        for (int d = 0; d < width; d++) {
            int feature = d;
            double mean = Arrays.stream(features)
                    .mapToDouble(x -> x[feature])
                    .average()
                    .orElseThrow();
            double variance = Arrays.stream(features)
                    .mapToDouble(x -> (x[feature] - mean) * (x[feature] - mean))
                    .average()
                    .orElseThrow();
            for (int i = 0; i < out.length; i++) {
                out[i][d] = (features[i][d] - mean) / Math.sqrt(variance * width);
            }
        }
        return out;
    }

    private static double distance(double[][] x, int i, int j) {
        double sum = 0;
        for (int d = 0; d < x[i].length; d++) {
            sum += (x[i][d] - x[j][d]) * (x[i][d] - x[j][d]);
        }
        return Math.sqrt(sum);
    }

    @Test
    void class_means_find_what_lies_apart() throws Exception {
        Random random = new Random(1);
        double[][] x = new double[200][5];
        int[] labels = new int[200];
        double[] weights = new double[200];
        for (int i = 0; i < x.length; i++) {
            labels[i] = i % 4 == 0 ? 0 : 1;
            weights[i] = 1;
            for (int d = 0; d < 5; d++) {
                x[i][d] = random.nextGaussian() + (labels[i] == 0 ? 2 : 0);
            }
        }
        TrainingSet set = new TrainingSet(x, IntStream.range(0, 200).toArray(), labels, weights, 2);
        double[] theta = ClassMeans.fit(set);
        long right = IntStream.range(0, 200)
                .filter(row -> set.probabilities(theta, row)[labels[row]] > 0.5)
                .count();
        assertTrue(right > 190, () -> right + " of 200 are right");
    }
}
