package dev.demur.cli.options;

import dev.demur.DemurException;
import dev.demur.cli.files.FileKind;
import dev.demur.cli.files.WholeFile;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.scoring.ScoreMeta;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a policy is to be written; asked before the work, so that nothing is computed for a place that cannot take it. */
public record PolicyPlace(Path file) {

    /**
     * The place, if a policy may be written there.
     *
     * @throws DemurException if something is there that is no policy file, or no folder to write into
     */
    public static PolicyPlace of(Path out) {
        FileKind.requireWritable(out);
        if (Files.exists(out)) {
            requirePolicy(out);
        }
        return new PolicyPlace(out);
    }

    /**
     * The place, if a policy may be written there.
     *
     * @throws UsageException if it is the score file or its meta file
     * @throws DemurException if something is there that is no policy file, or no folder to write into
     */
    public static PolicyPlace of(Path out, Path scores) {
        if (FileKind.isSame(out, scores) || FileKind.isSame(out, ScoreMeta.beside(scores))) {
            throw new UsageException("--out " + out + " would replace the scores: name another file");
        }
        return of(out);
    }

    private static void requirePolicy(Path out) {
        try {
            PolicyFile.read(out);
        } catch (PolicyException e) {
            throw new DemurException(
                    out + ": is there already and is no policy, so it is not replaced: name another file", e);
        }
    }

    public void write(byte[] policy) {
        WholeFile.write(file, policy);
    }
}
