package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ReadoutTest {

    private static final ControlTokens ONE = PaperTokens.ONE_TOKEN;
    private static final Category SAFETY = new Category("safety", "[safety]", "Safety");
    private static final Category OTHER = new Category("other", "[other]", "Other");

    @Test
    void control_tokens_are_listed_as_the_native_readout_takes_them() {
        assertArrayEquals(new int[] {100, 101, 102, 103, 104, 105}, PaperTokens.CATEGORIES.ids());
        assertEquals(5, PaperTokens.CATEGORIES.respondIndex());
        assertEquals(105, PaperTokens.CATEGORIES.token(5));
        assertEquals(3, PaperTokens.CATEGORIES.indexOf("safety"));
        assertEquals(-1, PaperTokens.CATEGORIES.indexOf("respond"));
    }

    @Test
    void control_tokens_are_distinct() {
        assertMessage(
                "A model needs at least one category and one token id for each, but has 0 categories and 0 token ids",
                () -> new ControlTokens(List.of(), List.of(), "[respond]", 1));
        assertMessage(
                "A model needs at least one category and one token id for each, but has 1 categories and 2 token ids",
                () -> new ControlTokens(List.of(SAFETY), List.of(2, 3), "[respond]", 1));
        assertMessage(
                "Two categories have the id \"safety\"",
                () -> new ControlTokens(
                        List.of(SAFETY, new Category("safety", "[x]", "X")), List.of(2, 3), "[respond]", 1));
        assertMessage(
                "Two control tokens have the text \" [safety]\"",
                () -> new ControlTokens(
                        List.of(SAFETY, new Category("x", " [safety]", "X")), List.of(2, 3), "[respond]", 1));
        assertMessage(
                "Two control tokens have the text \"[safety]\"",
                () -> new ControlTokens(List.of(SAFETY), List.of(2), "[safety]", 1));
        assertMessage(
                "Two control tokens have the id 2",
                () -> new ControlTokens(List.of(SAFETY, OTHER), List.of(2, 2), "[respond]", 1));
        assertMessage(
                "Two control tokens have the id 2",
                () -> new ControlTokens(List.of(SAFETY), List.of(2), "[respond]", 2));
        assertMessage(
                "A token id must not be negative, but one is -1",
                () -> new ControlTokens(List.of(SAFETY), List.of(2), "[respond]", -1));
    }

    @Test
    void some_words_are_no_category_ids() {
        for (String id : List.of("respond", "none", "sum")) {
            assertMessage("id: \"" + id + "\" is reserved and names no category", () -> new Category(id, "[x]", "X"));
        }
        assertMessage("id: is blank", () -> new Category(" ", "[x]", "X"));
        assertMessage("token: is blank", () -> new Category("x", "", "X"));
        assertMessage("name: is blank", () -> new Category("x", "[x]", "\t"));
    }

    @Test
    void what_is_given_cannot_change_a_readout() {
        double[] p = {0.25, 0.5};
        double[] z = {1, 2};
        Readout readout = Readout.of(ONE, 1, p, z, 7, 0);
        p[0] = 1;
        z[0] = 9;
        assertEquals(0.25, readout.probability(0));
        assertEquals(1, readout.logit(0));
        assertEquals(0.75, readout.coverage());
        assertEquals(7, readout.argmax());
    }

    @Test
    void numbers_that_no_softmax_gives_are_errors() {
        assertMessage("The probability of token 201 is NaN, not in [0, 1]", () -> of(0.5, Double.NaN, 0, 0, 7, 0));
        assertMessage("The probability of token 200 is -0.1, not in [0, 1]", () -> of(-0.1, 0, 0, 0, 7, 0));
        assertMessage("The probability of token 200 is 1.1, not in [0, 1]", () -> of(1.1, 0, 0, 0, 7, 0.09));
        assertMessage("The logit of token 201 is NaN", () -> of(0, 0, 0, Double.NaN, 7, 0));
        assertMessage("The logit of token 200 is Infinity", () -> of(0, 0, Double.POSITIVE_INFINITY, 0, 7, 0));
        assertMessage("The argmax must be a token id, not -1", () -> of(0, 0, 0, 0, -1, 0));
        assertMessage("The relative error must be at least 0, not NaN", () -> of(0, 0, 0, 0, 7, Double.NaN));
        assertMessage("The relative error must be at least 0, not -0.1", () -> of(0, 0, 0, 0, 7, -0.1));
        assertMessage(
                "temperature: 0.0 is not a finite number above 0",
                () -> Readout.of(ONE, 0, new double[2], new double[2], 7, 0));
        assertMessage(
                "2 control tokens need as many probabilities and logits, not 2 and 3",
                () -> Readout.of(ONE, 1, new double[2], new double[3], 7, 0));
    }

    @Test
    void a_probability_above_one_by_no_more_than_the_error_is_one() {
        assertEquals(1, of(1 + 1e-7, 0, 0, 0, 7, 1e-6).probability(0));
    }

    @Test
    void stored_probabilities_give_logits_up_to_a_shift() {
        Readout readout = Readout.ofProbabilities(ONE, 2, new double[] {0.25, 0}, 7);
        assertEquals(2 * Math.log(0.25), readout.logit(0), 1e-15);
        assertEquals(Double.NEGATIVE_INFINITY, readout.logit(1));
        assertEquals(0, readout.relativeError());
    }

    private static Readout of(double p0, double p1, double z0, double z1, int argmax, double error) {
        return Readout.of(ONE, 1, new double[] {p0, p1}, new double[] {z0, z1}, argmax, error);
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
