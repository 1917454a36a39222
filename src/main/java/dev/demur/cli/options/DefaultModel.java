package dev.demur.cli.options;

import dev.demur.DemurException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The model that is used where none is named; looked for where {@code demur.home} says, else in the working folder. */
public final class DefaultModel {

    public static final String SMALL = "models/demur-small.gguf";
    public static final String TINY = "models/demur-tiny.gguf";

    private DefaultModel() {}

    public static Path find() {
        Path home = Home.folder();
        Path small = home.resolve(SMALL);
        if (Files.exists(small)) {
            return small;
        }
        Path tiny = home.resolve(TINY);
        if (Files.exists(tiny)) {
            return tiny;
        }
        throw new DemurException("there is no model: neither " + SMALL + " nor " + TINY + " exists in "
                + home.toAbsolutePath() + "; name one by --model FILE");
    }
}
