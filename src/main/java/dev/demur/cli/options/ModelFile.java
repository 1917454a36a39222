package dev.demur.cli.options;

import dev.demur.gguf.GgufFile;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.internal.OwnPolicy;
import dev.demur.readout.internal.ReadoutFinder;
import java.nio.file.Path;

/**
 * A model that is read and not run: what it is decided by, and the policies that it comes with.
 *
 * @param path the file
 * @param labels what it decides between
 * @param readout what the numbers come from
 * @param policies its own
 */
public record ModelFile(Path path, Labels labels, ReadoutIdentity readout, OwnPolicy policies) {

    /** The model that {@link ModelOptions#addFileTo} has named. */
    public static ModelFile of(Arguments arguments) {
        Path named = arguments.path("--model");
        GgufFile file = GgufFile.read(named != null ? named : DefaultModel.find());
        ReadoutFinder.Found found =
                ReadoutFinder.find(file, arguments.text(ModelOptions.READOUT), ModelOptions.controlTokens(arguments));
        OwnPolicy policies = new OwnPolicy(found.policies(), found.labels(), found.identity());
        return new ModelFile(file.path(), found.labels(), found.identity(), policies);
    }
}
