package dev.demur.suites;

/** How often a test repeats what is random: as often as finds a gross error, and with {@code -Plong} as often as finds a small one. */
public final class Repetitions {

    /** Whether this is the long run, {@code -Plong}. */
    public static final boolean LONG = Boolean.getBoolean("demur.test.long");

    private Repetitions() {}

    /**
     * The number for this run.
     *
     * @param usual of every build
     * @param whenLong of a long one
     */
    public static int of(int usual, int whenLong) {
        return LONG ? whenLong : usual;
    }
}
