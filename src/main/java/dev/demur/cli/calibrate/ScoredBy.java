package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.Metadata;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.HeadFile;
import dev.demur.readout.internal.ReadoutFinder;
import dev.demur.readout.words.internal.FrameSpec;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What scores were read by, for commands that run no model: {@code --readout} and {@code --decider} there say what must have
 * decided, so that one set of options serves a whole run.
 */
public final class ScoredBy {

    /** The options that these commands share with those that run a model. */
    public static final List<String> OPTIONS = List.of(ModelOptions.READOUT, ModelOptions.DECIDER);

    private ScoredBy() {}

    public static void addTo(CommandSpec spec) {
        spec.addOption(Options.value(
                        ModelOptions.READOUT,
                        "NAME|FILE|tokens",
                        "What the scores must have been read by, as demur score takes it: others are an error."))
                .addOption(Options.file(
                        ModelOptions.DECIDER,
                        "FILE",
                        "The GGUF model that the scores must be of: those of another one are an error."));
    }

    /**
     * Checks that scores were made with what the options name, if anything.
     *
     * @throws DemurException if they were not, or nothing tells
     */
    public static void require(Arguments arguments, ScoredPrompts prompts, Path scores) {
        String readout = arguments.text(ModelOptions.READOUT);
        Path decider = arguments.path(ModelOptions.DECIDER);
        if (readout == null && decider == null) {
            return;
        }
        ScoreMeta meta = prompts.meta()
                .orElseThrow(() -> new DemurException(scores + ": nothing tells what read these scores: leave out "
                        + String.join(" and ", OPTIONS) + ", or score the prompts again"));
        if (readout != null && !isReadBy(meta.readout(), identity(readout))) {
            throw new DemurException(scores + ": was read by " + shown(meta.readout()) + ", and "
                    + ModelOptions.READOUT + " " + readout + " is " + shown(identity(readout))
                    + ": score the prompts with that one");
        }
        if (decider != null && !meta.fingerprint().equals(GgufFile.read(decider).fingerprint())) {
            throw new DemurException(
                    scores + ": is of another model than " + decider + ": score the prompts with that one");
        }
    }

    private static boolean isReadBy(ReadoutIdentity scored, ReadoutIdentity named) {
        String checksum = named.checksum();
        return scored.kind().equals(named.kind()) && (checksum == null || checksum.equals(scored.checksum()));
    }

    /** Of control tokens only the kind is known without the model. */
    private static ReadoutIdentity identity(String readout) {
        FrameSpec frame = ReadoutFinder.frame(readout);
        if (frame != null) {
            return frame.identity();
        }
        return readout.equals(DecisionTokens.KIND)
                ? new ReadoutIdentity(DecisionTokens.KIND, null, Map.of())
                : HeadFile.read(Metadata.read(Path.of(readout))).head().identity();
    }

    private static String shown(ReadoutIdentity readout) {
        @Nullable String checksum = readout.checksum();
        return readout.kind() + (checksum == null ? "" : " " + checksum);
    }
}
