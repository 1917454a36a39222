package dev.demur.llama;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingTest {

    @Test
    void each_wither_changes_its_own_number() {
        assertEquals(
                Sampling.builder()
                        .temperature(0.8)
                        .topK(40)
                        .topP(0.95)
                        .minP(0.05)
                        .repeatPenalty(1.1)
                        .frequencyPenalty(0.2)
                        .presencePenalty(-0.3)
                        .seed(7)
                        .build(),
                Sampling.GREEDY
                        .withTemperature(0.8)
                        .withTopK(40)
                        .withTopP(0.95)
                        .withMinP(0.05)
                        .withRepeatPenalty(1.1)
                        .withFrequencyPenalty(0.2)
                        .withPresencePenalty(-0.3)
                        .withSeed(7));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.0, 1e-6, 1, 1e6})
    void zero_and_temperatures_that_floats_can_divide_by_are_taken(double temperature) {
        assertEquals(temperature, Sampling.GREEDY.withTemperature(temperature).temperature());
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.MIN_VALUE, 1e-40, 9.9e-7, -1, 1.1e6, Double.NaN, Double.POSITIVE_INFINITY})
    void other_temperatures_are_refused(double temperature) {
        assertRefused(
                "temperature is " + temperature + ": it must be 0 (the likeliest token) or from 1.0E-6 to 1000000.0",
                () -> Sampling.GREEDY.withTemperature(temperature));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, 0.09, 10.1, Double.NaN, Double.POSITIVE_INFINITY})
    void repeat_penalties_that_drown_the_logits_are_refused(double penalty) {
        assertRefused(
                "repeat penalty is " + penalty + ": it must be 1 (none) or from 0.1 to 10.0",
                () -> Sampling.GREEDY.withRepeatPenalty(penalty));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-101, 100.1, Double.NaN, Double.NEGATIVE_INFINITY})
    void penalties_beyond_all_logits_are_refused(double penalty) {
        assertRefused(
                "frequency penalty is " + penalty + ": it must be from -100.0 to 100.0",
                () -> Sampling.GREEDY.withFrequencyPenalty(penalty));
        assertRefused(
                "presence penalty is " + penalty + ": it must be from -100.0 to 100.0",
                () -> Sampling.GREEDY.withPresencePenalty(penalty));
    }

    @Test
    void shares_outside_of_0_to_1_and_a_negative_k_are_refused() {
        assertRefused("top-p is 1.1: it must be from 0.0 to 1.0", () -> Sampling.GREEDY.withTopP(1.1));
        assertRefused("min-p is -0.1: it must be from 0.0 to 1.0", () -> Sampling.GREEDY.withMinP(-0.1));
        assertRefused("top-k is -1: it must be 0 (off) or more", () -> Sampling.GREEDY.withTopK(-1));
    }

    private static void assertRefused(String message, Runnable made) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, made::run);
        assertTrue(String.valueOf(e.getMessage()).equals(message), e.getMessage());
    }
}
