package dev.demur.cli.terminal;

import java.util.function.LongSupplier;

/** How far a long piece of work has come: a bar with rate and time left where standard error is a terminal, else nothing. */
public final class Progress {

    private static final long REFRESH_NANOS = 100_000_000;
    private static final double NANOS = 1e9;
    private static final double TENTHS = 10;
    private static final int SECONDS = 60;

    private final Terminal terminal;
    private final Bar bar;
    private final LongSupplier clock;
    private final long total;
    private final long start;
    private long done;
    private long worked;
    private long shownAt;
    private int width;

    /** Work of {@code total} steps that begins now. */
    public Progress(Terminal terminal, long total) {
        this(terminal, total, System::nanoTime);
    }

    /** By a clock that tells nanoseconds. */
    public Progress(Terminal terminal, long total, LongSupplier clock) {
        this.terminal = terminal;
        this.bar = new Bar(terminal.errStyle());
        this.clock = clock;
        this.total = total;
        this.start = clock.getAsLong();
        this.shownAt = start;
    }

    /** A step is done; one that was there already does not count for the rate. */
    public void step(boolean work) {
        done++;
        worked += work ? 1 : 0;
        long now = clock.getAsLong();
        if (terminal.showsProgress() && now - shownAt >= REFRESH_NANOS) {
            shownAt = now;
            show(line(now));
        }
    }

    /** Writes over the line before; spaces and a carriage return do so on every terminal. */
    private void show(String line) {
        terminal.errorText("\r" + line + " ".repeat(Math.max(0, width - line.length())));
        width = line.length();
    }

    private String line(long now) {
        double share = total == 0 ? 1 : Math.min(1, (double) done / total);
        double rate = rate(now);
        String left = rate > 0 ? ", " + duration((total - done) / rate) + " left" : "";
        return bar.of(share, null, filled -> filled) + " " + (int) (100 * share) + "% " + done + " of " + total + ", "
                + perSecond(rate) + left;
    }

    /** Steps of work each second, so far. */
    private double rate(long now) {
        return now == start ? 0 : worked * NANOS / (now - start);
    }

    /** Makes room for a line of text. */
    public void clear() {
        if (width > 0) {
            show("");
            terminal.errorText("\r");
        }
    }

    /** How long it took and how fast it was, as {@code 4.1 s, 830 a second}. */
    public String summary() {
        long now = clock.getAsLong();
        return duration((now - start) / NANOS) + ", " + perSecond(rate(now));
    }

    private static String perSecond(double rate) {
        String number = rate < TENTHS ? tenths(rate) : Long.toString(Math.round(rate));
        return number + " a second";
    }

    private static String tenths(double number) {
        return Double.toString(Math.round(TENTHS * number) / TENTHS);
    }

    private static String duration(double seconds) {
        if (seconds < SECONDS) {
            return tenths(seconds) + " s";
        }
        long minutes = Math.round(seconds / SECONDS);
        return minutes < SECONDS ? minutes + " min" : minutes / SECONDS + " h " + minutes % SECONDS + " min";
    }
}
