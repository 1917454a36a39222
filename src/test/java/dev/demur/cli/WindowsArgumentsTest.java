package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class WindowsArgumentsTest {

    private static String[] arguments(String... arguments) {
        return arguments;
    }

    /** The examples that Microsoft documents for its own programs, and what people type. */
    @Test
    void a_line_is_cut_as_windows_cuts_it() {
        assertEquals(List.of("a b c", "d", "e"), RawArguments.split("\"a b c\" d e"));
        assertEquals(List.of("ab\"c", "\\", "d"), RawArguments.split("\"ab\\\"c\" \"\\\\\" d"));
        assertEquals(List.of("a\\\\\\b", "de fg", "h"), RawArguments.split("a\\\\\\b d\"e f\"g h"));
        assertEquals(List.of("a\\\"b", "c", "d"), RawArguments.split("a\\\\\\\"b c d"));
        assertEquals(List.of("a\\\\b c", "d", "e"), RawArguments.split("a\\\\\\\\\"b c\" d e"));
        assertEquals(List.of("a\" b"), RawArguments.split("\"a\"\" b\""));
        assertEquals(List.of("", "x"), RawArguments.split("  \"\"  x  "));
        assertEquals(List.of("C:\\"), RawArguments.split("C:\\"));
        assertEquals(List.of(), RawArguments.split(""));
    }

    @Test
    void what_the_code_page_lost_comes_back() {
        assertArrayEquals(
                arguments("ask", "\u65e5\u672c is where?"),
                RawArguments.restored(arguments("ask", "?? is where?"), "ask \"\u65e5\u672c is where?\""));
        assertArrayEquals(
                arguments("ask", "\ud83d\ude00!"), RawArguments.restored(arguments("ask", "??!"), "ask \ud83d\ude00!"));
        assertArrayEquals(
                arguments("ask", "caf\u00e9"), RawArguments.restored(arguments("ask", "caf\u00e9"), "ask caf\u00e9"));
    }

    @Test
    void what_is_not_the_same_line_changes_nothing() {
        String[] given = arguments("ask", "?? is where?");
        assertArrayEquals(given, RawArguments.restored(given, "ask \"\u65e5\u672c was where?\""));
        assertArrayEquals(given, RawArguments.restored(given, "ask"));
        assertArrayEquals(given, RawArguments.restored(given, "ask \"?? is where? \" more"));
        assertArrayEquals(given, RawArguments.restored(given, ""));
    }
}
