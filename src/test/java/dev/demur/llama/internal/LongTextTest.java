package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LongTextTest {

    @Test
    void ordinary_text_stays_whole() {
        String text = "Words of an ordinary length, a table ----------------, 漢字。\n".repeat(200);
        assertEquals(List.of(text), LongText.cutWords(text));
        assertEquals(List.of(text), LongText.cutTexts(text));
    }

    @Test
    void no_run_of_one_kind_is_longer_than_the_limit_and_the_parts_are_the_text() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> units = List.of("a", " ", "-", "漢", "\ud83d\ude00", "\n", "7", "。", "ab ");
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(6); i >= 0; i--) {
                text.append(units.get(random.nextInt(units.size())).repeat(random.nextInt(700)));
            }
            List<String> parts = LongText.cutWords(text.toString());
            assertEquals(text.toString(), String.join("", parts), "seed " + seed);
            for (String part : parts) {
                for (String run : part.split("(?<=\\s)(?=\\S)|(?<=\\S)(?=\\s)")) {
                    assertTrue(run.codePointCount(0, run.length()) <= LongText.LONGEST_WORD, "seed " + seed);
                }
            }
        }
    }

    @Test
    void a_long_run_is_cut_before_a_sign_where_there_is_one() {
        String sentence = "字".repeat(150) + "。";
        List<String> parts = LongText.cutWords(sentence.repeat(3));
        assertEquals("字".repeat(150), parts.get(0));
        assertEquals("。" + "字".repeat(150), parts.get(1));
    }

    @Test
    void a_long_text_is_cut_before_a_space_and_never_inside_a_character() {
        String words = "words and ".repeat(5_000);
        for (String part : LongText.cutTexts(words).subList(1, 3)) {
            assertTrue(part.startsWith(" "), part.substring(0, 9));
            assertTrue(part.length() <= LongText.LONGEST_TEXT);
        }
        String smileys = "x" + "\ud83d\ude00".repeat(20_000);
        assertEquals(smileys, String.join("", LongText.cutTexts(smileys)));
        for (String part : LongText.cutTexts(smileys)) {
            assertTrue(Character.isValidCodePoint(part.codePointAt(part.length() - 2)));
            assertTrue(!Character.isLowSurrogate(part.charAt(0)));
        }
    }
}
