package dev.demur.scoring;

import dev.demur.arguments.Given;
import dev.demur.llama.Device;
import dev.demur.llama.ModelInfo;
import java.util.stream.Collectors;

/**
 * What computed the logits. On another one they differ by the noise that docs/CALIBRATION.md gives.
 *
 * @param llama llama.cpp's interface and, where it tells one, its version, as {@code new 0.5.0}; compared, never taken apart
 * @param device the hardware's name; compared, never taken apart
 */
public record InferenceBackend(String llama, String device) {

    public InferenceBackend {
        Given.value(llama, "llama");
        Given.value(device, "device");
    }

    /** What computes for a loaded model. */
    public static InferenceBackend of(ModelInfo model) {
        return new InferenceBackend(
                Given.value(model, "model").llama(),
                model.devices().stream().map(Device::description).collect(Collectors.joining(", ")));
    }
}
