package dev.demur.readout.words;

import dev.demur.arguments.Given;
import dev.demur.readout.words.internal.FrameReader;
import java.nio.file.Path;

/**
 * Frames as JSON.
 *
 * <p>{@code {"version": 1, "name", "about", "prompt", "begins", "probabilities", "labels", "fold", "each"}}. {@code prompt} has
 * one of {@code template} ({@code {"variables": {…}}}: the conversation by the model's own chat template), {@code messages}
 * ({@code [{"role", "text"}]}: messages of the frame's own, by that template) and {@code text} (all of it), and {@code turns}
 * where these have the place {@code {{conversation}}}. {@code labels} are {@code {"id", "name", "spellings", "reply",
 * "opening", "then": {"begins", "labels"}}}; one has the id {@code respond}. {@code probabilities} is {@code labels} or
 * {@code vocabulary}. {@code fold} says which label counts as which other. {@code each} are categories, {@code {"id", "name",
 * "definition", "reply", "opening"}}, that are asked for one at a time; there then are two labels, {@code respond} and one for
 * the category. Only {@code version}, {@code name}, {@code prompt} and {@code labels}, and a label's {@code id} and {@code
 * spellings}, must be there. Anything else that is wrong is a {@link FrameException} that names source and field.
 */
public final class FrameFile {

    private FrameFile() {}

    /** Reads a file of at most 1 MiB; one that cannot be read is a FrameException too. */
    public static Frame read(Path file) {
        Given.value(file, "file");
        return FrameReader.read(file);
    }

    /**
     * The frame in a JSON text.
     *
     * @param source what messages call the text, as a file name
     */
    public static Frame parse(String json, String source) {
        Given.value(json, "json");
        Given.value(source, "source");
        return FrameReader.parse(json, source);
    }
}
