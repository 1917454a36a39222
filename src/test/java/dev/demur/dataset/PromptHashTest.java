package dev.demur.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptHashTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "How do I boil an egg",
                "  How  do\tI boil\nan egg ?",
                "HOW DO I BOIL AN EGG?!",
                "How do I boil an egg\u2026",
                "\ufeffHow do I bo\u00adil an egg?",
                "How\u00a0do I boil\u3000an egg.",
                "\uff28ow do I boil an egg?"
            })
    void what_makes_no_other_prompt_makes_no_other_hash(String prompt) {
        assertEquals(PromptHash.of("How do I boil an egg?"), PromptHash.of(prompt));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "How do I boil an eggs?",
                "How do I not boil an egg?",
                "How do I boil, an egg?",
                "How do I boil an egg? Now",
                "\"How do I boil an egg?\""
            })
    void another_prompt_has_another(String prompt) {
        assertNotEquals(PromptHash.of("How do I boil an egg?"), PromptHash.of(prompt));
    }

    @Test
    void marks_alone_are_a_prompt_and_the_sharp_s_has_its_capital() {
        assertNotEquals(PromptHash.of("?"), PromptHash.of("..."));
        assertEquals(PromptHash.of("STRASSE"), PromptHash.of("stra\u00dfe"));
        assertEquals(true, PromptHash.isHash(PromptHash.of("")));
    }
}
