package dev.demur.monitor;

import dev.demur.arguments.Given;

/**
 * How far a log was read, so that the next run goes on there.
 *
 * @param position how many bytes were read
 * @param lines how many lines these are
 * @param tail SHA-256 of the last {@value #TAIL} of these bytes, or of fewer where there are no more, in hexadecimal digits; tells
 *     whether a file is still that log
 */
public record LogPlace(long position, long lines, String tail) {

    /** How many bytes before the position tell a log from another. */
    public static final int TAIL = 4096;

    public LogPlace {
        if (position < 0 || lines < 0) {
            throw new IllegalArgumentException("position " + position + " and lines " + lines + " are at least 0");
        }
        Given.value(tail, "tail");
    }
}
