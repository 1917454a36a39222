package dev.demur.spark;

import java.io.Serial;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What prompts are scored by. A file is named by its name alone where it travels with the job ({@code --files}), or by a path
 * that every machine has.
 *
 * @param model the GGUF file
 * @param readout a head or frame, by file or name; null: what the model has
 * @param llama the library of another llama.cpp; null: the one that comes with Demur
 * @param system a system message before every prompt; null: none
 * @param temperature &tau; of the softmax, above 0
 * @param anyCategory whether rows may have a category that the model does not have; else they are bad ones
 */
public record ScoreSpec(
        String model,
        @Nullable String readout,
        @Nullable String llama,
        @Nullable String system,
        double temperature,
        boolean anyCategory)
        implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    public ScoreSpec {
        if (model.isBlank()) {
            throw new IllegalArgumentException("model: is blank: name a GGUF file");
        }
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature: " + temperature + " is not a finite number above 0");
        }
    }

    /** A model with nothing else. */
    public static ScoreSpec of(String model) {
        return new ScoreSpec(model, null, null, null, 1, false);
    }

    /** The same with another readout; null: what the model has. */
    public ScoreSpec withReadout(@Nullable String newReadout) {
        return new ScoreSpec(model, newReadout, llama, system, temperature, anyCategory);
    }

    /** The same with another llama.cpp; null: the one that comes with Demur. */
    public ScoreSpec withLlama(@Nullable String newLlama) {
        return new ScoreSpec(model, readout, newLlama, system, temperature, anyCategory);
    }

    /** The same with another system message; null: none. */
    public ScoreSpec withSystem(@Nullable String newSystem) {
        return new ScoreSpec(model, readout, llama, newSystem, temperature, anyCategory);
    }

    /** The same with another temperature. */
    public ScoreSpec withTemperature(double newTemperature) {
        return new ScoreSpec(model, readout, llama, system, newTemperature, anyCategory);
    }

    /** The same with rows of any category, or only of the model's. */
    public ScoreSpec withAnyCategory(boolean newAnyCategory) {
        return new ScoreSpec(model, readout, llama, system, temperature, newAnyCategory);
    }
}
