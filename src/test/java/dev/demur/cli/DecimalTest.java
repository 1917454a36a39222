package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.terminal.Decimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalTest {

    @Test
    void a_threshold_has_two_decimals_and_looks_like_0_or_1_only_where_it_is() {
        assertEquals("0.48", Decimal.brief(0.48016888980772654));
        assertEquals("0.5", Decimal.brief(0.5));
        assertEquals("0", Decimal.brief(0));
        assertEquals("1", Decimal.brief(1));
        assertEquals("0.0004", Decimal.brief(0.0004));
        assertEquals("0.9996", Decimal.brief(0.99962));
        assertEquals("-1.25", Decimal.brief(-1.25));
        assertEquals("3", Decimal.brief(3));
        assertEquals("1.0E-12", Decimal.brief(1e-12));
    }

    @Test
    void beside_a_score_it_has_as_many_as_show_on_which_side_the_score_lies() {
        assertEquals("0.48", Decimal.brief(0.48016888980772654, 0.61));
        assertEquals("0.48", Decimal.brief(0.48016888980772654, 0.4));
        assertEquals("0.4802", Decimal.brief(0.48016888980772654, 0.4801));
        assertEquals("0.5", Decimal.brief(0.5, 0.5));
    }

    @Test
    void what_is_shown_contradicts_a_comparison_only_where_four_decimals_cannot_tell() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 100_000; i++) {
            double threshold = random.nextDouble();
            double score = random.nextBoolean() ? random.nextDouble() : threshold + 1e-3 * random.nextGaussian();
            score = Math.max(0, Math.min(1, score));
            if (Math.abs(score - threshold) < 1e-4) {
                continue;
            }
            double shown = Double.parseDouble(Decimal.brief(threshold, score));
            double shownScore = Math.round(score * 1e4) / 1e4;
            assertTrue(
                    (shownScore >= shown) == (score >= threshold),
                    score + " and " + threshold + " are shown as " + shownScore + " and " + shown + ", seed " + seed);
        }
    }
}
