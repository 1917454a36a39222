package dev.demur.readout;

import dev.demur.gguf.GgufFile;
import dev.demur.gguf.Metadata;
import dev.demur.llama.ChatTemplate;
import dev.demur.llama.Kernel;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.Processing;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.FrameFile;
import dev.demur.readout.words.Frames;
import dev.demur.readout.words.WordsReadout;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds what a model can be decided by: the one place that knows which readouts there are. */
public final class ReadoutFinder {

    private static final String LOGGER = "dev.demur";

    /** A readout that was found in a file, for when the model is loaded. */
    @FunctionalInterface
    public interface Found {

        /**
         * The readout on the loaded model.
         *
         * @param template renders conversations, for a readout that has a prompt of its own; null only where {@link
         *     #hasOwnPrompt}
         * @param kernel what reads rows of logits to decide
         * @param processing where the logits are read, as far as that is possible
         */
        Readout on(LlamaModel model, @Nullable ChatTemplate template, Kernel kernel, Processing processing);

        /** Whether it reads at a prompt that needs no chat template, so that there may be none. */
        default boolean hasOwnPrompt() {
            return false;
        }

        /** The file whose {@code demur.policy} applies where no policy is given; null: the model's. */
        default @Nullable Metadata policies() {
            return null;
        }
    }

    private ReadoutFinder() {}

    /**
     * What a model is decided by: what is named; else the control tokens that are mapped; else the head in its file; else
     * the head beside it ({@link HeadFile#beside}); else the control tokens that it was trained with.
     *
     * @param readout a frame by its name ({@link Frames}) or as a file ({@code .json}), a head file, or {@code tokens} for the control tokens whatever else there is; null: nothing is named
     * @param controlTokens a mapping as {@link DecisionTokenFinder#find(GgufFile, Map)} takes it; empty: what the file tells
     * @throws dev.demur.gguf.GgufException if a head file is missing or damaged
     * @throws IllegalArgumentException if there is nothing to decide by, or a head is another model's; the message names the
     *     file and what is missing
     */
    public static Found find(GgufFile file, @Nullable String readout, Map<String, String> controlTokens) {
        if (readout == null ? !controlTokens.isEmpty() : readout.equals(DecisionTokens.KIND)) {
            return tokens(file, controlTokens);
        }
        if (readout != null && (Frames.names().contains(readout) || isFrameFile(readout))) {
            return words(Frames.names().contains(readout) ? Frames.named(readout) : FrameFile.read(Path.of(readout)));
        }
        if (readout != null) {
            return besides(file, Metadata.read(Path.of(readout)));
        }
        if (HeadFile.isIn(file.metadata())) {
            Head head = HeadFile.read(file.metadata()).head();
            return (model, template, kernel, processing) -> new HeadReadout(head, model, given(template));
        }
        Path beside = HeadFile.beside(file.path());
        return Files.exists(beside) ? besides(file, Metadata.read(beside)) : tokens(file, controlTokens);
    }

    private static ChatTemplate given(@Nullable ChatTemplate template) {
        return Objects.requireNonNull(template, "a head reads at a prompt that a chat template makes");
    }

    /** Whether a readout that is named is a frame in a file: heads are GGUF files. */
    private static boolean isFrameFile(String readout) {
        return readout.toLowerCase(Locale.ROOT).endsWith(".json");
    }

    private static Found words(Frame frame) {
        return new Found() {
            @Override
            public Readout on(
                    LlamaModel model, @Nullable ChatTemplate template, Kernel kernel, Processing processing) {
                return new WordsReadout(frame, model, template);
            }

            @Override
            public boolean hasOwnPrompt() {
                return !frame.needsTemplate();
            }
        };
    }

    private static Found tokens(GgufFile file, Map<String, String> controlTokens) {
        DecisionTokens tokens = DecisionTokenFinder.find(file, controlTokens).tokens();
        return (model, template, kernel, processing) -> new TokenReadout(tokens, kernel, processing);
    }

    /** A head in a file of its own, which was fitted on this model or on another quantisation of it. */
    private static Found besides(GgufFile file, Metadata keys) {
        HeadFile found = HeadFile.read(keys);
        HeadFacts facts = found.facts();
        if (!facts.base().equals(file.baseFingerprint())) {
            String name = facts.modelName();
            throw new IllegalArgumentException(keys.file() + ": was fitted on another model"
                    + (name == null ? "" : " (" + name + ")") + " than "
                    + file.path().getFileName()
                    + "; name that model, or fit a head on this one");
        }
        if (!facts.model().equals(file.fingerprint())) {
            warn(keys.file()
                    + " was fitted on another quantisation of the model: decisions near a threshold can differ, and"
                    + " promises hold for that one only. Fit or calibrate with this file to have them again.");
        }
        return new Found() {
            @Override
            public Readout on(
                    LlamaModel model, @Nullable ChatTemplate given, Kernel kernel, Processing processing) {
                ChatTemplate template = given(given);
                if (!template.nameOrText().equals(facts.template())) {
                    warn(keys.file()
                            + " was fitted with another chat template: its decisions and promises may not hold.");
                }
                return new HeadReadout(found.head(), model, template);
            }

            @Override
            public Metadata policies() {
                return keys;
            }
        };
    }

    private static void warn(String what) {
        System.getLogger(LOGGER).log(Level.WARNING, what);
    }
}
