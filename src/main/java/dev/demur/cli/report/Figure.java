package dev.demur.cli.report;

/**
 * A plot as SVG.
 *
 * @param width in the units of the plot
 * @param height in the units of the plot
 * @param svg one svg element, which plot.css gives its colours
 */
record Figure(Text text, int width, int height, String svg) {

    private static final String NAMESPACE = "http://www.w3.org/2000/svg";

    /** In percent; larger plots would not tell more. */
    private static final int MOST_MAGNIFIED = 135;

    /**
     * What a plot is called and shows, for those who see it and those who do not.
     *
     * @param id unique in the report, and fit for the name of a file
     */
    record Text(String id, String title, String description) {}

    /** Opens the svg element, with the texts by which a screen reader knows it. */
    static Markup open(Text text, int width, int height) {
        return new Markup()
                .open(
                        "svg",
                        "xmlns",
                        NAMESPACE,
                        "class",
                        "plot",
                        "viewBox",
                        "0 0 " + width + " " + height,
                        "style",
                        "max-width: " + width * MOST_MAGNIFIED / 100 + "px",
                        "role",
                        "img",
                        "aria-labelledby",
                        text.id() + "-title " + text.id() + "-desc")
                .element("title", text.title(), "id", text.id() + "-title")
                .element("desc", text.description(), "id", text.id() + "-desc")
                .line();
    }
}
