package dev.demur.inspect;

import dev.demur.arguments.Given;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TokenType;
import dev.demur.llama.TemplateMarkers;
import dev.demur.readout.FoundDecisionTokens;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a model file tells about itself, without llama.cpp and without its weights.
 *
 * @param file the file's name
 * @param fileSize bytes, of all parts of a split model together
 * @param version of the GGUF container
 * @param architecture as {@code llama}
 * @param name the model's own name, null where the file has none
 * @param weights its tensors
 * @param contextLength the tokens that it was trained for, empty where the file does not say
 * @param layers its blocks, likewise
 * @param embeddingLength the width of its residual stream, likewise
 * @param vocabulary its tokens
 * @param controlTokens its control tokens, null where they were not found
 * @param controlTokenProblem why they were not found, null where they were
 * @param template its chat template, null where it has none
 * @param carriesPolicy whether it has a policy under {@code demur.policy}
 * @param warnings what a user should know, a sentence each
 */
public record Inspection(
        String file,
        long fileSize,
        int version,
        String architecture,
        @Nullable String name,
        Weights weights,
        OptionalLong contextLength,
        OptionalLong layers,
        OptionalLong embeddingLength,
        Vocabulary vocabulary,
        @Nullable FoundDecisionTokens controlTokens,
        @Nullable String controlTokenProblem,
        @Nullable Template template,
        boolean carriesPolicy,
        List<String> warnings) {

    /**
     * A model's tensors.
     *
     * @param tensors how many there are
     * @param parameters how many elements they have together
     * @param types the number of tensors of each type, the most frequent first; {@code type 99} for an unknown one
     */
    public record Weights(int tensors, long parameters, Map<String, Integer> types) {
        public Weights {
            types = ordered(Given.value(types, "types"));
        }
    }

    /**
     * A model's vocabulary.
     *
     * @param model the kind of tokenizer, as {@code gpt2}; null where the file has none
     * @param pre the pre-tokenizer, as {@code smollm}; null where the file has none
     * @param size the number of tokens
     * @param specialIds token ids by role, such as {@code bos} and {@code eos}
     * @param types how many tokens there are of each type, those that occur
     */
    public record Vocabulary(
            @Nullable String model,
            @Nullable String pre,
            int size,
            Map<String, Long> specialIds,
            Map<TokenType, Integer> types) {
        public Vocabulary {
            specialIds = ordered(Given.value(specialIds, "specialIds"));
            types = ordered(Given.value(types, "types"));
        }
    }

    /**
     * A model's chat template.
     *
     * @param length in characters
     * @param firstLine its first line that is not blank
     * @param markers whether messages are set apart by special tokens; the promise that no message text can be taken
     *     for a template's token holds only then
     */
    public record Template(int length, String firstLine, TemplateMarkers markers) {
        public Template {
            Given.value(firstLine, "firstLine");
            Given.value(markers, "markers");
        }
    }

    public Inspection {
        Given.value(file, "file");
        Given.value(architecture, "architecture");
        Given.value(weights, "weights");
        Given.value(contextLength, "contextLength");
        Given.value(layers, "layers");
        Given.value(embeddingLength, "embeddingLength");
        Given.value(vocabulary, "vocabulary");
        warnings = Given.list(warnings, "warnings");
    }

    /** What a file tells, its control tokens by its keys, else by the known spellings in its vocabulary. */
    public static Inspection of(GgufFile file) {
        return of(file, Map.of());
    }

    /**
     * What a file tells, its control tokens by a mapping.
     *
     * @param mapping as {@link dev.demur.LoadOptions#controlTokens} has it; empty for what the file tells
     */
    public static Inspection of(GgufFile file, Map<String, String> mapping) {
        Given.value(file, "file");
        Given.value(mapping, "mapping");
        return new Inspector(file, mapping).inspect();
    }

    private static <K, V> Map<K, V> ordered(Map<K, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
