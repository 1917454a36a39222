package dev.demur.cli.report;

import dev.demur.evaluation.Steering;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The steering matrix as two heat maps: what becomes refused as what, and which label's rows become refused. */
final class SteeringPlots {

    private SteeringPlots() {}

    static List<Plot> of(Steering steering) {
        List<String> moved =
                steering.moves().stream().map(Steering.Move::category).toList();
        List<List<? extends @Nullable Double>> refusedAs = new ArrayList<>();
        List<List<? extends @Nullable Double>> refusalRates = new ArrayList<>();
        for (Steering.Move move : steering.moves()) {
            refusedAs.add(withLast(move.refusedAs(), move.falseRefusalRate()));
            refusalRates.add(move.refusalRates());
        }
        List<String> columns = new ArrayList<>(steering.categories());
        columns.add("joint FRR");
        return List.of(
                plot(
                        new Figure.Text(
                                "steering-decisions",
                                "Steering: what is refused as what",
                                "Change of the share of all rows that is refused as each category, and of the joint false"
                                        + " refusal rate, as each category's threshold falls."),
                        columns,
                        moved,
                        refusedAs),
                plot(
                        new Figure.Text(
                                "steering-labels",
                                "Steering: whose refusal rate changes",
                                "Change of the refusal rate of the rows labelled with each category, as each category's"
                                        + " threshold falls."),
                        steering.categories(),
                        moved,
                        refusalRates));
    }

    private static List<@Nullable Double> withLast(List<Double> values, @Nullable Double last) {
        List<@Nullable Double> all = new ArrayList<>(values);
        all.add(last);
        return all;
    }

    private static Plot plot(
            Figure.Text text, List<String> columns, List<String> moved, List<List<? extends @Nullable Double>> values) {
        List<String> heads = new ArrayList<>(List.of("moved"));
        heads.addAll(columns);
        List<List<String>> rows = new ArrayList<>();
        for (int r = 0; r < moved.size(); r++) {
            List<String> row = new ArrayList<>(List.of(moved.get(r)));
            for (Double value : values.get(r)) {
                row.add(Percent.change(value));
            }
            rows.add(row);
        }
        return new Plot(HeatMap.of(text, columns, moved, values), heads, rows);
    }
}
