package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopScannerTest {

    private static String delivered(StopScanner scanner, String... pieces) {
        StringBuilder text = new StringBuilder();
        for (String piece : pieces) {
            text.append(scanner.add(piece));
        }
        return text.append(scanner.finish()).toString();
    }

    @Test
    void a_stop_string_cut_into_pieces_ends_the_text_before_it() {
        StopScanner scanner = new StopScanner(List.of("###"));
        assertEquals("a", scanner.add("a#"));
        assertEquals("", scanner.add("#"));
        assertFalse(scanner.found());
        assertEquals("", scanner.add("# more"));
        assertTrue(scanner.found());
        assertEquals("", scanner.add("and more"));
        assertEquals("", scanner.finish());
    }

    @Test
    void what_turns_out_to_be_no_stop_string_is_delivered() {
        StopScanner scanner = new StopScanner(List.of("###"));
        assertEquals("a", scanner.add("a##"));
        assertEquals("##b", scanner.add("b"));
        assertEquals("", scanner.add("#"));
        assertEquals("#", scanner.finish());
    }

    @Test
    void a_stop_string_that_begins_within_a_false_start_is_found() {
        assertEquals("a", delivered(new StopScanner(List.of("aab")), "a", "a", "a", "b"));
    }

    @Test
    void the_stop_string_that_is_complete_first_counts_and_then_the_longest() {
        assertEquals(
                "x", delivered(new StopScanner(List.of("abcd", "b")), "xabcd").substring(0, 1));
        assertEquals("xa", delivered(new StopScanner(List.of("abcd", "b")), "xabcd"));
        assertEquals("x", delivered(new StopScanner(List.of("b", "ab")), "xab"));
    }

    @Test
    void an_emoji_that_shares_its_first_half_with_a_stop_string_stays_whole() {
        StopScanner scanner = new StopScanner(List.of("\uD83D\uDE42!"));
        assertEquals("\uD83D\uDE00", scanner.add("\uD83D\uDE00"));
        assertEquals("", scanner.add("\uD83D\uDE42"));
        assertEquals("\uD83D\uDE42?", scanner.add("?"));
    }

    @Test
    void without_stop_strings_text_passes() {
        assertEquals("abc", new StopScanner(List.of()).add("abc"));
    }

    @Test
    void random_texts_cut_anywhere_end_where_a_search_of_the_whole_finds_the_first_stop_string() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            String text = letters(random, 30);
            List<String> stops = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                stops.add(letters(random, 4) + "a");
            }
            StopScanner scanner = new StopScanner(stops);
            StringBuilder delivered = new StringBuilder();
            String expected = expected(text, stops);
            for (int from = 0; from < text.length(); ) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(5));
                delivered.append(scanner.add(text.substring(from, to)));
                if (!scanner.found()) {
                    String held = text.substring(delivered.length(), to);
                    assertTrue(
                            held.isEmpty() || stops.stream().anyMatch(stop -> stop.startsWith(held)),
                            "'" + held + "' is kept back, seed " + seed);
                }
                assertTrue(expected.startsWith(delivered.toString()), "seed " + seed);
                from = to;
            }
            assertEquals(expected, delivered.append(scanner.finish()).toString(), "seed " + seed);
            assertEquals(stops.stream().anyMatch(text::contains), scanner.found(), "seed " + seed);
        }
    }

    private static String letters(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most); i > 0; i--) {
            text.append("abc".charAt(random.nextInt(3)));
        }
        return text.toString();
    }

    /** Reads the text letter by letter until it ends with a stop string. */
    private static String expected(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String read = text.substring(0, end);
            int longest = stops.stream()
                    .filter(read::endsWith)
                    .mapToInt(String::length)
                    .max()
                    .orElse(-1);
            if (longest >= 0) {
                return read.substring(0, end - longest);
            }
        }
        return text;
    }
}
