package dev.demur;

import java.util.List;

/**
 * Finds stop strings in a text that comes in pieces, wherever the pieces are cut, and keeps back what may become one.
 *
 * <p>The stop string that is complete first ends the text; of several that end together the longest. Not thread-safe.
 */
final class StopScanner {

    private final List<String> stopStrings;

    /** What has come and may be the beginning of a stop string. */
    private final StringBuilder held = new StringBuilder();

    private boolean found;

    StopScanner(List<String> stopStrings) {
        this.stopStrings = stopStrings;
    }

    /** What is certain not to be part of a stop string, now that {@code piece} has come; nothing more once one is found. */
    String add(String piece) {
        if (found || piece.isEmpty()) {
            return "";
        }
        if (stopStrings.isEmpty()) {
            return piece;
        }
        held.append(piece);
        int start = firstStop();
        found = start >= 0;
        int certain = found ? start : held.length() - longestBeginning();
        String text = held.substring(0, certain);
        held.delete(0, found ? held.length() : certain);
        return text;
    }

    /** Whether a stop string has come. */
    boolean found() {
        return found;
    }

    /** What was kept back, at the end of the text. */
    String finish() {
        String text = held.toString();
        held.setLength(0);
        return text;
    }

    /** Where the stop string begins that ends first, or -1. */
    private int firstStop() {
        int first = -1;
        int firstEnd = Integer.MAX_VALUE;
        for (String stop : stopStrings) {
            int start = held.indexOf(stop);
            if (start < 0) {
                continue;
            }
            int end = start + stop.length();
            if (end < firstEnd || (end == firstEnd && start < first)) {
                first = start;
                firstEnd = end;
            }
        }
        return first;
    }

    /** The length of the longest end of the text that a stop string begins with. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stopStrings) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (endsWithBeginning(stop, length)) {
                    longest = length;
                }
            }
        }
        return longest;
    }

    private boolean endsWithBeginning(String stop, int length) {
        int from = held.length() - length;
        for (int i = 0; i < length; i++) {
            if (held.charAt(from + i) != stop.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
