package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.llama.ModelInfo;
import dev.langchain4j.exception.UnsupportedFeatureException;
import org.jspecify.annotations.Nullable;

/** What a model is called in LangChain4j. */
final class ModelName {

    private static final String ENDING = ".gguf";

    private ModelName() {}

    /** The given name, else that of the file of the model that answers, without its ending. */
    static String ofAnswering(@Nullable String given, Demur demur) {
        return given != null ? given : of(demur.model());
    }

    /** The given name, else that of the file of the model that decides, without its ending. */
    static String ofDeciding(@Nullable String given, Demur demur) {
        return given != null ? given : of(demur.decidingModel());
    }

    /**
     * Checks that a request means the loaded model.
     *
     * @param asked the name that it gives; null: none, which means this one
     */
    static void require(@Nullable String asked, String loaded) {
        if (asked != null && !asked.equals(loaded)) {
            throw new UnsupportedFeatureException("The parameter modelName is '" + asked
                    + "', and another model than the loaded one, '" + loaded
                    + "', is not supported: load that one and make a model of it");
        }
    }

    private static String of(ModelInfo model) {
        String file = String.valueOf(model.file().path().getFileName());
        return file.endsWith(ENDING) ? file.substring(0, file.length() - ENDING.length()) : file;
    }
}
