package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A logistic map over the log-probabilities of the labels, by which the rule {@code refit} reads them.
 *
 * <p>With x_i = ln max(p_i, {@value #FLOOR}) for each of the K + 1 labels, the map gives every category the log-odds d_c = b_c +
 * &Sigma;_i w_ci x_i of "refuse as c" against "respond". Respond itself has 0. The {@linkplain #identity map that changes
 * nothing} has w_cc = 1, w_c,respond = -1, all else 0, and d_c = ln p_c - ln p_respond. Immutable.
 *
 * @param labels the ids of the labels in the order of the weights: K categories, {@code respond} the last
 * @param rows one for each category, in the same order
 */
public record LogisticMap(List<String> labels, List<Row> rows) {

    /** Smaller probabilities count as this one: below it they differ by noise, and a logarithm makes much of that. */
    public static final double FLOOR = 1e-12;

    /** How a category's log-odds are made: weights in the order of the labels, and a bias. */
    public record Row(List<Double> weights, double bias) {
        public Row {
            weights = Given.list(weights, "weights");
            for (int i = 0; i < weights.size(); i++) {
                requireFinite("weights[" + i + "]", weights.get(i));
            }
            requireFinite("bias", bias);
        }

        private static void requireFinite(String field, double number) {
            if (!Double.isFinite(number)) {
                throw new IllegalArgumentException(field + ": " + number + " is not a finite number");
            }
        }
    }

    public LogisticMap {
        labels = Given.list(labels, "labels");
        rows = Given.list(rows, "rows");
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < labels.size(); i++) {
            boolean last = i == labels.size() - 1;
            if (last != labels.get(i).equals(Labels.RESPOND)) {
                throw new IllegalArgumentException(
                        "labels[" + i + "]: the last label must be " + Labels.RESPOND + ", and no other one");
            }
            if (!last) {
                Category.requireId(labels.get(i));
            }
            if (!ids.add(labels.get(i))) {
                throw new IllegalArgumentException(
                        "labels[" + i + "]: " + ForeignText.quoted(labels.get(i)) + " is there twice");
            }
        }
        if (labels.size() < 2) {
            throw new IllegalArgumentException(
                    "labels: there must be a category and " + Labels.RESPOND + ", not " + labels.size());
        }
        if (rows.size() != labels.size() - 1) {
            throw new IllegalArgumentException(
                    "rows: " + (labels.size() - 1) + " categories need as many rows, not " + rows.size());
        }
        for (int c = 0; c < rows.size(); c++) {
            int weights = rows.get(c).weights().size();
            if (weights != labels.size()) {
                throw new IllegalArgumentException(
                        "rows[" + c + "].weights: " + labels.size() + " labels need as many weights, not " + weights);
            }
        }
    }

    /** The map that leaves the log-odds of each category against respond as the model has them. */
    public static LogisticMap identity(Labels labels) {
        List<String> ids = new ArrayList<>();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < Given.value(labels, "labels").count(); i++) {
            ids.add(labels.id(i));
        }
        for (int c = 0; c < labels.respondIndex(); c++) {
            List<Double> weights = new ArrayList<>();
            for (int i = 0; i < labels.count(); i++) {
                weights.add(i == c ? 1.0 : i == labels.respondIndex() ? -1.0 : 0.0);
            }
            rows.add(new Row(weights, 0));
        }
        return new LogisticMap(ids, rows);
    }

    /**
     * Checks that this map is of these labels, in whatever order.
     *
     * @param source where it came from, as a file name, for the message
     * @throws PolicyException if it is not: a map of some of the labels says nothing about the others
     */
    void requireFits(Labels of, String source) {
        for (int i = 0; i < of.count(); i++) {
            if (!labels.contains(of.id(i))) {
                throw new PolicyException(source + ": map.labels: does not name " + ForeignText.quoted(of.id(i))
                        + ", which this model has: calibrate with this model");
            }
        }
        for (String id : labels) {
            if (of.indexOfLabel(id) < 0) {
                throw new PolicyException(source + ": map.labels: " + ForeignText.quoted(id)
                        + " is not a category of this model, which has " + of.categoryIds());
            }
        }
    }

    /** This map in the order of some labels, to compute with. */
    Matrix in(Labels order) {
        int count = order.count();
        double[][] weights = new double[count - 1][count];
        double[] biases = new double[count - 1];
        for (int c = 0; c < count - 1; c++) {
            Row row = rows.get(labels.indexOf(order.id(c)));
            biases[c] = row.bias();
            for (int i = 0; i < count; i++) {
                weights[c][i] = row.weights().get(labels.indexOf(order.id(i)));
            }
        }
        return new Matrix(weights, biases);
    }

    /** What a probability is read as: its logarithm, by StrictMath, so that it is the same on every machine. */
    public static double input(double probability) {
        return StrictMath.log(Math.max(probability, FLOOR));
    }

    /** A map in the order of labels. */
    static final class Matrix {

        /** More than adding up can round away, in parts of the sum of absolute terms. */
        private static final double ROUNDING = 1e-12;

        private final double[][] weights;
        private final double[] biases;

        private Matrix(double[][] weights, double[] biases) {
            this.weights = weights;
            this.biases = biases;
        }

        /** d_c. */
        double logOdds(LabelNumbers numbers, int c) {
            double sum = biases[c];
            double[] row = weights[c];
            for (int i = 0; i < row.length; i++) {
                sum += row[i] * input(numbers.probability(i));
            }
            return sum;
        }

        /**
         * How far d_c may lie from that of exact probabilities.
         *
         * @param relativeError of every probability, 0 to 1
         */
        double error(LabelNumbers numbers, int c, double relativeError) {
            double each = -StrictMath.log1p(-relativeError); // infinite at 1
            double largest = Math.abs(biases[c]);
            double error = 0;
            double[] row = weights[c];
            for (int i = 0; i < row.length; i++) {
                if (row[i] != 0) {
                    error += Math.abs(row[i]) * each;
                    largest += Math.abs(row[i] * input(numbers.probability(i)));
                }
            }
            return error + ROUNDING * (largest + error);
        }
    }
}
