package dev.demur.cli.serve;

import dev.demur.readout.words.Frame;
import dev.demur.readout.words.FrameFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The words by which a model answers a question that is put to it as a text: a frame in a resource of this package. */
enum AnswerWords {
    /** {@code yes} or {@code no}; yes is the category {@code yes}. */
    YES_NO("yes-no.json"),

    /** A letter, which names one of up to {@value #MOST_OPTIONS} options; {@code a} to {@code y} are categories, Z is respond. */
    LETTERS("letters.json");

    /** As many as there are letters. */
    static final int MOST_OPTIONS = 26;

    private final String resource;

    AnswerWords(String resource) {
        this.resource = resource;
    }

    /** The frame that asks for such an answer. */
    Frame frame() {
        try (InputStream in = AnswerWords.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + resource);
            }
            return FrameFile.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), resource);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
