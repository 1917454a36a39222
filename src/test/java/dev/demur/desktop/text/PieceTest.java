package dev.demur.desktop.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.ComponentOrientation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a Markdown text falls into parts, also one that is not finished, and where its emoji are. */
class PieceTest {

    private static List<Piece.Kind> kinds(String markdown) {
        return Piece.of(markdown).stream().map(Piece::kind).toList();
    }

    @Test
    void prose_code_and_tables_are_parts_of_their_own() {
        List<Piece> pieces = Piece.of("# One\n\ntwo\n\n```python extra\nx = 1\n```\n\n|a|b|\n|-|-|\n|1|2|\n\nend");
        assertEquals(
                List.of(Piece.Kind.PROSE, Piece.Kind.CODE, Piece.Kind.TABLE, Piece.Kind.PROSE),
                pieces.stream().map(Piece::kind).toList());
        assertEquals("# One\n\ntwo", pieces.get(0).text());
        assertEquals(new Piece(Piece.Kind.CODE, "python", "x = 1"), pieces.get(1));
        assertEquals("end", pieces.get(3).text());
    }

    @Test
    void a_fence_that_is_not_closed_yet_is_code() {
        assertEquals(List.of(Piece.Kind.PROSE, Piece.Kind.CODE), kinds("Look:\n\n```java\nint x"));
        assertEquals("int x", Piece.of("```java\nint x").get(0).text());
    }

    @Test
    void every_beginning_of_a_text_can_be_shown_and_the_first_parts_stay_as_they_are() {
        String text = "One *two*\n\n```c\nint a;\n```\n\n- three\n- four 😀\n\n|a|\n|-|\n|b|\n";
        for (int length = 0; length <= text.length(); length++) {
            Piece.of(text.substring(0, length));
        }
        assertEquals(Piece.of(text).get(0), Piece.of(text.substring(0, 20)).get(0));
        assertEquals(List.of(), Piece.of(""));
        assertEquals(List.of(), Piece.of("\n \n"));
    }

    @Test
    void prose_ends_where_its_direction_changes() {
        List<Piece> pieces = Piece.of("One.\n\ntwo.\n\nשלום.\n\nمرحبا.\n\n- The end.");
        assertEquals(
                List.of("One.\n\ntwo.", "שלום.\n\nمرحبا.", "- The end."),
                pieces.stream().map(Piece::text).toList());
        assertTrue(ProsePane.of("שלום.").getComponentOrientation() == ComponentOrientation.RIGHT_TO_LEFT);
        assertTrue(ProsePane.of("One.").getComponentOrientation().isLeftToRight());
    }

    @Test
    void an_emoji_ends_behind_its_tone_and_what_is_joined_to_it() {
        String text = "a 👍🏽 b 👩‍💻!";
        int thumb = Emoji.next(text, 0);
        assertEquals(2, thumb);
        assertEquals("👍🏽", text.substring(thumb, Emoji.end(text, thumb)));
        int woman = Emoji.next(text, Emoji.end(text, thumb));
        assertEquals("👩‍💻", text.substring(woman, Emoji.end(text, woman)));
        assertEquals(text.length(), Emoji.next(text, Emoji.end(text, woman)));
    }

    @Test
    void the_first_letter_tells_the_direction() {
        assertTrue(ProsePane.isRightToLeft("42 مرحبا"));
        assertTrue(ProsePane.isRightToLeft("• שלום world"));
        assertFalse(ProsePane.isRightToLeft("Hello שלום"));
        assertFalse(ProsePane.isRightToLeft("42"));
    }
}
