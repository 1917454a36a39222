package dev.demur.cli.options;

import dev.demur.DemurException;
import dev.demur.cli.files.FileKind;
import dev.demur.readout.HeadFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a file is by its first bytes, so that one that is given by the wrong option is told what it is. Looks, and checks nothing:
 * what cannot be told is {@link #OTHER}, and whoever reads the file then says what is wrong with it.
 */
public enum FileContent {
    MODEL("a model", "give it by --model"),
    HEAD("a head, which decides beside a model", "give it by --readout, and its model by --model"),
    POLICY("a policy", "give it by --policy"),
    SCORES("scores", "give it by --scores"),
    PROMPTS("labelled prompts", "give it by --data; demur score makes scores of it"),
    OTHER("something else", "");

    /** What options take; those of every command. */
    private static final List<Map.Entry<String, FileContent>> WANTED = List.of(
            Map.entry("--model", MODEL),
            Map.entry(ModelOptions.DECIDER, MODEL),
            Map.entry("--policy", POLICY),
            Map.entry("--scores", SCORES),
            Map.entry("--compare", SCORES),
            Map.entry("--data", PROMPTS));

    private static final int BEGINNING = 1 << 14;
    private static final String GGUF = "GGUF";

    /** The first key of a file, and between it and its value a type and a length. */
    private static final String FIRST_KEY = "general.architecture";

    private static final int BEFORE_TEXT = 12;

    private final String words;
    private final String advice;

    FileContent(String words, String advice) {
        this.words = words;
        this.advice = advice;
    }

    /** Whether a text is named as models are. */
    public static boolean namesModel(String text) {
        return text.toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

    /** What a file is. */
    static FileContent of(Path file) {
        if (FileKind.of(file) != FileKind.FILE) {
            return OTHER; // a pipe gives its bytes once
        }
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            text = new String(in.readNBytes(BEGINNING), StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            return OTHER; // whoever reads it says why it cannot be read
        }
        if (text.startsWith(GGUF)) {
            int value = text.indexOf(FIRST_KEY) + FIRST_KEY.length() + BEFORE_TEXT;
            return text.startsWith(HeadFile.ARCHITECTURE, value) ? HEAD : MODEL;
        }
        String line = text.lines().findFirst().orElse("");
        if (text.startsWith("{")) {
            if (hasFields(line, "probabilities", "coverage")) {
                return SCORES;
            }
            if (hasFields(line, "prompt", "expected")) {
                return PROMPTS;
            }
            return hasFields(text, "rule", "categories") ? POLICY : OTHER;
        }
        String header = line.toLowerCase(Locale.ROOT);
        boolean prompts = header.contains("prompt") || header.contains("question");
        return prompts && (header.contains("expected") || header.contains("label_type")) ? PROMPTS : OTHER;
    }

    private static boolean hasFields(String json, String one, String other) {
        return json.contains('"' + one + '"') && json.contains('"' + other + '"');
    }

    /**
     * Checks that no file was given by an option that takes another kind.
     *
     * @throws DemurException naming the file, what it is, and the option for it
     */
    public static void require(Arguments arguments) {
        for (Map.Entry<String, FileContent> wanted : WANTED) {
            for (String value : arguments.texts(wanted.getKey())) {
                Path file = Arguments.path(wanted.getKey(), value);
                require(file, of(file), wanted.getKey(), wanted.getValue());
            }
        }
        String readout = arguments.text(ModelOptions.READOUT); // a frame's name, or a file
        if (readout != null) {
            Path file = Arguments.path(ModelOptions.READOUT, readout);
            FileContent found = of(file);
            if (found != MODEL) { // a model may have a head in it
                require(file, found, ModelOptions.READOUT, HEAD);
            }
        }
    }

    private static void require(Path file, FileContent found, String option, FileContent wanted) {
        if (found != OTHER && found != wanted) {
            throw new DemurException(file + ": holds " + found.words + ", and " + option + " takes " + wanted.words
                    + ": " + found.advice);
        }
    }
}
