package dev.demur.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Curves and points over two axes, drawn in the order in which they are added, with a legend below. */
final class XyPlot {

    /** A value on each axis. */
    record Point(double x, double y) {}

    private static final int WIDTH = 400;
    private static final int LEFT = 56;
    private static final int RIGHT = 20;
    private static final int TOP = 12;
    private static final int HEIGHT = 250;
    private static final int BELOW = 46;
    private static final int LEGEND_LINE = 19;
    private static final int KEY_WIDTH = 28;
    private static final double CHARACTER_WIDTH = 6.5;
    private static final int GAP = 6;

    private final Figure.Text text;
    private final Axis x;
    private final Axis y;
    private final Markup body = new Markup();
    private final List<String> legend = new ArrayList<>();

    XyPlot(Figure.Text text, Axis x, Axis y) {
        this.text = text;
        this.x = x;
        this.y = y;
    }

    /** A curve through the points; the style is a class of plot.css. */
    XyPlot curve(String style, String label, List<Point> points) {
        StringBuilder path = new StringBuilder();
        for (Point point : points) {
            path.append(path.isEmpty() ? "M" : "L").append(at(point.x, point.y, " "));
        }
        body.empty("path", "class", "curve " + style, "d", path.toString()).line();
        return key("curve " + style, label);
    }

    /** A line at one value of the first axis. */
    XyPlot vertical(String style, String label, double value) {
        String at = number(left(value));
        body.empty("path", "class", "curve " + style, "d", "M" + at + " " + TOP + "V" + (TOP + HEIGHT))
                .line();
        return key("curve " + style, label);
    }

    /** A line at one value of the second axis. */
    XyPlot horizontal(String style, String label, double value) {
        body.empty(
                        "path",
                        "class",
                        "curve " + style,
                        "d",
                        "M" + LEFT + " " + number(top(value)) + "H" + (WIDTH - RIGHT))
                .line();
        return key("curve " + style, label);
    }

    /** Where a measured point may lie: from one corner to the other. */
    XyPlot region(String style, Point from, Point to) {
        body.empty(
                        "rect",
                        "class",
                        style,
                        "x",
                        number(left(from.x)),
                        "y",
                        number(top(to.y)),
                        "width",
                        number(left(to.x) - left(from.x)),
                        "height",
                        number(top(from.y) - top(to.y)))
                .line();
        return this;
    }

    /** A point that says what it is where a mouse stays on it. */
    XyPlot dot(String style, Point point, double radius, String tooltip) {
        body.open(
                        "circle",
                        "class",
                        style,
                        "cx",
                        number(left(point.x)),
                        "cy",
                        number(top(point.y)),
                        "r",
                        number(radius))
                .element("title", tooltip)
                .close()
                .line();
        return this;
    }

    /** A dot in the legend. */
    XyPlot dotKey(String style, String label) {
        legend.add(keyLine(
                label,
                middle -> new Markup()
                        .empty(
                                "circle",
                                "class",
                                style,
                                "cx",
                                Integer.toString(LEFT + KEY_WIDTH / 2),
                                "cy",
                                middle,
                                "r",
                                "5")
                        .toString()));
        return this;
    }

    private XyPlot key(String style, String label) {
        legend.add(keyLine(
                label,
                middle -> new Markup()
                        .empty("path", "class", style, "d", "M" + LEFT + " " + middle + "h" + KEY_WIDTH)
                        .toString()));
        return this;
    }

    private String keyLine(String label, UnaryOperator<String> mark) {
        int middle = TOP + HEIGHT + BELOW + LEGEND_LINE * legend.size() + LEGEND_LINE / 2;
        return mark.apply(Integer.toString(middle))
                + new Markup()
                        .element(
                                "text",
                                label,
                                "class",
                                "label",
                                "x",
                                Integer.toString(LEFT + KEY_WIDTH + GAP),
                                "y",
                                Integer.toString(middle + 4))
                        .line();
    }

    /** The whole plot, as one svg element. */
    Figure figure() {
        int height = TOP + HEIGHT + BELOW + LEGEND_LINE * legend.size() + GAP;
        Markup svg = Figure.open(text, WIDTH, height);
        axes(svg);
        svg.raw(body.toString());
        legend.forEach(svg::raw);
        return new Figure(text, WIDTH, height, svg.close().toString());
    }

    private void axes(Markup svg) {
        firstAxis(svg);
        for (Axis.Tick tick : y.ticks()) {
            double at = top(tick.value());
            svg.empty("path", "class", "grid", "d", "M" + LEFT + " " + number(at) + "H" + (WIDTH - RIGHT));
            svg.element(
                    "text",
                    tick.label(),
                    "class",
                    "label",
                    "x",
                    Integer.toString(LEFT - GAP),
                    "y",
                    number(at + 4),
                    "text-anchor",
                    "end");
        }
        svg.element(
                "text",
                x.title(),
                "class",
                "axis",
                "x",
                Integer.toString((LEFT + WIDTH - RIGHT) / 2),
                "y",
                Integer.toString(TOP + HEIGHT + 36),
                "text-anchor",
                "middle");
        int middle = TOP + HEIGHT / 2;
        svg.element(
                "text",
                y.title(),
                "class",
                "axis",
                "x",
                "13",
                "y",
                Integer.toString(middle),
                "text-anchor",
                "middle",
                "transform",
                "rotate(-90 13 " + middle + ")");
        svg.line();
    }

    /** Labels that would touch another are left out; the one at the end is not. */
    private void firstAxis(Markup svg) {
        Axis.Tick last = x.ticks().get(x.ticks().size() - 1);
        double end = left(last.value()) - half(last) - GAP;
        double freeFrom = Double.NEGATIVE_INFINITY;
        for (Axis.Tick tick : x.ticks()) {
            double at = left(tick.value());
            svg.empty("path", "class", "grid", "d", "M" + number(at) + " " + TOP + "V" + (TOP + HEIGHT));
            if (tick.equals(last) || at - half(tick) >= freeFrom && at + half(tick) <= end) {
                svg.element(
                        "text",
                        tick.label(),
                        "class",
                        "label",
                        "x",
                        number(at),
                        "y",
                        Integer.toString(TOP + HEIGHT + 16),
                        "text-anchor",
                        "middle");
                freeFrom = at + half(tick) + GAP;
            }
        }
    }

    private static double half(Axis.Tick tick) {
        return tick.label().length() * CHARACTER_WIDTH / 2;
    }

    private double left(double value) {
        return LEFT + x.position(value) * (WIDTH - LEFT - RIGHT);
    }

    private double top(double value) {
        return TOP + (1 - y.position(value)) * HEIGHT;
    }

    private String at(double xValue, double yValue, String between) {
        return number(left(xValue)) + between + number(top(yValue));
    }

    private static String number(double value) {
        double rounded = Math.round(value * 10) / 10.0;
        return rounded == Math.rint(rounded) ? Long.toString((long) rounded) : Double.toString(rounded);
    }
}
