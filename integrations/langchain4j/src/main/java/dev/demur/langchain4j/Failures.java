package dev.demur.langchain4j;

import dev.demur.DemurException;
import dev.demur.NativeLoadException;
import dev.demur.llama.LlamaException;
import dev.langchain4j.exception.InvalidRequestException;
import java.util.function.Supplier;

/** What a request is to blame for, as LangChain4j has it: an exception that no retry helps against. */
final class Failures {

    private Failures() {}

    /** Does something; what is wrong with the request becomes an {@link InvalidRequestException}. */
    static <T> T ofRequest(String before, Supplier<T> work) {
        try {
            return work.get();
        } catch (LlamaException | NativeLoadException e) {
            throw e; // of the machine, not of the request
        } catch (DemurException | IllegalArgumentException e) {
            throw new InvalidRequestException(before + e.getMessage(), e);
        }
    }
}
