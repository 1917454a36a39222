package dev.demur.monitor;

/**
 * Bets against "failures happen with a probability of at most b, whatever happened before".
 *
 * <p>A bet of size &rho; > 1 pays &rho;/d for a failure and 1/d else, with d = 1 + (&rho; - 1) b: the likelihood ratio
 * of a rate whose odds are &rho; times those of b. Its expectation is 1 where the probability is b, and less where that is
 * smaller.
 */
final class RateTest {

    /** How many times the odds of b; what no single bet is made for, two neighbours share. */
    private static final double[] ODDS = {1.3, 1.7, 2.2, 3, 5, 10, 30};

    private final double bound;
    private final double[] failure = new double[ODDS.length];
    private final double[] success = new double[ODDS.length];
    private final Bets bets;

    RateTest(double bound) {
        this(bound, new Bets(ODDS.length));
    }

    RateTest(double bound, Bets bets) {
        if (!(bound > 0 && bound < 1)) {
            throw new IllegalArgumentException("bound: " + bound + " is not between 0 and 1");
        }
        this.bound = bound;
        this.bets = bets;
        for (int i = 0; i < ODDS.length; i++) {
            double d = 1 + (ODDS[i] - 1) * bound;
            failure[i] = ODDS[i] / d;
            success[i] = 1 / d;
        }
    }

    static int sizes() {
        return ODDS.length;
    }

    /** Another prompt that the rate is about. */
    void observe(boolean failed) {
        bets.observe(failed ? failure : success);
    }

    double bound() {
        return bound;
    }

    Bets bets() {
        return bets;
    }
}
