package dev.demur.calibration;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.policy.Calibration;
import dev.demur.policy.RefusalPolicy;
import org.jspecify.annotations.Nullable;

/** A policy's calibration as the object that is written and compared here. */
final class Notes {

    private Notes() {}

    /** A copy of a policy's {@code calibration} object; null where it has none. */
    static @Nullable JsonObject of(RefusalPolicy policy) {
        Calibration calibration = policy.calibration();
        return calibration == null
                ? null
                : JsonParser.parseString(calibration.toJson()).getAsJsonObject();
    }

    /** The policy with this object as its calibration. */
    static RefusalPolicy with(RefusalPolicy policy, JsonObject note) {
        return policy.withCalibration(Calibration.parse(note.toString()));
    }
}
