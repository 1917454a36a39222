package dev.demur.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.policy.Calibration;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.scoring.TwoCategories;
import dev.demur.statistics.ClopperPearson;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromisedBoundTest {

    private static ScoredPrompts prompts() {
        TwoCategories rows = new TwoCategories();
        for (int i = 0; i < 100; i++) {
            rows.answer("a", i / 200.0, i / 300.0).refuse("b", i / 300.0, i / 200.0);
        }
        return rows.build();
    }

    @Test
    void separate_and_joint_bounds_are_read_back_as_they_were_promised() {
        CalibrationResult result = Calibrator.calibrate(
                prompts(), CalibrationRequest.of(Rule.THRESHOLD, new Objective.FalseRefusal(0.1, 0.9, false)));
        double bound = ClopperPearson.upper(ClopperPearson.allowed(100, 0.1, 0.9), 100, 0.9);
        assertEquals(
                List.of(
                        new PromisedBound("a", true, false, bound, 0.9),
                        new PromisedBound("b", true, false, bound, 0.9),
                        new PromisedBound(null, true, false, result.jointBound(), 0.9)),
                PromisedBound.of(result.policy()));
        CalibrationResult refusal = Calibrator.calibrate(
                prompts(),
                CalibrationRequest.of(Rule.THRESHOLD, new Objective.Refusal(0.8, 0.95))
                        .jointly());
        List<PromisedBound> bounds = PromisedBound.of(refusal.policy());
        assertEquals(1, bounds.size());
        assertEquals(null, bounds.get(0).category());
        assertEquals(false, bounds.get(0).ofFalseRefusals());
    }

    @Test
    void what_was_not_promised_is_not_there() {
        CalibrationResult best =
                Calibrator.calibrate(prompts(), CalibrationRequest.of(Rule.THRESHOLD, new Objective.MaxF1(false)));
        assertEquals(List.of(), PromisedBound.of(best.policy()));
        CalibrationResult near = Calibrator.calibrate(
                prompts(), CalibrationRequest.of(Rule.THRESHOLD, new Objective.FalseRefusal(0.1, 0.9, true)));
        assertEquals(1, PromisedBound.of(near.policy()).size(), "b has no near misses");
        assertTrue(PromisedBound.of(near.policy()).get(0).nearMissesOnly());
        assertEquals(List.of(), PromisedBound.of(TwoCategories.defaults(Rule.SUM)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"objective\": 3}",
                "{\"objective\": \"refusal\", \"outcomes\": [{\"bound\": 0.5}]}",
                "{\"objective\": \"refusal\", \"confidence\": 1, \"outcomes\": [{\"bound\": 0.5}]}",
                "{\"objective\": \"refusal\", \"confidence\": 0.9, \"outcomes\": {\"bound\": 0.5}}",
                "{\"objective\": \"refusal\", \"confidence\": 0.9, \"outcomes\": [0.5, null, {\"bound\": \"0.5\"}, {}]}",
                "{\"objective\": \"refusal\", \"confidence\": 0.9, \"outcomes\": [{\"bound\": 1.5}], \"jointBound\": -1}",
                "{\"objective\": \"other\", \"confidence\": 0.9, \"outcomes\": [{\"bound\": 0.5}]}",
            })
    void a_calibration_object_of_another_form_promises_nothing(String note) {
        JsonObject json = JsonParser.parseString(note).getAsJsonObject();
        RefusalPolicy policy = TwoCategories.defaults(Rule.SUM).withCalibration(Calibration.parse(json.toString()));
        assertEquals(List.of(), PromisedBound.of(policy));
    }
}
