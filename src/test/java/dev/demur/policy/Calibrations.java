package dev.demur.policy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.Objects;

/** A policy's calibration as the JSON of its file, to be looked at and changed. */
public final class Calibrations {

    private Calibrations() {}

    /** A copy of the object of a policy that has one. */
    public static JsonObject json(RefusalPolicy policy) {
        Calibration calibration = Objects.requireNonNull(policy.calibration(), "the policy has no calibration");
        return JsonParser.parseString(calibration.toJson()).getAsJsonObject();
    }

    /** The policy with this object as its calibration. */
    public static RefusalPolicy with(RefusalPolicy policy, JsonObject json) {
        return policy.withCalibration(Calibration.parse(json.toString()));
    }
}
