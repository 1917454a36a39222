package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.terminal.WordWrap;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordWrapTest {

    private static String wrapped(int width, String... pieces) {
        StringBuilder out = new StringBuilder();
        WordWrap wrap = new WordWrap(() -> width, out::append);
        for (String piece : pieces) {
            wrap.text(piece);
        }
        wrap.end();
        return out.toString();
    }

    @Test
    void words_stay_whole_at_the_edge_however_they_come_in_pieces() {
        String text = "The quick brown fox jumps over it";
        String lines = "The quick\nbrown fox\njumps over\nit";
        assertEquals(lines, wrapped(10, text));
        assertEquals(lines, wrapped(10, text.split("")));
        assertEquals(lines, wrapped(10, "The qu", "ick brown f", "ox jumps ov", "er it"));
    }

    @Test
    void line_ends_indentation_and_spaces_within_a_line_stay() {
        assertEquals("a:\n\n    b   c\n  d", wrapped(12, "a:\n\n    b   c\n  d"));
        assertEquals("0123456789\nx", wrapped(10, "0123456789 x"));
        assertEquals("0123456789\nx", wrapped(10, "0123456789\nx"));
        assertEquals("012345\n\tx", wrapped(10, "012345\n\tx"));
        assertEquals("0123456\tx\nyy", wrapped(10, "0123456\tx yy"));
        assertEquals("01234567\nx", wrapped(10, "01234567\tx"));
    }

    @Test
    void a_word_longer_than_a_line_is_cut_there_and_begins_one_of_its_own() {
        assertEquals("see\nabcdefghij\nklmno x", wrapped(10, "see abcdefghijklmno x"));
    }

    @Test
    void wide_characters_take_two_columns_and_combining_ones_none() {
        assertEquals("\u6f22\u5b57\u6f22\u5b57\u6f22\n\u5b57", wrapped(10, "\u6f22\u5b57\u6f22\u5b57\u6f22\u5b57"));
        assertEquals("\u6f22\u5b57\u6f22\u5b57a\n\u6f22", wrapped(10, "\u6f22\u5b57\u6f22\u5b57a\u6f22"));
        assertEquals("\u6f22\u5b57\u6f22\u5b57\n\u6f22\u3002", wrapped(10, "\u6f22\u5b57\u6f22\u5b57\u6f22\u3002"));
        String accented = "e\u0301".repeat(10);
        assertEquals(accented + "\n" + accented, wrapped(10, accented + " " + accented));
        String emoji = "\ud83d\ude42";
        assertEquals(emoji.repeat(5) + "\n" + emoji, wrapped(10, emoji.repeat(6)));
    }

    @Test
    void nothing_is_broken_where_the_width_is_unknown_or_tiny() {
        assertEquals("a b  c\nd ", wrapped(0, "a b", "  c\nd "));
        assertEquals("aaa bbb", wrapped(5, "aaa bbb"));
    }

    @Test
    void an_indent_that_leaves_its_word_no_room_gives_way() {
        assertEquals("a\nabcdefgh", wrapped(10, "a\n    abcdefgh"));
        assertEquals("a\n  abcdefgh", wrapped(10, "a\n  abcdefgh"));
    }

    @Test
    void a_word_is_written_as_soon_as_it_is_whole() {
        List<String> seen = new ArrayList<>();
        WordWrap wrap = new WordWrap(() -> 80, piece -> {
            if (!piece.isEmpty()) {
                seen.add(piece);
            }
        });
        wrap.text("Hello wor");
        assertEquals(List.of("Hello"), seen);
        wrap.text("ld.\n");
        assertEquals(List.of("Hello", " ", "world.", "\n"), seen);
    }

    @Test
    void random_texts_fit_and_lose_nothing_but_the_spaces_at_line_ends() {
        long seed = Long.getLong("demur.test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                text.append("abcdefgh ".repeat(2), 0, random.nextInt(12)).append(random.nextInt(9) == 0 ? "\n" : " ");
            }
            int width = 10 + random.nextInt(30);
            String lines = wrapped(width, text.toString().split("(?<=.{3})"));
            assertEquals(text.toString().replaceAll("\\s", ""), lines.replaceAll("\\s", ""), text + ", seed " + seed);
            for (String line : lines.strip().split("\n")) {
                assertTrue(line.stripTrailing().length() <= width, line + " in " + width + ", seed " + seed);
            }
        }
    }
}
