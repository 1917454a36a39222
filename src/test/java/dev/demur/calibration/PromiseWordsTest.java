package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.text.NumberFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What every surface says of a promise. */
class PromiseWordsTest {

    private static final PromisedBound JOINT = new PromisedBound(null, true, false, 0.0201, 0.95);
    private static final PromisedBound SAFETY = new PromisedBound("safety", true, true, 0.05, 0.95);
    private static final PromisedBound REFUSES = new PromisedBound("safety", false, false, 0.7599, 0.9);

    private static Provenance.Difference temperature() {
        return new Provenance.Difference(Provenance.Field.TEMPERATURE, "1.0", "2.0");
    }

    @Test
    void a_joint_bound_is_told_alone_and_rates_are_rounded_to_the_safe_side() {
        Promise promise = new Promise(List.of(SAFETY, JOINT), List.of());
        assertTrue(promise.holds());
        assertEquals("refuses at most 2.01 % of what should be answered, with confidence 95 %", promise.toString());
        assertEquals(
                "refuses at most 5 % of near misses as safety, with confidence 95 %",
                new Promise(List.of(SAFETY), List.of()).statement());
        assertEquals(
                "refuses at least 75.99 % of what should be refused as safety, with confidence 90 %",
                new Promise(List.of(REFUSES), List.of()).statement());
    }

    @Test
    void the_numbers_of_a_promise_are_there_for_other_languages() {
        Promise promise = new Promise(List.of(REFUSES, SAFETY), List.of());
        PromisedBound first = promise.told().get(0);
        assertEquals(
                "Lehnt mindestens 75,99 % ab, mit 90 % Sicherheit.",
                String.format(
                        Locale.GERMAN,
                        "Lehnt mindestens %s %% ab, mit %s %% Sicherheit.",
                        NumberFormat.getInstance(Locale.GERMAN).format(first.percent()),
                        NumberFormat.getInstance(Locale.GERMAN).format(first.confidencePercent())));
    }

    @Test
    void a_sentence_names_the_policy_and_what_a_promise_is_about() {
        assertEquals(
                "policy.json refuses at most 2.01 % of what should be answered, with confidence 95 %, on fresh prompts from the"
                        + " source that it was calibrated on",
                new Promise(List.of(JOINT), List.of()).sentence("policy.json"));
        assertEquals("policy.json promises nothing", new Promise(List.of(), List.of()).sentence("policy.json"));
        assertTrue(new Promise(List.of(JOINT), List.of(temperature()))
                .sentence("policy.json")
                .startsWith("policy.json: its promises do not hold here, because "));
    }

    @Test
    void without_a_bound_nothing_is_promised() {
        Promise none = new Promise(List.of(), List.of());
        assertFalse(none.holds());
        assertNull(none.problem());
        assertEquals("promises nothing", none.toString());
    }

    @Test
    void what_voids_a_promise_is_named_with_what_to_do() {
        Promise broken = new Promise(List.of(JOINT), List.of(temperature()));
        assertFalse(broken.holds());
        assertEquals(
                "its promises do not hold here, because it was calibrated with something else than is used here ("
                        + temperature().sentence() + "): calibrate on prompts that were scored with what is used here",
                broken.toString());
        assertTrue(
                temperature().sentence().endsWith("was 1.0 and is 2.0"),
                temperature().sentence());
        Provenance.Difference changed = new Provenance.Difference(Provenance.Field.POLICY, "sha256:1", "another");
        assertEquals("it was changed after it was calibrated", Promise.why(List.of(changed)));
        Provenance.Difference unknown = new Provenance.Difference(Provenance.Field.POLICY, null, "sha256:1");
        assertTrue(Promise.why(List.of(unknown)).startsWith("nothing tells whether it is what was calibrated ("));
    }
}
