package dev.demur.classloaders;

import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** A program that embeds Demur, loaded by a class loader of its own; the outside sees only the JDK's types. */
public final class Deployment implements UnaryOperator<String>, AutoCloseable {

    private final Demur demur;

    /**
     * Loads a model.
     *
     * @param model its file
     * @param llama a llama.cpp; empty for the default
     */
    public Deployment(String model, String llama) {
        LoadOptions options = LoadOptions.DEFAULTS.withThreads(1);
        demur = Demur.load(Path.of(model), llama.isEmpty() ? options : options.withLlama(Path.of(llama)));
    }

    /** What is decided and answered, in a line. */
    @Override
    public String apply(String prompt) {
        Generation answer =
                demur.generate(Request.of(List.of(Message.user(prompt)), GenerationOptions.DEFAULTS.withMaxTokens(4)));
        return answer.decision().kind() + " " + answer.decision().reading() + " " + answer.text();
    }

    @Override
    public void close() {
        demur.close();
    }
}
