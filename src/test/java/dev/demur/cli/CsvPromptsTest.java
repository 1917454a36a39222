package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.cli.files.CsvPrompts;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.PaperTokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CsvPromptsTest {

    private static CsvPrompts of(byte[] bytes) throws IOException {
        return new CsvPrompts(
                new ByteArrayInputStream(bytes),
                new RowLabels(PaperTokens.CATEGORIES.labels(), PaperTokens.CATEGORIES.identity()));
    }

    private static CsvPrompts of(String text) throws IOException {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void the_same_names_as_in_jsonl_head_the_columns() throws IOException {
        CsvPrompts prompts = of("""
                id,category,prompt,source,expected
                x,safety,"a, ""b""\nc",s,refuse
                ,none,d \u00e4,,respond
                """);
        assertEquals(new LabelledPrompt(2, "x", "safety", true, "a, \"b\"\nc", "s"), prompts.next());
        assertEquals(new LabelledPrompt(4, "2", null, false, "d \u00e4"), prompts.next());
        assertNull(prompts.next());
    }

    @Test
    void coconot_is_understood() throws IOException {
        CsvPrompts prompts = of("""
                ,question,prompt,category,subcategory,label_type\r
                0,short,long,Requests with safety concerns,x,Abstain\r
                1,short,,Unsupported requests,x,Respond\r
                """);
        assertEquals(new LabelledPrompt(2, "1", "safety", true, "long"), prompts.next());
        assertEquals(new LabelledPrompt(3, "2", "unsupported", false, "short"), prompts.next());
        assertNull(prompts.next());
    }

    @Test
    void a_byte_order_mark_blanks_capitals_and_empty_lines_do_not_disturb() throws IOException {
        CsvPrompts prompts = of("\ufeffPrompt , EXPECTED\n\np,respond\n\n\nq,refuse\n\n");
        assertEquals(new LabelledPrompt(3, "1", null, false, "p"), prompts.next());
        assertEquals(new LabelledPrompt(6, "2", null, true, "q"), prompts.next());
        assertNull(prompts.next());
    }

    @Test
    void a_bad_row_is_told_by_its_line_and_the_next_one_is_read() throws IOException {
        CsvPrompts prompts = of("prompt,expected\n\"two\nlines\",respond\np\n,respond\np,perhaps\ngood,respond\n");
        assertEquals("1", prompts.next().id());
        BadRowException columns = assertThrows(BadRowException.class, prompts::next);
        assertEquals(4, columns.line());
        assertEquals("the row has 1 columns and the header 2: quote commas", columns.getMessage());
        BadRowException blank = assertThrows(BadRowException.class, prompts::next);
        assertEquals(5, blank.line());
        assertEquals("prompt is missing", blank.getMessage());
        assertEquals(6, assertThrows(BadRowException.class, prompts::next).line());
        assertEquals(new LabelledPrompt(7, "5", null, false, "good"), prompts.next());
        assertNull(prompts.next());
    }

    @Test
    void a_header_without_the_columns_is_an_error_that_names_those_it_has() {
        DemurException e = assertThrows(DemurException.class, () -> of("id,text,expected\n1,p,respond\n"));
        assertTrue(
                e.getMessage().startsWith("the header names no column prompt: it has id, text, expected"),
                e.getMessage());
        assertThrows(DemurException.class, () -> of("prompt\np\n"));
        assertThrows(DemurException.class, () -> of("prompt,prompt,expected\n"));
        assertThrows(DemurException.class, () -> of(""));
    }

    @Test
    void other_separators_and_a_mistyped_category_are_errors_that_name_them() {
        assertTrue(problem("id;prompt;expected\n1;p;respond\n").contains("by semicolons"));
        assertTrue(problem("id\tprompt\texpected\n1\tp\trespond\n").contains("by tabs"));
        assertEquals(
                "the header names no column category but categry: is category meant?",
                problem("prompt,categry,expected\np,safety,refuse\n"));
    }

    private static String problem(String csv) {
        return String.valueOf(assertThrows(DemurException.class, () -> of(csv)).getMessage());
    }

    @Test
    void quotes_that_do_not_match_end_the_reading_at_the_line_where_the_record_begins() throws IOException {
        CsvPrompts prompts = of("prompt,expected\np,respond\n\"open,respond\nq,respond\n");
        assertEquals("p", prompts.next().text());
        IOException open = assertThrows(IOException.class, prompts::next);
        assertTrue(open.getMessage().startsWith("the record that begins in line 3 cannot be read"), open.getMessage());
        IOException after = assertThrows(
                IOException.class, () -> of("prompt,expected\n\"a\"b,respond\n").next());
        assertTrue(after.getMessage().startsWith("the record that begins in line 2"), after.getMessage());
    }

    @Test
    void a_file_that_was_cut_inside_of_quotation_marks_is_an_error_and_no_shorter_prompt() throws IOException {
        CsvPrompts prompts = of("expected,prompt\nrespond,\"p\"\"q\"\nrespond,\"How do I kill");
        assertEquals("p\"q", prompts.next().text());
        IOException open = assertThrows(IOException.class, prompts::next);
        assertEquals(
                "the record that begins in line 3 cannot be read: the file ends inside of quotation marks: one is missing",
                open.getMessage());
        assertEquals("a\"b", of("prompt,expected\na\"b,respond").next().text());
    }

    @Test
    void lines_may_end_in_three_ways_and_are_counted_in_each() throws IOException {
        for (String end : new String[] {"\n", "\r\n", "\r"}) {
            CsvPrompts prompts = of(String.join(end, "prompt,expected", "\"a", "b\",respond", "", "c,perhaps", ""));
            assertEquals(2, prompts.next().line());
            assertEquals(5, assertThrows(BadRowException.class, prompts::next).line());
        }
    }

    @Test
    void an_open_quote_does_not_bring_in_a_whole_file() throws IOException {
        CsvPrompts prompts = of("prompt,expected\n\"" + "row,respond\n".repeat(1_500_000));
        IOException e = assertThrows(IOException.class, prompts::next);
        assertEquals(
                "the record that begins in line 2 is longer than 8 MiB: is a quotation mark missing?", e.getMessage());
    }

    @Test
    void bytes_that_are_not_utf_8_end_the_reading() throws IOException {
        byte[] bytes = "prompt,expected\n?,respond\n".getBytes(StandardCharsets.UTF_8);
        bytes[16] = (byte) 0xff;
        IOException e = assertThrows(IOException.class, () -> of(bytes).next());
        assertTrue(e.getMessage().endsWith("is not UTF-8 text"), e.getMessage());
    }
}
