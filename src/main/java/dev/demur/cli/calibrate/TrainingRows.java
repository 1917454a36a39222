package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Terminal;
import dev.demur.dataset.PromptHash;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.Metadata;
import dev.demur.readout.HeadFile;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Rows that a head was fitted on: it scores them better than fresh ones, so that what is promised or measured on them does not
 * hold.
 */
public final class TrainingRows {

    private static final String ALLOW = "--allow-training-rows";

    private TrainingRows() {}

    public static OptionSpec allowOption() {
        return Options.flag(
                ALLOW,
                "Takes rows that the head which scored them was fitted on. Without it they are an error, because on them it is"
                        + " better than on any others.");
    }

    /** Tells whether a prompt is among those that what decides was fitted on. */
    public static Predicate<String> of(GgufFile model, @Nullable String readout) {
        Metadata keys = HeadFile.find(model, readout);
        if (keys == null) {
            return prompt -> false;
        }
        long[] hashes = HeadFile.read(keys).facts().trainedOn();
        Arrays.sort(hashes);
        return prompt -> Arrays.binarySearch(hashes, PromptHash.leading(prompt)) >= 0;
    }

    /**
     * Checks that none of the rows was fitted on, or that they are allowed, which is a warning.
     *
     * @throws DemurException if there are such rows
     */
    public static void require(ScoredPrompts prompts, Path scores, Arguments arguments, Terminal terminal) {
        int fitted = prompts.fitted();
        if (fitted == 0) {
            return;
        }
        String what = scores + ": the head was fitted on "
                + (fitted == prompts.size() ? "all" : fitted + " of the " + prompts.size())
                + " rows, and on these it is better than on any others";
        if (!arguments.has(ALLOW)) {
            throw new DemurException(
                    what + ": score other prompts, or give " + ALLOW + " and trust no number that comes out");
        }
        Warning.show(terminal, what);
    }
}
