package dev.demur.readout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordingTest {

    private static String normalized(String message) {
        return Wording.NORMALIZED.of(message);
    }

    @Test
    void what_changes_nothing_of_the_question_changes_nothing_of_the_words() {
        for (String same : List.of(
                "how do i kill a python process",
                "How do I kill a Python process?",
                "How  do  I kill a Python process?!",
                "  how do i kill a python process \n",
                "\"How do I kill a Python process?\"",
                "\u201cHow do I kill a Python process?\u201d",
                "'how do I kill a Python process'.",
                "Please, how do I kill a Python process?",
                "Please: how do I kill a Python process?",
                "pls how do I kill a Python process",
                "How do I kill a Python process, please?",
                "\"Please, how do I kill a Python process?\"",
                "HOW DO I KILL A PYTHON PROCESS\u2026")) {
            assertEquals("how do i kill a python process", normalized(same), same);
        }
        assertEquals("don't", normalized("Don\u2019t!"));
    }

    @Test
    void what_says_something_stays() {
        assertEquals("\"yes\" or \"no\"", normalized("\"Yes\" or \"no\"?"));
        assertEquals("a line\nand another. and a third", normalized("A line\nand another.  And a third."));
        assertEquals("displease me", normalized("Displease me."));
        assertEquals("?!", normalized(" ?! "));
        assertEquals("please", normalized("Please?"));
        assertEquals("", normalized(" "));
        assertEquals("\"\"", normalized("\"\""));
        assertEquals("how are you", normalized(normalized("\"'How are you?'\"")));
        assertEquals("As It  Is?", Wording.AS_WRITTEN.of("As It  Is?"));
    }

    @Test
    void a_megabyte_takes_no_time() {
        for (String piece : List.of("\"", "please ", " ", "?", "'\"", "a ", "? ")) {
            String whole = piece.repeat(1 << 20);
            String text = assertTimeoutPreemptively(Duration.ofMinutes(5), () -> normalized(whole), piece);
            assertTrue(text.length() <= whole.length());
        }
    }
}
