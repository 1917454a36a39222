package dev.demur.readout.words;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import dev.demur.readout.words.internal.FrameReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** The frames that come with Demur, by their names. */
public final class Frames {

    private static final List<String> NAMES = List.of(
            "ask",
            "granite-guardian",
            "llama-guard",
            "nemotron",
            "qwen3guard",
            "qwen3guard-loose",
            "qwen3guard-strict");

    private Frames() {}

    /** Their names. */
    public static List<String> names() {
        return NAMES;
    }

    /** The frame of that name, which is one of {@link #names}. */
    public static Frame named(String name) {
        Given.value(name, "name");
        if (!NAMES.contains(name)) {
            throw new FrameException(ForeignText.escaped(name) + ": there is no such frame: frames are "
                    + String.join(", ", NAMES) + ", and files");
        }
        String resource = name + ".json";
        try (InputStream in = Frames.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks the frame " + resource);
            }
            return FrameReader.parse(in.readAllBytes(), resource);
        } catch (IOException e) {
            throw new IllegalStateException("the jar's frame " + resource + " cannot be read", e);
        }
    }
}
