package dev.demur.readout.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.gguf.TokenType;
import dev.demur.policy.Category;
import dev.demur.readout.FoundDecisionTokens;
import dev.demur.readout.NoReadoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecisionTokenFinderTest {

    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int NORMAL = 1;

    @TempDir
    private Path folder;

    @Test
    void the_papers_tokens_are_known_in_both_kinds_of_vocabulary() {
        for (GgufBuilder builder : List.of(MicroLlama.bytePair(1), MicroLlama.sentencePiece(1))) {
            GgufFile file = read(builder);
            FoundDecisionTokens found = DecisionTokenFinder.find(file);
            assertEquals(FoundDecisionTokens.Source.SPELLINGS, found.source());
            List<String> texts = new ArrayList<>();
            for (int id : found.tokens().ids()) {
                texts.add(file.tokenText(id));
            }
            assertEquals(MicroLlama.CONTROL_TOKENS, texts);
            assertEquals(Collections.nCopies(6, TokenType.CONTROL), found.types());
            assertEquals(
                    List.of("humanizing", "incomplete", "indeterminate", "safety", "unsupported"),
                    found.tokens().labels().categories().stream()
                            .map(Category::id)
                            .toList());
            assertEquals(
                    "Requests with safety concerns",
                    found.tokens().labels().categories().get(3).name());
        }
    }

    @Test
    void a_model_with_one_refusal_token_has_the_category_refuse() {
        FoundDecisionTokens found = DecisionTokenFinder.find(vocabulary("gpt2", CONTROL, "[refuse]", "[respond]"));
        assertEquals("refuse", found.tokens().labels().categories().get(0).id());
        assertArrayEquals(new int[] {16, 17}, found.tokens().ids());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                " [refuse]|[respond] ",
                "  [refuse]  |[respond]",
                "\u2581[refuse]|\u2581[respond]\u2581",
                "\u0120[refuse]|[respond]\u0120",
            })
    void surrounding_spaces_in_the_vocabulary_do_not_matter(String refuse, String respond) {
        FoundDecisionTokens found = DecisionTokenFinder.find(vocabulary("gpt2", CONTROL, refuse, respond));
        assertArrayEquals(new int[] {16, 17}, found.tokens().ids());
    }

    @ParameterizedTest
    @CsvSource({"llama, [Z\u2581a], 1", "llama, [Z a], 4", "gpt2, [Z\u0120a], 1", "gpt2, [Z a], 3"})
    void inner_spaces_are_found_as_the_vocabulary_spells_them(String model, String text, int type) {
        GgufFile file = vocabulary(model, type, text, "[respond]");
        FoundDecisionTokens found = DecisionTokenFinder.find(file, mapping("z", "[Z a]", "respond", " [respond] "));
        assertArrayEquals(new int[] {16, 17}, found.tokens().ids());
        assertEquals(FoundDecisionTokens.Source.MAPPING, found.source());
        assertEquals("Z a", found.tokens().labels().categories().get(0).name());
    }

    @Test
    void bytes_are_spelled_as_gpt2_spells_them() {
        GgufFile file = vocabulary("gpt2", NORMAL, "[\u00c3\u00a9]", "[respond]");
        FoundDecisionTokens found = DecisionTokenFinder.find(file, mapping("e", "[\u00e9]", "respond", "[respond]"));
        assertEquals(16, found.tokens().token(0));
    }

    @Test
    void a_mapping_goes_before_keys_and_keys_before_spellings() {
        GgufFile file = read(withKeys(MicroLlama.bytePair(1)));
        assertEquals(
                FoundDecisionTokens.Source.KEYS, DecisionTokenFinder.find(file).source());
        assertEquals(
                "A",
                DecisionTokenFinder.find(file)
                        .tokens()
                        .labels()
                        .categories()
                        .get(0)
                        .name());
        FoundDecisionTokens mapped = DecisionTokenFinder.find(
                file, mapping("respond", "[respond]", "safety", "[Unsupported requests]", "x", "<|im_start|>"));
        assertArrayEquals(new int[] {7, 1, 8}, mapped.tokens().ids());
        assertEquals(
                "Requests with safety concerns",
                mapped.tokens().labels().categories().get(0).name());
        assertEquals(
                "<|im_start|>", mapped.tokens().labels().categories().get(1).name());
    }

    @Test
    void display_names_may_be_missing() {
        FoundDecisionTokens found =
                DecisionTokenFinder.find(read(withKeys(MicroLlama.bytePair(1)).remove("demur.category.names")));
        assertEquals(
                "Humanizing requests",
                found.tokens().labels().categories().get(0).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"demur.category.ids", "demur.category.tokens", "demur.respond_token"})
    void a_missing_key_is_named(String key) {
        refused(
                withKeys(MicroLlama.bytePair(1)).remove(key),
                "has some of the keys that name control tokens, but not " + key);
    }

    @Test
    void keys_of_different_lengths_are_an_error() {
        refused(
                withKeys(MicroLlama.bytePair(1)).strings("demur.category.ids", List.of("a")),
                "demur.category.ids has 1 elements, demur.category.tokens 2 and demur.category.names 2");
        refused(
                withKeys(MicroLlama.bytePair(1)).strings("demur.category.names", List.of("a")),
                "demur.category.ids has 2 elements, demur.category.tokens 2 and demur.category.names 1");
        refused(
                withKeys(MicroLlama.bytePair(1))
                        .strings("demur.category.ids", List.of())
                        .strings("demur.category.tokens", List.of())
                        .remove("demur.category.names"),
                "There must be at least one category");
    }

    @ParameterizedTest
    @ValueSource(strings = {"respond", "none", "sum"})
    void reserved_ids_are_errors(String id) {
        refused(
                withKeys(MicroLlama.bytePair(1)).strings("demur.category.ids", List.of("a", id)),
                "\"" + id + "\" is reserved and names no category");
    }

    @Test
    void ids_or_tokens_named_twice_are_errors() {
        refused(
                withKeys(MicroLlama.bytePair(1)).strings("demur.category.ids", List.of("a", "a")),
                "Two categories have the id \"a\"");
        refused(
                withKeys(MicroLlama.bytePair(1)).string("demur.respond_token", "[Humanizing requests]"),
                "Two control tokens have the text \"[Humanizing requests]\"");
    }

    @Test
    void tokens_that_the_keys_name_but_the_vocabulary_lacks_are_named() {
        refused(
                withKeys(MicroLlama.bytePair(1))
                        .strings("demur.category.tokens", List.of("[Gone]", "[Incomplete requests]"))
                        .string("demur.respond_token", " [reply]"),
                "has no token spelled [Gone] nor [reply], which the file's demur.* keys name");
    }

    @Test
    void keys_that_name_thousands_of_tokens_are_an_error_of_one_line() {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 1024; i++) {
            texts.add("x".repeat(9000) + i);
        }
        GgufBuilder builder = MicroLlama.bytePair(1)
                .strings("demur.category.ids", texts)
                .strings("demur.category.tokens", texts)
                .string("demur.respond_token", "[respond]");
        String missing =
                String.valueOf(assertThrows(DemurException.class, () -> DecisionTokenFinder.find(read(builder)))
                        .getMessage());
        assertTrue(missing.contains(" nor 1016 others, which "), missing);
        assertTrue(missing.length() < 1200, missing);
        texts.add("y");
        refused(
                builder.strings("demur.category.ids", texts).strings("demur.category.tokens", texts),
                "demur.category.ids names 1025 categories, more than the 1024 that a model can have");
    }

    @Test
    void a_mapping_without_the_respond_token_is_an_error() {
        assertMessage(
                mapping("safety", "[respond]"),
                "the mapping given names no respond token; add one under the id respond");
    }

    @Test
    void tokens_that_a_mapping_names_but_the_vocabulary_lacks_are_named() {
        assertMessage(
                mapping("safety", "[nope]", "respond", "[respond]"),
                "has no token spelled [nope], which the mapping given names; give a mapping");
    }

    @Test
    void a_blank_token_in_a_mapping_is_an_error() {
        assertMessage(
                mapping("safety", " ", "respond", "[respond]"), "a category of its control tokens: token: is blank");
    }

    @Test
    void some_of_the_papers_tokens_without_the_others_are_an_error_that_names_the_others() {
        DemurException e = assertThrows(
                DemurException.class,
                () -> DecisionTokenFinder.find(
                        vocabulary("gpt2", CONTROL, "[Humanizing requests]", "[Incomplete requests]")));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("no token spelled [Indeterminate requests] nor [Requests with safety"), message);
        assertTrue(message.contains("[respond]"), message);
    }

    @Test
    void a_model_without_control_tokens_is_told_what_was_looked_for() {
        DemurException e = assertThrows(
                NoReadoutException.class,
                () -> DecisionTokenFinder.find(vocabulary("gpt2", CONTROL, "[respond]", "<|im_end|>")));
        String message = String.valueOf(e.getMessage());
        for (String part : List.of(
                "model.gguf: has no control tokens to decide by",
                "make a head for it (HeadFitter)",
                "demur.category.ids",
                "[Humanizing requests]",
                "[refuse]",
                "take the readout ask",
                "give a mapping from category ids",
                "LoadOptions.withControlTokens")) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void of_two_spellings_the_exact_one_is_meant() {
        GgufFile file = vocabulary("gpt2", CONTROL, " [respond]", "[respond]", "[refuse]");
        assertEquals(17, DecisionTokenFinder.find(file).tokens().token(1));
        FoundDecisionTokens spaced =
                DecisionTokenFinder.find(file, mapping("refuse", "[refuse]", "respond", " [respond]"));
        assertEquals(16, spaced.tokens().token(1));
    }

    @Test
    void of_two_inexact_spellings_the_control_token_is_meant() {
        GgufBuilder builder = builder("gpt2", List.of("\u0120[respond]", " [respond]", "[refuse]"));
        List<Integer> types = new ArrayList<>(Collections.nCopies(16, NORMAL));
        types.addAll(List.of(NORMAL, CONTROL, USER_DEFINED));
        FoundDecisionTokens found = DecisionTokenFinder.find(read(builder.i32s("tokenizer.ggml.token_type", types)));
        assertArrayEquals(new int[] {18, 17}, found.tokens().ids());
        assertEquals(List.of(TokenType.USER_DEFINED, TokenType.CONTROL), found.types());
    }

    @Test
    void two_inexact_spellings_of_one_type_are_an_error_that_names_both() {
        DemurException e = assertThrows(
                DemurException.class,
                () -> DecisionTokenFinder.find(vocabulary("gpt2", CONTROL, " [respond]", "[respond] ", "[refuse]")));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.contains("has the tokens 16 (\" [respond]\") and 17 (\"[respond] \")"), message);
    }

    private static GgufBuilder withKeys(GgufBuilder builder) {
        return builder.strings("demur.category.ids", List.of("humanizing", "other"))
                .strings("demur.category.tokens", List.of("[Humanizing requests]", "[Incomplete requests]"))
                .strings("demur.category.names", List.of("A", "B"))
                .string("demur.respond_token", "[respond]");
    }

    private static Map<String, String> mapping(String... idsAndTexts) {
        Map<String, String> mapping = new LinkedHashMap<>();
        for (int i = 0; i < idsAndTexts.length; i += 2) {
            mapping.put(idsAndTexts[i], idsAndTexts[i + 1]);
        }
        return mapping;
    }

    /** 16 ordinary tokens, then these, all of one type. */
    private GgufFile vocabulary(String model, int type, String... tokens) {
        List<Integer> types = new ArrayList<>(Collections.nCopies(16, NORMAL));
        types.addAll(Collections.nCopies(tokens.length, type));
        return read(builder(model, List.of(tokens)).i32s("tokenizer.ggml.token_type", types));
    }

    private static GgufBuilder builder(String model, List<String> tokens) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            all.add("ordinary" + i);
        }
        all.addAll(tokens);
        return new GgufBuilder()
                .string("general.architecture", "llama")
                .string("tokenizer.ggml.model", model)
                .strings("tokenizer.ggml.tokens", all);
    }

    private void refused(GgufBuilder builder, String message) {
        GgufFile file = read(builder);
        assertMessage(assertThrows(DemurException.class, () -> DecisionTokenFinder.find(file)), message);
    }

    private void assertMessage(Map<String, String> mapping, String message) {
        GgufFile file = read(MicroLlama.bytePair(1));
        assertMessage(assertThrows(DemurException.class, () -> DecisionTokenFinder.find(file, mapping)), message);
    }

    private static void assertMessage(DemurException e, String message) {
        String text = String.valueOf(e.getMessage());
        assertTrue(text.startsWith("model.gguf: ") && text.contains(message), text);
    }

    private GgufFile read(GgufBuilder builder) {
        return GgufFile.read(builder.write(folder.resolve("model.gguf")));
    }
}
