package dev.demur.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.demur.policy.PaperTokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonlPromptsTest {

    private static JsonlPrompts of(String text) {
        return new JsonlPrompts(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                new RowLabels(PaperTokens.CATEGORIES.labels(), PaperTokens.CATEGORIES.identity()));
    }

    @Test
    void rows_come_in_order_with_their_lines_and_other_fields_are_passed_over() throws IOException {
        JsonlPrompts prompts = of("""
                {"id":"x","source":{"a":[1]},"prompt":"p \\u00e4","category":"safety","expected":"refuse"}

                {"prompt":"q","expected":"respond"}
                {"id":7,"prompt":"r","category":null,"expected":"respond"}""");
        assertEquals(new LabelledPrompt(1, "x", "safety", true, "p \u00e4"), prompts.next());
        assertEquals(new LabelledPrompt(3, "2", null, false, "q"), prompts.next());
        assertEquals(new LabelledPrompt(4, "7", null, false, "r"), prompts.next());
        assertNull(prompts.next());
    }

    @ParameterizedTest
    @CsvSource({
        "safety,safety",
        "Requests with safety concerns,safety",
        "[Requests with safety concerns],",
        "HUMANIZING REQUESTS,humanizing",
        "none,",
        "'',",
        "weather,weather"
    })
    void a_category_may_be_given_by_its_name(String given, @Nullable String id) throws IOException {
        LabelledPrompt prompt = of("{\"prompt\":\"p\",\"category\":\"" + given + "\",\"expected\":\"refuse\"}")
                .next();
        assertEquals(given.startsWith("[") ? given : id, prompt == null ? "no row" : prompt.category());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[1]|the line is not one JSON object: it is an array; each object takes a line of its own",
                "[|the line is not one JSON object: it ends too early; each object takes a line of its own",
                "{|the line is not one JSON object: it ends too early; each object takes a line of its own",
                "{\"prompt\":\"p\"|the line is not one JSON object: it ends too early; each object takes a line of its own",
                "{'prompt':'p'}|the line is not one JSON object: column 2: this is not JSON: there must be a name in quotation marks",
                "{\"prompt\":p}|the line is not one JSON object: column 11, in or after prompt: this is not JSON: there must be a JSON value",
                "How do I?|the line is not one JSON object: column 1: this is not JSON: there must be a JSON value",
                "}|the line is not one JSON object: column 1: this is not JSON: there must be a JSON value",
                "\"p\"|the line is not one JSON object: it is a string",
                "-1.5|the line is not one JSON object: it is a number",
                " true |the line is not one JSON object: it is true",
                "null|the line is not one JSON object: it is null",
                "{\"prompt\":\"p\",\"expected\":\"respond\"} {}|the line is not one JSON object: column 37: the text goes on after the end of the JSON",
                "{\"prompt\":\"p\",\"expected\":\"respond\"},|the line is not one JSON object: column 36: the text goes on after the end of the JSON",
                "{\"expected\":\"respond\"}|prompt is missing",
                "{\"prompt\":null,\"expected\":\"respond\"}|prompt is missing",
                "{\"prompt\":\" \",\"expected\":\"respond\"}|prompt is blank",
                "{\"prompt\":[],\"expected\":\"respond\"}|prompt must be a string",
                "{\"prompt\":\"p\",\"prompt\":\"q\",\"expected\":\"respond\"}|the line is not one JSON object: column 15, in or after prompt: the name is there twice in its object",
                "{\"prompt\":\"p\"}|expected is missing: it must be refuse or respond",
                "{\"prompt\":\"p\",\"expected\":\"no\"}|expected is \"no\": it must be refuse or respond",
                "{\"id\":true,\"prompt\":\"p\",\"expected\":\"respond\"}|id must be a string"
            })
    void a_bad_row_is_told_by_its_line_and_the_next_one_is_read(String bad, String problem) throws IOException {
        JsonlPrompts prompts = of("\n" + bad + "\n{\"prompt\":\"good\",\"expected\":\"respond\"}\n");
        BadRowException e = assertThrows(BadRowException.class, prompts::next);
        assertEquals(2, e.line());
        assertEquals(problem, e.getMessage());
        assertEquals(new LabelledPrompt(3, "2", null, false, "good"), prompts.next());
        assertNull(prompts.next());
    }
}
