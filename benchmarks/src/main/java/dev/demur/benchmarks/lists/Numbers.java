package dev.demur.benchmarks.lists;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Numbers that are asked for in more than one place. */
final class Numbers {

    private Numbers() {}

    /**
     * The chance that a row to refuse is ranked above a row to answer, ties counting half: the area under the ROC curve.
     * Not a number where there are none of either.
     */
    static double area(List<Row> rows, List<Verdict> verdicts) {
        List<Integer> order = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingDouble(i -> verdicts.get(i).refusal()))
                .toList();
        double wins = 0;
        long below = 0;
        long refuse = 0;
        int end;
        for (int start = 0; start < order.size(); start = end) {
            double value = verdicts.get(order.get(start)).refusal();
            long toRefuse = 0;
            for (end = start; end < order.size() && verdicts.get(order.get(end)).refusal() == value; end++) {
                toRefuse += rows.get(order.get(end)).refuse() ? 1 : 0;
            }
            long toAnswer = end - start - toRefuse;
            wins += toRefuse * (below + toAnswer / 2.0);
            below += toAnswer;
            refuse += toRefuse;
        }
        return wins / ((double) refuse * below);
    }

    static String text(double value) {
        return Double.isNaN(value) ? "not to be had" : String.format(Locale.ROOT, "%.4f", value);
    }
}
