package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalibrationTest {

    private static final String JSON = "{\"objective\":\"false-refusal\",\"target\":0.05,\"confidence\":0.95,"
            + "\"nearMissesOnly\":true,\"joint\":false,\"outcomes\":[{\"category\":\"safety\",\"n\":300,\"k\":1,"
            + "\"bound\":0.04,\"f1\":null,\"reason\":null},{\"category\":\"unsupported\",\"n\":3,\"bound\":null,"
            + "\"reason\":\"too few rows\"}],\"jointBound\":0.07,\"statement\":\"At most 5 %.\",\"later\":[1,null]}";

    @Test
    void what_a_program_may_want_has_a_method_and_the_rest_is_kept() {
        Calibration calibration = Calibration.parse(JSON);
        assertEquals("false-refusal", calibration.objective());
        assertEquals(0.05, calibration.target());
        assertEquals(0.95, calibration.confidence());
        assertTrue(calibration.nearMissesOnly());
        assertFalse(calibration.isJoint());
        assertEquals(0.07, calibration.jointBound());
        assertEquals("At most 5 %.", calibration.statement());
        assertEquals(
                List.of(
                        new Calibration.Outcome("safety", 300L, 0.04, null, null),
                        new Calibration.Outcome("unsupported", 3L, null, null, "too few rows")),
                calibration.outcomes());
        assertEquals(JSON, calibration.toJson());
        assertEquals(calibration, Calibration.parse(calibration.toJson()));
        assertNotEquals(calibration, Calibration.parse("{}"));
    }

    @Test
    void the_same_fields_are_equal_however_they_are_written() {
        Calibration one = Calibration.parse("{\"a\": 1.50, \"b\": [1e2, -0, 12345678901234567890], \"c\": {}}");
        Calibration other = Calibration.parse("{\"c\":{},\"b\":[100.0,0,12345678901234567890],\"a\":1.5}");
        assertEquals(one, other);
        assertEquals(one.hashCode(), other.hashCode());
        assertEquals(one, Calibration.parse(one.toJson()));
        assertNotEquals(one, Calibration.parse("{\"a\":1.5,\"b\":[0,100.0,12345678901234567890],\"c\":{}}"));
        assertNotEquals(one, Calibration.parse("{\"a\":1.5,\"b\":[100.0,0,12345678901234567890]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"objective\":3,\"target\":\"0.1\",\"joint\":1,\"statement\":null,\"outcomes\":{\"bound\":1}}",
                "{\"outcomes\":[1,null,\"safety\"],\"jointBound\":true,\"nearMissesOnly\":\"yes\"}"
            })
    void what_is_not_recorded_or_of_another_type_is_not_told(String json) {
        Calibration calibration = Calibration.parse(json);
        assertNull(calibration.objective());
        assertNull(calibration.target());
        assertNull(calibration.confidence());
        assertNull(calibration.jointBound());
        assertNull(calibration.statement());
        assertFalse(calibration.isJoint());
        assertFalse(calibration.nearMissesOnly());
        assertEquals(List.of(), calibration.outcomes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "{\"a\":1,\"a\":2}", "{", "{} {}", "{a:1}"})
    void anything_but_one_json_object_is_an_error(String json) {
        assertThrows(PolicyException.class, () -> Calibration.parse(json));
    }
}
