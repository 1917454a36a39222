package dev.demur.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PercentTest {

    @Test
    void a_rate_has_one_decimal_and_never_looks_like_none_or_all_when_it_is_not() {
        assertEquals("0.0 %", Percent.of(0.0));
        assertEquals("<0.1 %", Percent.of(0.0004));
        assertEquals("0.1 %", Percent.of(0.0006));
        assertEquals("4.9 %", Percent.of(0.0489));
        assertEquals(">99.9 %", Percent.of(0.9996));
        assertEquals("100.0 %", Percent.of(1.0));
        assertEquals("-", Percent.of(null));
    }

    @Test
    void intervals_are_rounded_outward() {
        assertEquals("[3.1, 5.3]", Percent.interval(0.0319, 0.0521));
        assertEquals("[0.0, 100.0]", Percent.interval(0, 1));
    }

    @Test
    void a_change_has_its_sign_and_nothing_has_none() {
        assertEquals("+3.1", Percent.change(0.031));
        assertEquals("-0.1", Percent.change(-0.001));
        assertEquals("0.0", Percent.change(-0.0001));
        assertEquals("0.0", Percent.change(0.0001));
        assertEquals("-", Percent.change(null));
    }
}
