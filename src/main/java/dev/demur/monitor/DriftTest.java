package dev.demur.monitor;

/**
 * Bets against "the order in which numbers in [0, 1] come tells nothing about them" (exchangeability): drift, without any
 * label.
 *
 * <p>Each number's rank among all before it, with ties broken by lot, is uniform on (0, 1] and independent of the ranks
 * before, if the numbers are exchangeable; that is bet against. Numbers count in bins of log-odds, fixed beforehand, so that
 * what is kept does not grow; whatever the bins are, the ranks stay uniform.
 */
final class DriftTest {

    private static final double WIDTH = 0.25;
    private static final double LARGEST = 20;
    static final int BINS = (int) (2 * LARGEST / WIDTH) + 2; // one at each end for what lies beyond

    /** Slopes of bets on high or low numbers; at most 2. */
    private static final double[] SLOPES = {0.7, 1.7};

    /** Bets on numbers at both ends, or in the middle. */
    private static final double[] BENDS = {0.7, -0.4};

    /** Exponents of bets on the highest or lowest numbers alone. */
    private static final double[] POWERS = {0.6};

    private static final int SIZES = 2 * SLOPES.length + BENDS.length + 2 * POWERS.length;

    private final long seed;
    private final long[] tree = new long[BINS + 1]; // sums of counts, as Fenwick keeps them
    private long numbers;
    private final Bets bets;
    private final double[] factors = new double[SIZES];

    DriftTest(long seed) {
        this(seed, new long[BINS], new Bets(SIZES));
    }

    /** As it was. */
    DriftTest(long seed, long[] counts, Bets bets) {
        this.seed = seed;
        this.bets = bets;
        for (int bin = 0; bin < BINS; bin++) {
            add(bin, counts[bin]);
        }
    }

    static int sizes() {
        return SIZES;
    }

    /** A number that later ones are compared with; nothing is bet on it. */
    void learn(double number) {
        add(bin(number), 1);
    }

    /** The next number. */
    void observe(double number) {
        int bin = bin(number);
        long below = below(bin);
        add(bin, 1);
        long same = below(bin + 1) - below;
        double rank = (below + same * lot()) / numbers;
        int size = 0;
        for (double slope : SLOPES) {
            factors[size++] = 1 + slope * (rank - 0.5);
            factors[size++] = 1 - slope * (rank - 0.5);
        }
        for (double bend : BENDS) {
            factors[size++] = 1 + bend * (12 * (rank - 0.5) * (rank - 0.5) - 1);
        }
        for (double power : POWERS) {
            factors[size++] = power * Math.pow(rank, power - 1);
            factors[size++] = power * Math.pow(Math.max(1 - rank, Double.MIN_NORMAL), power - 1);
        }
        bets.observe(factors);
    }

    /** A number in (0, 1], by the seed and how many numbers there were: nothing else has to be kept. */
    private double lot() {
        long mixed = seed + numbers * 0x9E3779B97F4A7C15L; // SplitMix64
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        mixed ^= mixed >>> 31;
        return ((mixed >>> 11) + 1) * 0x1p-53;
    }

    private static int bin(double number) {
        if (number >= 1) {
            return BINS - 1; // a sum of probabilities may lie a little above
        }
        double logOdds = Math.log(number) - Math.log1p(-number);
        if (!(logOdds > -LARGEST)) {
            return 0;
        }
        return logOdds >= LARGEST ? BINS - 1 : 1 + (int) ((logOdds + LARGEST) / WIDTH);
    }

    private void add(int bin, long count) {
        numbers += count;
        for (int i = bin + 1; i < tree.length; i += i & -i) {
            tree[i] += count;
        }
    }

    /** How many numbers lie in the bins below this one. */
    private long below(int bin) {
        long sum = 0;
        for (int i = bin; i > 0; i -= i & -i) {
            sum += tree[i];
        }
        return sum;
    }

    long[] counts() {
        long[] counts = new long[BINS];
        for (int bin = 0; bin < BINS; bin++) {
            counts[bin] = below(bin + 1) - below(bin);
        }
        return counts;
    }

    Bets bets() {
        return bets;
    }
}
