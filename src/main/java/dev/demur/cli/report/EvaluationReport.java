package dev.demur.cli.report;

import dev.demur.DemurException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The files of a report. */
public final class EvaluationReport {

    /** The name of the page. */
    public static final String PAGE = "report.html";

    private EvaluationReport() {}

    /**
     * The contents of the files by their names.
     *
     * @param images also each plot as PNG
     * @throws DemurException if images are asked for and Java finds no font on this machine
     */
    public static Map<String, byte[]> files(EvaluatedPolicy evaluated, boolean images) {
        PlotGroups plots = PlotGroups.of(evaluated);
        Map<String, byte[]> files = new LinkedHashMap<>();
        if (images) {
            for (Figure figure : plots.figures()) {
                files.put(figure.text().id() + ".png", Image.png(figure));
            }
        }
        files.put(PAGE, ReportPage.of(evaluated, plots).getBytes(StandardCharsets.UTF_8));
        return files;
    }
}
