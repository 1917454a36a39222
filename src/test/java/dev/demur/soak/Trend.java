package dev.demur.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Resident memory after each of {@link #PARTS} parts of a run, and how it grows once the run is warm. */
public final class Trend {

    public static final int PARTS = 20;
    private static final int WARM = 8;

    private final int part;
    private final List<Long> kib = new ArrayList<>();

    /** Of parts that do the thing {@code part} times. */
    public Trend(int part) {
        this.part = part;
    }

    public void add(long resident) {
        kib.add(resident);
    }

    /** The growth over the warm parts, by the line that fits them best, in KiB. */
    public double growthKib() {
        return slope() * (PARTS - WARM - 1);
    }

    private double slope() {
        int n = PARTS - WARM;
        double middle = (n - 1) / 2.0;
        double mean = kib.subList(WARM, PARTS).stream()
                .mapToLong(Long::longValue)
                .average()
                .orElseThrow();
        double products = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            products += (i - middle) * (kib.get(WARM + i) - mean);
            squares += (i - middle) * (i - middle);
        }
        return products / squares;
    }

    public String describe(long most) {
        return String.format(
                Locale.ROOT,
                "resident %d KiB when warm, %d at the end; slope %.1f bytes each, growth %.0f KiB, at most %d",
                kib.get(WARM),
                kib.get(PARTS - 1),
                slope() * 1024 / part,
                growthKib(),
                most);
    }
}
