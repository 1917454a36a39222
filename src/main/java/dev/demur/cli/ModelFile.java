package dev.demur.cli;

import dev.demur.gguf.GgufFile;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.DecisionTokenFinder;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.OwnPolicy;
import java.nio.file.Path;

/**
 * A model that is read and not run: what it is decided by, and the policies that it comes with.
 *
 * @param path the file
 * @param labels what it decides between
 * @param readout what the numbers come from
 * @param policies its own
 */
record ModelFile(Path path, Labels labels, ReadoutIdentity readout, OwnPolicy policies) {

    /** The model that {@link ModelOptions#addFileTo} has named. */
    static ModelFile of(Arguments arguments) {
        Path named = arguments.path("--model");
        GgufFile file = GgufFile.read(named != null ? named : DefaultModel.find());
        DecisionTokens tokens = DecisionTokenFinder.find(file, ModelOptions.controlTokens(arguments))
                .tokens();
        OwnPolicy policies = new OwnPolicy(
                file::string, String.valueOf(file.path().getFileName()), tokens.labels(), tokens.identity());
        return new ModelFile(file.path(), tokens.labels(), tokens.identity(), policies);
    }
}
