package dev.demur.cli.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Signed numbers as a grid of cells, each with its number, the deeper in colour the farther from 0. */
final class HeatMap {

    private static final int CELL_WIDTH = 52;
    private static final int CELL_HEIGHT = 34;
    private static final int MARGIN = 10;
    private static final double CHARACTER_WIDTH = 6.8;
    private static final int LONGEST_NAME = 24;
    private static final double SINE = Math.sin(Math.toRadians(35)); // of the angle at which columns' names lean
    private static final double COSINE = Math.cos(Math.toRadians(35));
    private static final double DARK = 0.55;

    private HeatMap() {}

    /**
     * The map.
     *
     * @param columns names of the columns
     * @param rows names of the rows
     * @param values one list for each row, null where there is no number
     */
    static Figure of(
            Figure.Text text, List<String> columns, List<String> rows, List<List<? extends @Nullable Double>> values) {
        int left = 2 * MARGIN + length(rows);
        int top = 2 * MARGIN + (int) (length(columns) * SINE);
        int leaningOut = (int) (length(columns.subList(columns.size() - 1, columns.size())) * COSINE) - CELL_WIDTH / 2;
        int width = left + CELL_WIDTH * columns.size() + Math.max(0, leaningOut) + MARGIN;
        int height = top + CELL_HEIGHT * rows.size() + MARGIN;
        Markup svg = Figure.open(text, width, height);
        for (int c = 0; c < columns.size(); c++) {
            String x = Integer.toString(left + c * CELL_WIDTH + CELL_WIDTH / 2 - 6);
            String y = Integer.toString(top - 8);
            svg.element(
                    "text",
                    cut(columns.get(c)),
                    "class",
                    "label",
                    "x",
                    x,
                    "y",
                    y,
                    "transform",
                    "rotate(-35 " + x + " " + y + ")");
        }
        svg.line();
        double largest = largest(values);
        for (int r = 0; r < rows.size(); r++) {
            int y = top + r * CELL_HEIGHT;
            svg.element(
                    "text",
                    cut(rows.get(r)),
                    "class",
                    "label",
                    "x",
                    Integer.toString(left - MARGIN),
                    "y",
                    Integer.toString(y + CELL_HEIGHT / 2 + 4),
                    "text-anchor",
                    "end");
            for (int c = 0; c < columns.size(); c++) {
                cell(svg, left + c * CELL_WIDTH, y, values.get(r).get(c), largest);
            }
            svg.line();
        }
        return new Figure(text, width, height, svg.close().toString());
    }

    private static String cut(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…";
    }

    /** How much room the longest of the names takes. */
    private static int length(List<String> names) {
        int longest = names.stream().mapToInt(name -> cut(name).length()).max().orElse(0);
        return (int) Math.ceil(longest * CHARACTER_WIDTH);
    }

    private static double largest(List<List<? extends @Nullable Double>> values) {
        double largest = 0;
        for (List<? extends @Nullable Double> row : values) {
            for (Double value : row) {
                largest = value == null ? largest : Math.max(largest, Math.abs(value));
            }
        }
        return largest;
    }

    private static void cell(Markup svg, int left, int top, @Nullable Double value, double largest) {
        double depth = value == null || largest == 0 ? 0 : Math.abs(value) / largest;
        String kind = value == null || value == 0 ? "zero" : value > 0 ? "more" : "less";
        svg.empty(
                "rect",
                "class",
                "cell " + kind,
                "x",
                Integer.toString(left),
                "y",
                Integer.toString(top),
                "width",
                Integer.toString(CELL_WIDTH - 2),
                "height",
                Integer.toString(CELL_HEIGHT - 2),
                "fill-opacity",
                Double.toString(Math.round(depth * 100) / 100.0));
        svg.element(
                "text",
                Percent.change(value),
                "class",
                depth > DARK ? "on-" + kind : "label",
                "x",
                Integer.toString(left + CELL_WIDTH / 2 - 1),
                "y",
                Integer.toString(top + CELL_HEIGHT / 2 + 3),
                "text-anchor",
                "middle");
    }
}
