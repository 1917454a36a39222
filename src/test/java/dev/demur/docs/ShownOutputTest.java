package dev.demur.docs;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Which differences between a shown output and a written one count. */
class ShownOutputTest {

    @Test
    void numbers_bars_and_gaps_may_differ() {
        assertTrue(ShownOutput.matches(
                "  safety   ██▊  │   0.0864  < 0.48\nscored 32 rows in 9.6 s\n",
                "  safety   ▏        <0.0001  ≥ 0.5\nscored 32 rows in 2 s\n\n"));
    }

    @Test
    void words_and_the_number_of_lines_may_not() {
        assertFalse(ShownOutput.matches("respond (rule threshold)\n", "refuse (rule threshold)\n"));
        assertFalse(ShownOutput.matches("respond\n", "respond\nmore\n"));
        assertFalse(ShownOutput.matches("respond\nmore\n", "respond\n"));
        assertFalse(ShownOutput.matches("a b\n", "a.b\n"));
    }

    @Test
    void an_ellipsis_stands_for_any_lines() {
        assertTrue(ShownOutput.matches("…\nrespond\n…\n", "respond\n"));
        assertTrue(ShownOutput.matches("…\nrespond\n…\n", "a\nb\nrespond\nc\n"));
        assertFalse(ShownOutput.matches("…\nrespond\n…\n", "a\nb\n"));
    }
}
