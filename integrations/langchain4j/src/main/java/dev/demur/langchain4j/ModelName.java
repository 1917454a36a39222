package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.llama.ModelInfo;
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

    private static String of(ModelInfo model) {
        String file = String.valueOf(model.file().path().getFileName());
        return file.endsWith(ENDING) ? file.substring(0, file.length() - ENDING.length()) : file;
    }
}
