package dev.demur.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DigitsTest {

    @Test
    void four_decimals_never_look_like_0_or_1_when_it_is_neither() {
        assertEquals("0.0000", Digits.four(0.0));
        assertEquals("<0.0001", Digits.four(0.00001));
        assertEquals("0.3595", Digits.four(0.35949));
        assertEquals(">0.9999", Digits.four(0.99999));
        assertEquals("1.0000", Digits.four(1.0));
        assertEquals("-", Digits.four(null));
    }

    @Test
    void few_digits_are_as_few_as_it_takes() {
        assertEquals("0", Digits.few(-0.0001));
        assertEquals("-2.681", Digits.few(-2.68099));
        assertEquals("10", Digits.few(10));
    }
}
