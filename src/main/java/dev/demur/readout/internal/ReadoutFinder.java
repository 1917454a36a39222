package dev.demur.readout.internal;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.Metadata;
import dev.demur.llama.Kernel;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.HeadFacts;
import dev.demur.readout.HeadFile;
import dev.demur.readout.NoReadoutException;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.Frames;
import dev.demur.readout.words.internal.FrameReader;
import dev.demur.readout.words.internal.FrameSpec;
import dev.demur.readout.words.internal.WordsReadout;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds what a model can be decided by: the one place that knows which readouts there are. */
public final class ReadoutFinder {

    /** The log that warnings go to: of a head that was fitted with something else than is used. */
    public static final String LOGGER = "dev.demur.readout";

    /** Makes a readout of a loaded model. */
    @FunctionalInterface
    public interface Maker {

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
    }

    /**
     * A readout that was found in a file, for when the model is loaded.
     *
     * @param labels what there will be numbers of
     * @param identity what tells it from others
     * @param policies the keys of the file whose {@code demur.policy} applies where no policy is given; null: none
     * @param maker makes it
     */
    public record Found(
            Labels labels,
            ReadoutIdentity identity,
            @Nullable Metadata policies,
            Maker maker) {}

    private ReadoutFinder() {}

    /**
     * What a model is decided by: what is named; else the control tokens that are mapped; else the head in its file; else
     * the head beside it ({@link HeadFile#beside}); else the control tokens that it was trained with.
     *
     * @param readout a frame by its name ({@link Frames}) or as a file ({@code .json}), a head file, or {@code tokens} for the control tokens whatever else there is; null: nothing is named
     * @param controlTokens a mapping as {@link DecisionTokenFinder#find(GgufFile, Map)} takes it; empty: what the file tells
     * @throws dev.demur.gguf.GgufException if a head file is missing or damaged
     * @throws NoReadoutException if there is nothing to decide by
     * @throws DemurException if a head is another model's; the message names the
     *     file and what is missing
     */
    public static Found find(GgufFile file, @Nullable String readout, Map<String, String> controlTokens) {
        if (readout == null ? !controlTokens.isEmpty() : readout.equals(DecisionTokens.KIND)) {
            return tokens(file, controlTokens);
        }
        FrameSpec frame = frame(readout);
        if (frame != null) {
            return of(frame);
        }
        Metadata head = HeadFile.find(file, readout);
        return head == null ? tokens(file, controlTokens) : head(file, head);
    }

    /**
     * The frame that is named; null where what is named is another file, or the control tokens.
     *
     * @throws dev.demur.readout.words.FrameException if there is neither a frame nor a file of this name
     */
    public static @Nullable FrameSpec frame(@Nullable String readout) {
        if (readout == null) {
            return null;
        }
        String name = readout.toLowerCase(Locale.ROOT);
        boolean isFile = name.endsWith(".json") || name.endsWith(".gguf") || Files.exists(Path.of(readout));
        if (!isFile && !readout.equals(DecisionTokens.KIND)) {
            return FrameSpec.of(Frames.named(readout));
        }
        // Heads are GGUF files.
        return name.endsWith(".json") ? FrameReader.read(Path.of(readout)) : null;
    }

    /** A frame as what decides. */
    public static Found of(Frame given) {
        FrameSpec frame = FrameSpec.of(given);
        return new Found(frame.labels(), frame.identity(), null, new Maker() {
            @Override
            public Readout on(LlamaModel model, @Nullable ChatTemplate template, Kernel kernel, Processing processing) {
                return new WordsReadout(frame, model, template);
            }

            @Override
            public boolean hasOwnPrompt() {
                return !frame.needsTemplate();
            }
        });
    }

    private static Found tokens(GgufFile file, Map<String, String> controlTokens) {
        DecisionTokens tokens = DecisionTokenFinder.find(file, controlTokens).tokens();
        return new Found(
                tokens.labels(),
                tokens.identity(),
                file.metadata(),
                (model, template, kernel, processing) -> new TokenReadout(tokens, kernel, processing));
    }

    private static Found head(GgufFile file, Metadata keys) {
        HeadFile found = HeadFile.read(keys);
        if (keys != file.metadata()) {
            requireFits(file, found.facts(), keys.file());
        }
        return new Found(found.head().labels(), found.head().identity(), keys, (model, given, kernel, processing) -> {
            ChatTemplate template =
                    Objects.requireNonNull(given, "a head reads at a prompt that a chat template makes");
            if (!template.nameOrText().equals(found.facts().template())) {
                warn(keys.file() + " was fitted with another chat template: its decisions and promises may not hold.");
            }
            return new HeadReadout(found.head(), model, template);
        });
    }

    /** A head in a file of its own was fitted on this model, or on another quantisation of it. */
    private static void requireFits(GgufFile file, HeadFacts facts, String name) {
        if (!facts.base().equals(file.baseFingerprint())) {
            String model = facts.modelName();
            throw new DemurException(name + ": was fitted on another model"
                    + (model == null ? "" : " (" + model + ")") + " than "
                    + file.path().getFileName()
                    + "; name that model, or fit a head on this one");
        }
        if (!facts.model().equals(file.fingerprint())) {
            warn(name
                    + " was fitted on another quantisation of this model, and its promises hold for that one only. From 4 to"
                    + " 8 bits 1 of 300 decisions changed, to a coarser 4 bits 20 of 300 (SmolLM2-135M-Instruct). Fit a head"
                    + " on this file, or calibrate on prompts that were scored with it.");
        }
    }

    private static void warn(String what) {
        System.getLogger(LOGGER).log(Level.WARNING, what);
    }
}
