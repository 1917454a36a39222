package dev.demur.cli.terminal;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A probability as a bar: in eighths of a character where the stream shows Unicode, else of {@code #}. */
public final class Bar {

    public static final int WIDTH = 32;

    private static final int PARTS = 8;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";

    private final Style style;
    private final int width;

    /** Bars of the usual width. */
    public Bar(Style style) {
        this(style, WIDTH);
    }

    /** Bars of {@code width} characters. */
    public Bar(Style style, int width) {
        this.style = style;
        this.width = width;
    }

    /**
     * The bar of {@code p}, with a mark where the threshold is.
     *
     * @param p in [0, 1]
     * @param threshold in [0, 1]; null for no mark
     * @param paint colours the filled part
     */
    public String of(double p, @Nullable Double threshold, UnaryOperator<String> paint) {
        String cells = style.unicode() ? eighths(p) : hashes(p);
        if (threshold == null) {
            return paintFilled(cells, paint);
        }
        int at = Math.min(width - 1, (int) (threshold * width));
        return paintFilled(cells.substring(0, at), paint)
                + style.mark(style.unicode() ? "│" : "|")
                + paintFilled(cells.substring(at + 1), paint);
    }

    private static String paintFilled(String cells, UnaryOperator<String> paint) {
        String filled = cells.stripTrailing();
        return (filled.isEmpty() ? "" : paint.apply(filled)) + cells.substring(filled.length());
    }

    /** A probability above 0 always shows something. */
    private String eighths(double p) {
        int parts = p > 0 ? Math.max(1, (int) Math.round(p * width * PARTS)) : 0;
        StringBuilder cells = new StringBuilder(width);
        for (int i = 0; i < width; i++) {
            int here = Math.min(PARTS, Math.max(0, parts - i * PARTS));
            cells.append(EIGHTHS.charAt(here));
        }
        return cells.toString();
    }

    private String hashes(double p) {
        int filled = (int) Math.round(p * width);
        return "#".repeat(filled) + " ".repeat(width - filled);
    }
}
