package dev.demur.readout;

import dev.demur.arguments.Given;
import dev.demur.gguf.TokenType;
import java.util.List;

/**
 * The control tokens of a model, and how they were found.
 *
 * @param tokens the control tokens
 * @param source what named them
 * @param types the type of each in the vocabulary, in the order of {@link DecisionTokens#tokens()}
 */
public record FoundDecisionTokens(DecisionTokens tokens, Source source, List<TokenType> types) {

    /** What named the control tokens, in the order in which it is asked. */
    public enum Source {
        /** The caller. */
        MAPPING("the mapping given"),
        /** The file, under {@code demur.category.*} and {@code demur.respond_token}. */
        KEYS("the file's demur.* keys"),
        /** The known spellings, found in the vocabulary. */
        SPELLINGS("known spellings in the vocabulary");

        private final String description;

        Source(String description) {
            this.description = description;
        }

        /** As a person reads it, such as {@code the mapping given}. */
        public String description() {
            return description;
        }
    }

    public FoundDecisionTokens {
        Given.value(tokens, "tokens");
        Given.value(source, "source");
        types = Given.list(types, "types");
        if (types.size() != tokens.tokens().size()) {
            throw new IllegalArgumentException("types: has " + types.size() + " elements for "
                    + tokens.tokens().size() + " control tokens");
        }
    }
}
