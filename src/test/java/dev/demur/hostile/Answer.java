package dev.demur.hostile;

import java.util.Arrays;

/**
 * What became of a file.
 *
 * @param kind how it ended
 * @param peakKib the most resident memory of the process while it was open, in KiB
 * @param text what was said about it
 */
record Answer(Kind kind, long peakKib, String text) {

    enum Kind {
        /** It was loaded; the text says whether it answered. */
        LOADED,
        /** It ended in an exception that the API promises. */
        REFUSED,
        /** It ended in another exception. */
        BROKEN,
        /** The process ended; the text has its status and its last words. */
        DIED,
        /** The process was ended, because it took too long. */
        HUNG
    }

    /** Whether the line is an answer; a JVM that crashes writes others, in no fixed form. */
    static boolean isOne(String line) {
        return Arrays.stream(Kind.values()).anyMatch(kind -> line.startsWith(kind + " "));
    }

    static Answer parse(String line) {
        String[] words = line.split(" ", 3);
        return new Answer(Kind.valueOf(words[0]), Long.parseLong(words[1]), words[2]);
    }

    boolean isHarmless() {
        return kind == Kind.LOADED || kind == Kind.REFUSED;
    }
}
