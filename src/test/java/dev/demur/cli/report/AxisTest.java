package dev.demur.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(Axis.Tick::label).toList();
    }

    @Test
    void small_shares_get_more_room_and_0_has_a_place() {
        Axis axis = Axis.smallShare("x");
        assertEquals(0, axis.position(0));
        assertEquals(0.1, axis.position(0.01), 1e-12);
        assertEquals(0.5, axis.position(0.25), 1e-12);
        assertEquals(1, axis.position(1));
        assertEquals("5 %", labels(axis).get(2));
    }

    @Test
    void a_log_odds_axis_reaches_as_far_as_its_values_and_holds_0_and_1_at_its_ends() {
        assertEquals(List.of("0.01", "0.1", "0.5", "0.9", "0.99"), labels(Axis.logOdds("x", 0.3)));
        Axis axis = Axis.logOdds("x", 0.00002, 0.9985);
        assertEquals("0.00001", labels(axis).get(0));
        assertEquals("0.999", labels(axis).get(labels(axis).size() - 1));
        assertEquals(0, axis.position(0));
        assertEquals(1, axis.position(1));
        assertEquals(0, Axis.logOdds("x", 0, 1).position(0.01), 1e-12);
        assertEquals(0.5, Axis.logOdds("x").position(0.5), 1e-12);
    }

    @ParameterizedTest
    @CsvSource({"-1, 1", "-9.5, 11.7", "0, 0.003", "3, 3", "-12, 12"})
    void an_axis_of_numbers_holds_its_ends_between_round_ticks(double low, double high) {
        Axis axis = Axis.numbers("x", low, high);
        assertTrue(axis.low() <= low && axis.high() >= high, axis.toString());
        assertTrue(axis.ticks().size() <= 9, axis.toString());
        axis.ticks().forEach(tick -> assertTrue(tick.label().length() <= 6, tick.toString()));
    }

    @Test
    void what_is_not_a_number_lies_at_the_beginning() {
        assertEquals(0, Axis.share("x").position(Double.NaN));
        assertEquals(0, Axis.numbers("x", -1, 1).position(Double.NEGATIVE_INFINITY));
        assertEquals(1, Axis.numbers("x", -1, 1).position(Double.POSITIVE_INFINITY));
    }
}
