package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ReadingTest {

    private static final Labels ONE = PaperTokens.ONE_TOKEN.labels();
    private static final Category SAFETY = new Category("safety", "Safety");

    @Test
    void labels_are_the_categories_in_their_order_and_respond() {
        Labels labels = PaperTokens.CATEGORIES.labels();
        assertEquals(5, labels.respondIndex());
        assertEquals(6, labels.count());
        assertEquals("safety", labels.id(3));
        assertEquals("respond", labels.id(5));
        assertEquals(3, labels.indexOf("safety"));
        assertEquals(-1, labels.indexOf("respond"));
        assertEquals(5, labels.indexOfLabel("respond"));
        assertEquals(-1, labels.indexOfLabel("sefety"));
    }

    @Test
    void an_index_of_no_label_is_told_with_those_that_there_are() {
        Reading reading = of(0.25, 0.5, 1, 2, 1, 0);
        for (Executable wrong :
                List.<Executable>of(() -> ONE.id(99), () -> reading.probability(99), () -> reading.logit(99))) {
            assertEquals(
                    "there is no label 99: 0 to 1 are refuse, respond",
                    assertThrows(IndexOutOfBoundsException.class, wrong).getMessage());
        }
        assertThrows(IndexOutOfBoundsException.class, () -> ONE.id(-1));
    }

    @Test
    void labels_are_distinct_and_have_a_category() {
        assertMessage("There must be at least one category", () -> new Labels(List.of()));
        assertMessage(
                "Two categories have the id \"safety\"",
                () -> new Labels(List.of(SAFETY, new Category("safety", "X"))));
    }

    @Test
    void some_words_are_no_category_ids() {
        for (String id : List.of("respond", "none", "sum")) {
            assertMessage("id: \"" + id + "\" is reserved and names no category", () -> new Category(id, "X"));
        }
        assertMessage("id: is blank", () -> new Category(" ", "X"));
        assertMessage("name: is blank", () -> new Category("x", "\t"));
    }

    @Test
    void what_is_given_cannot_change_a_readout() {
        double[] p = {0.25, 0.5};
        double[] z = {1, 2};
        Reading readout = Reading.of(ONE, 1, p, z, 1, 0);
        p[0] = 1;
        z[0] = 9;
        assertEquals(0.25, readout.probability(0));
        assertEquals(1, readout.logit(0));
        assertEquals(0.75, readout.coverage());
        assertEquals(1, readout.choice());
        assertEquals(0.25, readout.probability("refuse"));
        assertEquals(0.5, readout.probability("respond"));
        assertMessage("\"safety\" is no label; the labels are refuse, respond", () -> readout.probability("safety"));
    }

    @Test
    void numbers_that_no_softmax_gives_are_errors() {
        assertMessage("The probability of \"respond\" is NaN, not in [0, 1]", () -> of(0.5, Double.NaN, 0, 0, 0, 0));
        assertMessage("The probability of \"refuse\" is -0.1, not in [0, 1]", () -> of(-0.1, 0, 0, 0, 0, 0));
        assertMessage("The probability of \"refuse\" is 1.1, not in [0, 1]", () -> of(1.1, 0, 0, 0, 0, 0.09));
        assertMessage("The logit of \"respond\" is NaN", () -> of(0, 0, 0, Double.NaN, 0, 0));
        assertMessage("The logit of \"refuse\" is Infinity", () -> of(0, 0, Double.POSITIVE_INFINITY, 0, 0, 0));
        assertMessage("The choice must be the index of a label or -1 for none, not 2", () -> of(0, 0, 0, 0, 2, 0));
        assertMessage("The choice must be the index of a label or -1 for none, not -2", () -> of(0, 0, 0, 0, -2, 0));
        assertMessage("The relative error must be at least 0, not NaN", () -> of(0, 0, 0, 0, 0, Double.NaN));
        assertMessage("The relative error must be at least 0, not -0.1", () -> of(0, 0, 0, 0, 0, -0.1));
        assertMessage(
                "temperature: 0.0 is not a finite number above 0",
                () -> Reading.of(ONE, 0, new double[2], new double[2], 0, 0));
        assertMessage(
                "2 labels need as many probabilities and logits, not 2 and 3",
                () -> Reading.of(ONE, 1, new double[2], new double[3], 0, 0));
        assertMessage(
                "2 labels need as many probabilities and logits, not 3 numbers",
                () -> Reading.of(ONE, 1, new double[3], 0, 0));
    }

    @Test
    void a_probability_above_one_by_no_more_than_the_error_is_one() {
        assertEquals(1, of(1 + 1e-7, 0, 0, 0, 0, 1e-6).probability(0));
    }

    @Test
    void stored_probabilities_give_logits_up_to_a_shift() {
        Reading readout = Reading.ofProbabilities(ONE, 2, new double[] {0.25, 0}, 0);
        assertEquals(2 * Math.log(0.25), readout.logit(0), 1e-15);
        assertEquals(Double.NEGATIVE_INFINITY, readout.logit(1));
        assertEquals(0, readout.relativeError());
    }

    private static Reading of(double p0, double p1, double z0, double z1, int choice, double error) {
        return Reading.of(ONE, 1, new double[] {p0, p1}, new double[] {z0, z1}, choice, error);
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
