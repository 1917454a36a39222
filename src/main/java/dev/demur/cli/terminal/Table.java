package dev.demur.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** Text in columns for a terminal: the first column on the left side, the others on the right, the first row as head. */
public final class Table {

    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    /** Starts a table by the heads of its columns. */
    public Table(List<String> heads) {
        rows.add(List.copyOf(heads));
    }

    public Table(String... heads) {
        this(List.of(heads));
    }

    /** Adds a row, which has a cell for every column. */
    public Table row(List<String> cells) {
        if (cells.size() != rows.get(0).size()) {
            throw new IllegalStateException(rows.get(0).size() + " columns need as many cells, not " + cells.size());
        }
        rows.add(cells.stream().map(Text::oneLine).toList());
        return this;
    }

    public Table row(String... cells) {
        return row(List.of(cells));
    }

    /** The lines, each with its end. */
    public String text(Style style) {
        int columns = rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (int r = 0; r < rows.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < columns; i++) {
                String cell = rows.get(r).get(i);
                String space = " ".repeat(widths[i] - cell.length());
                line.append(i == 0 ? cell + space : GAP + space + cell);
            }
            String stripped = line.toString().stripTrailing();
            text.append(r == 0 ? style.bold(stripped) : stripped).append('\n');
        }
        return text.toString();
    }
}
