package dev.demur.desktop.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.calibration.PromisedBound;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The window says of a promise what every other surface says, to the digit. */
class PromiseTextTest {

    private static final Texts ENGLISH = Texts.of(Locale.ENGLISH);

    private static String said(PromisedBound bound, Texts texts) {
        return PromiseText.statement(List.of(bound), texts, UnaryOperator.identity())
                .replace('\u00a0', ' ');
    }

    private static PromisedBound atMost(double bound, double confidence) {
        return new PromisedBound(null, true, false, bound, confidence);
    }

    @Test
    void a_confidence_is_never_rounded_up() {
        String said = said(atMost(0.05, 0.9996), ENGLISH);
        assertTrue(said.endsWith("Confidence 99.96 %."), said);
        assertTrue(said(atMost(0.05, 0.95), ENGLISH).endsWith("Confidence 95 %."));
    }

    @Test
    void bounds_have_the_digits_that_they_have_everywhere() {
        assertTrue(said(atMost(0.02, 0.95), ENGLISH).contains("refuses at most 2 % of"));
        assertTrue(said(atMost(0.0201, 0.95), ENGLISH).contains("refuses at most 2.01 % of"));
        assertTrue(said(atMost(0.000401, 0.95), ENGLISH).contains("refuses at most 0.041 % of"));
        PromisedBound refuses = new PromisedBound("safety", false, false, 0.7599, 0.9);
        assertTrue(said(refuses, ENGLISH).contains("refuses at least 75.99 % of bad requests as safety"));
    }

    @Test
    void numbers_are_those_of_the_bound_in_any_language() {
        for (double bound : new double[] {0, 0.00001234, 0.0101, 0.049999, 0.05, 0.123456, 1}) {
            PromisedBound promised = atMost(bound, 0.99);
            String said = said(promised, Texts.of(Locale.GERMAN));
            String number = promised.percent().toPlainString().replace('.', ',');
            assertTrue(said.contains("höchstens " + number + " % der guten"), said);
        }
        assertEquals(2, ENGLISH.get("percent", "2").length() - 1, "a number, a space and the sign");
    }
}
