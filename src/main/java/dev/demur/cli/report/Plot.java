package dev.demur.cli.report;

import java.util.List;

/**
 * A plot and the numbers that it shows, for those who want to read them.
 *
 * @param heads of the table's columns
 * @param rows of the table
 */
record Plot(Figure figure, List<String> heads, List<List<String>> rows) {
    Plot {
        heads = List.copyOf(heads);
        rows = List.copyOf(rows);
    }
}
