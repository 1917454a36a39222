package dev.demur.monitor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.statistics.ClopperPearson;
import dev.demur.suites.Repetitions;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The level over all time, by simulation: hundreds of streams in which the promise holds are watched for thousands of
 * steps, and the share of them in which there was ever an alarm is compared with what was promised.
 */
class FalseAlarmTest {

    private static final int STREAMS = Repetitions.of(500, 2_000);
    private static final int STEPS = 10_000;
    private static final double LEVEL = 0.05;
    private static final double BOUND = 0.05;
    private static final long SEED = 20_261_130;

    /** A right program fails one such check in 150,000. */
    private static final double DEVIATIONS = 4.5;

    private static SplittableRandom random(int stream) {
        return new SplittableRandom(SEED + stream * 7_919L);
    }

    private static long alarms(IntPredicate stream) {
        return IntStream.range(0, STREAMS).parallel().filter(stream).count();
    }

    private static void assertAtMost(String what, long alarms, int streams) {
        System.out.println("FALSE ALARMS " + what + ": " + alarms + " of " + streams);
        double most = streams * LEVEL + DEVIATIONS * Math.sqrt(streams * LEVEL * (1 - LEVEL));
        assertTrue(alarms <= most, what + ": " + alarms + " of " + streams + " streams have an alarm");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.05, 0.2, 0.5, 0.9})
    void at_the_very_bound_no_more_streams_have_an_alarm_than_the_level_allows(double bound) {
        long alarms = alarms(stream -> {
            SplittableRandom random = random(stream);
            RateTest test = new RateTest(bound);
            for (int i = 0; i < STEPS; i++) {
                test.observe(random.nextDouble() < bound);
            }
            return test.bets().largest() >= 1 / LEVEL;
        });
        assertAtMost("failures at " + bound, alarms, STREAMS);
        assertTrue(alarms >= STREAMS * LEVEL / 20, "only " + alarms + ": a test that bets so little finds nothing");
    }

    /** The hypothesis is composite: the rate may be anything up to the bound, and may look at what happened. */
    @Test
    void neither_have_they_where_the_rate_moves_below_the_bound_against_the_bets() {
        BiFunction<RateTest, SplittableRandom, Double> waits =
                (test, random) -> test.bets().value() > 1 ? BOUND : random.nextInt(4) == 0 ? BOUND : 0;
        BiFunction<RateTest, SplittableRandom, Double> wanders =
                (test, random) -> test.bets().observations() / 500 % 2 == 0 ? BOUND : BOUND / 5;
        for (BiFunction<RateTest, SplittableRandom, Double> rates : List.of(waits, wanders)) {
            assertAtMost(
                    "a rate that moves",
                    alarms(stream -> {
                        SplittableRandom random = random(stream);
                        RateTest test = new RateTest(BOUND);
                        for (int i = 0; i < STEPS; i++) {
                            test.observe(random.nextDouble() < rates.apply(test, random));
                        }
                        return test.bets().largest() >= 1 / LEVEL;
                    }),
                    STREAMS);
        }
    }

    /** A check that cannot fail is none: looking at a fixed-sample bound after every label breaks the level many times over. */
    @Test
    void a_test_for_a_fixed_number_of_labels_fails_this_check() {
        double[] lower = new double[STEPS + 1]; // the most failures of n by which the bound is not excluded
        for (int n = 1; n <= STEPS; n++) {
            int count = (int) Math.max(lower[n - 1], 0);
            while (count < n && ClopperPearson.lower(count + 1, n, 1 - LEVEL) <= BOUND) {
                count++;
            }
            lower[n] = count;
        }
        long alarms = alarms(stream -> {
            SplittableRandom random = random(stream);
            int failures = 0;
            for (int n = 1; n <= STEPS; n++) {
                failures += random.nextDouble() < BOUND ? 1 : 0;
                if (failures > lower[n]) {
                    return true;
                }
            }
            return false;
        });
        System.out.println("FALSE ALARMS by peeking: " + alarms + " of " + STREAMS);
        assertTrue(alarms > 4 * STREAMS * LEVEL, "peeking raises " + alarms + " alarms only");
    }

    /** All at once: two promises, three numbers that could drift, labels that come late, and the whole API. */
    @Test
    void a_monitor_of_several_promises_keeps_both_levels() {
        RefusalPolicy policy = Simulated.perCategory(BOUND);
        Decision[] kinds = {Simulated.answered(), Simulated.refusedAsA(), Simulated.refusedAsB()};
        long[] found = IntStream.range(0, STREAMS)
                .parallel()
                .mapToLong(stream -> {
                    SplittableRandom random = random(stream);
                    Monitor monitor = Monitor.of(policy, Simulated.LABELS, MonitorOptions.DEFAULTS.withLevel(LEVEL));
                    for (int i = 0; i < STEPS; i++) {
                        double u = random.nextDouble();
                        Decision decision = kinds[u < BOUND ? 1 : u < 2 * BOUND ? 2 : 0];
                        monitor.observe(decision, AuditLabel.shouldAnswer());
                    }
                    MonitorReport report = monitor.report();
                    return (report.isAlarm() ? 1 : 0) + (report.isDrift() ? 1L << 32 : 0);
                })
                .toArray();
        long alarms = Arrays.stream(found).map(f -> f & 1).sum();
        long drifts = Arrays.stream(found).map(f -> f >>> 32).sum();
        assertAtMost("monitors of two promises", alarms, STREAMS);
        assertAtMost("monitors of three numbers, drift", drifts, STREAMS);
    }

    /** Among audited prompts refusals are a hundred times as frequent as in the traffic; the bound must take account of that. */
    @Test
    void an_audit_of_all_refusals_and_few_answers_keeps_the_level() {
        AuditPlan plan = new AuditPlan(1, 0.01);
        double bound = WatchedRate.falseRefusalAtMost(null, BOUND).auditedBound(plan, Rule.THRESHOLD);
        long alarms = alarms(stream -> {
            SplittableRandom random = random(stream);
            RateTest test = new RateTest(bound);
            for (int i = 0; i < STEPS; i++) {
                boolean refused = random.nextDouble() < BOUND;
                if (random.nextDouble() < plan.share(refused)) {
                    test.observe(refused);
                }
            }
            return test.bets().largest() >= 1 / LEVEL;
        });
        assertAtMost("refusals preferred", alarms, STREAMS);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 60, 1_000_000})
    void numbers_that_do_not_drift_are_reported_no_more_often_than_the_level_allows(int values) {
        long alarms = alarms(stream -> {
            SplittableRandom random = random(stream);
            DriftTest test = new DriftTest(stream);
            for (int i = 0; i < STEPS; i++) {
                test.observe(random.nextInt(values) / (double) values);
            }
            return test.bets().largest() >= 1 / LEVEL;
        });
        assertAtMost(values + " values", alarms, STREAMS);
        assertTrue(alarms >= STREAMS * LEVEL / 20, "only " + alarms + ": a test that bets so little finds nothing");
    }
}
