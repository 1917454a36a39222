package dev.demur.llama.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts texts that llama.cpp's tokenizers cannot take whole.
 *
 * <p>Many byte-level vocabularies have a text cut into words by std::regex, whose GNU implementation goes one call deeper
 * with every character of a word: a few thousand equal letters, dashes or spaces overflow the thread's stack, which ends
 * the process. No expression takes more than some white space, what is not, and some white space again for one word.
 * SentencePiece's tokenizer copies all ids so far for each character that has no piece: a megabyte of them takes minutes.
 */
final class LongText {

    /** The longest run of white space, or without any, that stays whole; needs at most a few hundred KiB of stack. */
    static final int LONGEST_WORD = 256;

    /** The most characters that SentencePiece's tokenizer gets at once. */
    static final int LONGEST_TEXT = 16_384;

    private LongText() {}

    /** The text in parts of at most {@value #LONGEST_TEXT} characters, cut before a space where there is one. */
    static List<String> cutTexts(String text) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        while (text.length() - from > LONGEST_TEXT) {
            int end = from + LONGEST_TEXT;
            int space = text.lastIndexOf(' ', end);
            int cut = space > from + LONGEST_TEXT / 2 ? space : end;
            if (Character.isLowSurrogate(text.charAt(cut))) {
                cut--; // the texts are well-formed: its other half stands before
            }
            parts.add(text.substring(from, cut));
            from = cut;
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** The text in parts whose words are not too long; nearly always one. */
    static List<String> cutWords(String text) {
        List<String> parts = new ArrayList<>();
        int partStart = 0;
        int run = 0;
        boolean white = false;
        int lastSeam = 0;
        for (int at = 0; at < text.length(); ) {
            int c = text.codePointAt(at);
            boolean isWhite = Character.isWhitespace(c) || Character.isSpaceChar(c);
            if (run > 0 && isWhite != white) {
                run = 0;
                lastSeam = 0;
            }
            white = isWhite;
            if (run > 0 && isSeam(text.codePointBefore(at), c)) {
                lastSeam = run;
            }
            if (run == LONGEST_WORD) {
                // A seam in the second half is where most expressions end a word anyway.
                int kept = lastSeam > LONGEST_WORD / 2 ? run - lastSeam : 0;
                int cut = text.offsetByCodePoints(at, -kept);
                parts.add(text.substring(partStart, cut));
                partStart = cut;
                run = kept;
                lastSeam = 0;
            }
            run++;
            at += Character.charCount(c);
        }
        if (parts.isEmpty()) {
            return List.of(text);
        }
        parts.add(text.substring(partStart));
        return parts;
    }

    private static boolean isSeam(int before, int after) {
        return Character.isLetterOrDigit(before) && !Character.isLetterOrDigit(after);
    }
}
