package dev.demur.cli.serve;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** How many observations fell below each of some bounds, as Prometheus has it. Thread-safe. */
final class Histogram {

    private final double[] bounds;
    private final LongAdder[] counts;
    private final DoubleAdder sum = new DoubleAdder();

    /** A histogram with these upper bounds, rising, and infinity behind them. */
    Histogram(double... bounds) {
        this.bounds = bounds.clone();
        this.counts = new LongAdder[bounds.length + 1];
        Arrays.setAll(counts, i -> new LongAdder());
    }

    void observe(double value) {
        int i = 0;
        while (i < bounds.length && value > bounds[i]) {
            i++;
        }
        counts[i].increment();
        sum.add(value);
    }

    /**
     * Writes its lines.
     *
     * @param labels of every line, as {@code endpoint="x"}; empty for none
     */
    void write(StringBuilder out, String name, String labels) {
        long below = 0;
        String before = labels.isEmpty() ? "" : labels + ",";
        for (int i = 0; i < counts.length; i++) {
            below += counts[i].sum();
            String bound = i < bounds.length ? Double.toString(bounds[i]) : "+Inf";
            out.append(name)
                    .append("_bucket{")
                    .append(before)
                    .append("le=\"")
                    .append(bound)
                    .append("\"} ");
            out.append(below).append('\n');
        }
        String all = labels.isEmpty() ? "" : "{" + labels + "}";
        out.append(name)
                .append("_sum")
                .append(all)
                .append(' ')
                .append(sum.sum())
                .append('\n');
        out.append(name).append("_count").append(all).append(' ').append(below).append('\n');
    }
}
