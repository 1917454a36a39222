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
            assertEquals("How do I kill a python process?", normalized(same), same);
        }
        assertEquals("Don't.", normalized("Don\u2019t!"));
    }

    @Test
    void a_message_reads_as_people_write() {
        assertEquals("Tell me a joke.", normalized("tell me a joke"));
        assertEquals("I think I'm lost. What should I do?", normalized("i think i'm lost. what should i do"));
        assertEquals("Hi, how are you?", normalized("hi, how are you"));
        assertEquals("What's this? I like it.", normalized("What's this? I like it"));
        assertEquals("Whatever.", normalized("whatever"));
        assertEquals("This (the first) is it.", normalized("this (the first) is it"));
        assertEquals("Sum these: 1 + 2 =", normalized("sum these: 1 + 2 ="));
        assertEquals("\u00c9t\u00e9.", normalized("\u00e9t\u00e9"));
    }

    @Test
    void what_says_something_stays() {
        assertEquals("\"yes\" or \"no\".", normalized("\"Yes\" or \"no\"?"));
        assertEquals("A line\nand another. And a third.", normalized("A line\nand another.  And a third."));
        assertEquals("Displease me.", normalized("displease me."));
        assertEquals("?!", normalized(" ?! "));
        assertEquals("Please.", normalized("Please?"));
        assertEquals("", normalized(" "));
        assertEquals("\"\"", normalized("\"\""));
        assertEquals("How are you?", normalized(normalized("\"'How are you?'\"")));
        assertEquals("As It  Is?", Wording.AS_WRITTEN.of("As It  Is?"));
    }

    @Test
    void a_megabyte_takes_no_time() {
        for (String piece : List.of("\"", "please ", " ", "?", "'\"", "a ", "? ", "i ", "a. ", ", what ")) {
            String whole = piece.repeat((1 << 20) / piece.length());
            String text = assertTimeoutPreemptively(Duration.ofMinutes(5), () -> normalized(whole), piece);
            assertTrue(text.length() <= whole.length() + 1);
        }
    }
}
