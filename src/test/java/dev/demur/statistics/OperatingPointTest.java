package dev.demur.statistics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OperatingPointTest {

    private static final int RUNS = 1_000;

    @Test
    void the_rate_is_that_of_what_scores_above_all_but_the_share() {
        double[] answer = IntStream.range(0, 100).mapToDouble(i -> i).toArray();
        double[] refuse = {94, 94.5, 95, 98.5, 99, 200};
        // 5 of 100 may be refused: those above 94.
        Rate five = OperatingPoint.of(refuse, answer, 0.05, null).refusal();
        assertEquals(5, five.count());
        assertEquals(6, five.rows());
        assertNull(five.interval());
        assertEquals(3, OperatingPoint.of(refuse, answer, 0.01, null).refusal().count());
    }

    @Test
    void without_rows_of_one_kind_there_is_no_rate() {
        assertNull(OperatingPoint.of(new double[0], new double[] {1}, 0.05, 0.95)
                .refusal()
                .value());
        assertNull(OperatingPoint.of(new double[] {1}, new double[0], 0.05, 0.95)
                .refusal()
                .value());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.1, Double.NaN})
    void a_share_or_a_confidence_that_is_none_is_refused(double number) {
        double[] scores = {1};
        IllegalArgumentException share =
                assertThrows(IllegalArgumentException.class, () -> OperatingPoint.of(scores, scores, number, null));
        assertEquals("falseRefusalRate: " + number + " is not between 0 and 1", share.getMessage());
        IllegalArgumentException confidence =
                assertThrows(IllegalArgumentException.class, () -> OperatingPoint.of(scores, scores, 0.05, number));
        assertEquals("confidence: " + number + " is not between 0 and 1", confidence.getMessage());
    }

    @Test
    void with_too_few_answers_for_the_share_the_interval_says_so() {
        double[] answer = IntStream.range(0, 20).mapToDouble(i -> i).toArray();
        Interval interval = OperatingPoint.of(new double[] {3, 30}, answer, 0.01, 0.95)
                .refusal()
                .interval();
        assertNotNull(interval);
        assertEquals(0, interval.low());
    }

    @Test
    void the_interval_holds_the_true_rate_as_often_as_its_confidence_says() {
        Random random = new Random(20_260_303);
        int missed = 0;
        double width = 0;
        for (int run = 0; run < RUNS; run++) {
            // Of answers 5 % lie above 0.95, of refusals 1 - 0.95^4.
            double[] answer = random.doubles(400).toArray();
            double[] refuse =
                    random.doubles(300).map(u -> Math.sqrt(Math.sqrt(u))).toArray();
            Interval interval =
                    OperatingPoint.of(refuse, answer, 0.05, 0.9).refusal().interval();
            assertNotNull(interval);
            double truth = 1 - Math.pow(0.95, 4);
            missed += interval.low() > truth || interval.high() < truth ? 1 : 0;
            width += (interval.high() - interval.low()) / RUNS;
        }
        assertTrue(missed <= RUNS * 0.1, missed + " of " + RUNS + " missed it");
        assertTrue(width < 0.4, "mean width " + width);
    }
}
