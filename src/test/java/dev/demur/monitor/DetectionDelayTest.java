package dev.demur.monitor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many labels, or decisions, it takes to see that something changed; docs/MONITORING.md has the numbers. */
class DetectionDelayTest {

    private static final int STREAMS = 500;
    private static final int GIVE_UP = 20_000;
    private static final double LEVEL = 0.05;
    private static final long SEED = 77;

    /** The median delay of a rate that jumps from one to another after some labels. */
    private static int median(double bound, double before, double after, int change, double threshold) {
        int[] delays = IntStream.range(0, STREAMS)
                .parallel()
                .map(stream -> {
                    SplittableRandom random = new SplittableRandom(SEED + stream * 7_919L);
                    RateTest test = new RateTest(bound);
                    for (int i = 0; i < change; i++) {
                        test.observe(random.nextDouble() < before);
                    }
                    int delay = 0;
                    while (delay < GIVE_UP && test.bets().value() < threshold) {
                        test.observe(random.nextDouble() < after);
                        delay++;
                    }
                    return delay;
                })
                .sorted()
                .toArray();
        return delays[STREAMS / 2];
    }

    /** Twice the promised rate, at once, after a hundred and after ten thousand labels, whether the rate was at its bound or half. */
    @ParameterizedTest
    @CsvSource({
        "0.05, 0.05,     0, 0.1, 300",
        "0.05, 0.05,   100, 0.1, 400",
        "0.05, 0.05, 10000, 0.1, 900",
        "0.05, 0.025,10000, 0.1, 900",
        "0.05, 0.05, 10000, 0.2, 250",
        "0.05, 0.05,     0, 0.5,  20",
        "0.01, 0.01, 10000, 0.02,5000",
        "0.2,  0.2,  10000, 0.4, 200"
    })
    void a_doubled_rate_is_found(double bound, double before, int change, double after, int most) {
        int median = median(bound, before, after, change, 1 / LEVEL);
        int shared = median(bound, before, after, change, 6 / LEVEL);
        System.out.println("DELAY rate " + bound + ": from " + before + " to " + after + " after " + change
                + " labels: median " + median + ", as one of six promises " + shared);
        assertTrue(median <= most, "median delay " + median);
        assertTrue(shared < GIVE_UP && shared >= median, "of six promises " + shared);
    }

    /** Log-odds that move by half, one and two standard deviations, and a twentieth of the prompts that becomes something else. */
    @ParameterizedTest
    @CsvSource({"0.5, 1, 1000, 600", "1, 1, 1000, 150", "2, 1, 1000, 80", "-1, 1, 10000, 200", "3, 0.05, 10000, 5000"})
    void drift_is_found(double shift, double share, int change, int most) {
        int[] delays = IntStream.range(0, STREAMS)
                .parallel()
                .map(stream -> {
                    Random random = new Random(SEED + stream * 7_919L);
                    DriftTest test = new DriftTest(stream);
                    int delay = 0;
                    for (int i = 0; i < change; i++) {
                        test.observe(sigmoid(-4 + random.nextGaussian()));
                    }
                    while (delay < GIVE_UP && test.bets().value() < 6 / LEVEL) {
                        double moved = random.nextDouble() < share ? shift : 0;
                        test.observe(sigmoid(-4 + moved + random.nextGaussian()));
                        delay++;
                    }
                    return delay;
                })
                .sorted()
                .toArray();
        System.out.println("DELAY drift of " + share + " by " + shift + " after " + change + " decisions: median "
                + delays[STREAMS / 2] + ", 90 % " + delays[STREAMS * 9 / 10]);
        assertTrue(delays[STREAMS / 2] <= most, Arrays.toString(delays));
    }

    private static double sigmoid(double logOdds) {
        return 1 / (1 + Math.exp(-logOdds));
    }
}
