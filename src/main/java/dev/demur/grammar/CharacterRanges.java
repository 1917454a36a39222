package dev.demur.grammar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The characters that a class or a literal's place allows, as ranges of code points and as sequences of UTF-8 byte
 * ranges.
 */
final class CharacterRanges {

    /** Code points from {@code low} to {@code high}. */
    record Range(int low, int high) {}

    /** One way to spell some of the characters: a range for each byte, low and high in turn. */
    record Bytes(int[] bounds) {}

    private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, Character.MAX_CODE_POINT};

    private final List<Range> ranges;

    private CharacterRanges(List<Range> ranges) {
        this.ranges = List.copyOf(ranges);
    }

    static CharacterRanges of(int codePoint) {
        return new CharacterRanges(List.of(new Range(codePoint, codePoint)));
    }

    /** Every character but NUL. */
    static CharacterRanges any() {
        return allBut(List.of());
    }

    /** The characters within {@code ranges}, whose bounds may be none themselves. */
    static CharacterRanges of(List<Range> ranges) {
        List<Range> kept = new ArrayList<>();
        for (Range range : ranges) {
            add(kept, Math.max(range.low, 1), Math.min(range.high, Character.MIN_SURROGATE - 1));
            add(kept, Math.max(range.low, Character.MAX_SURROGATE + 1), Math.min(range.high, Character.MAX_CODE_POINT));
        }
        return new CharacterRanges(kept);
    }

    private static void add(List<Range> ranges, int low, int high) {
        if (low <= high) {
            ranges.add(new Range(low, high));
        }
    }

    /** Whether a text can hold it: NUL, which ends a text in C, and surrogates are none. */
    static boolean isCharacter(int codePoint) {
        return codePoint > 0
                && codePoint <= Character.MAX_CODE_POINT
                && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
    }

    /** Every character outside of {@code ranges} but NUL. */
    static CharacterRanges allBut(List<Range> ranges) {
        List<Range> out = new ArrayList<>(ranges);
        out.add(new Range(Character.MIN_SURROGATE, Character.MAX_SURROGATE)); // no characters of a text
        out.sort(Comparator.comparingInt(Range::low));
        List<Range> kept = new ArrayList<>();
        int next = 1; // nor is NUL
        for (Range range : out) {
            if (range.low > next) {
                kept.add(new Range(next, range.low - 1));
            }
            next = Math.max(next, range.high + 1);
        }
        if (next <= Character.MAX_CODE_POINT) {
            kept.add(new Range(next, Character.MAX_CODE_POINT));
        }
        return new CharacterRanges(kept);
    }

    /** The spellings of all the characters. */
    List<Bytes> bytes() {
        List<Bytes> bytes = new ArrayList<>();
        for (Range range : ranges) {
            int low = range.low;
            for (int i = 0; i < LAST_OF_LENGTH.length && low <= range.high; i++) {
                int high = Math.min(range.high, LAST_OF_LENGTH[i]);
                if (low <= high) {
                    split(low, high, i + 1, bytes);
                    low = high + 1;
                }
            }
        }
        return bytes;
    }

    /** Cuts a range of characters of one length where their leading bytes change, so that each byte has a range. */
    private static void split(int low, int high, int length, List<Bytes> out) {
        for (int tail = 1; tail < length; tail++) {
            int mask = (1 << (6 * tail)) - 1;
            if ((low & ~mask) != (high & ~mask)) {
                if ((low & mask) != 0) {
                    split(low, low | mask, length, out);
                    split((low | mask) + 1, high, length, out);
                    return;
                }
                if ((high & mask) != mask) {
                    split(low, (high & ~mask) - 1, length, out);
                    split(high & ~mask, high, length, out);
                    return;
                }
            }
        }
        int[] bounds = new int[2 * length];
        for (int i = 0; i < length; i++) {
            bounds[2 * i] = byteOf(low, i, length);
            bounds[2 * i + 1] = byteOf(high, i, length);
        }
        out.add(new Bytes(bounds));
    }

    private static int byteOf(int codePoint, int index, int length) {
        int bits = codePoint >> (6 * (length - 1 - index));
        if (index > 0) {
            return 0x80 | (bits & 0x3F);
        }
        return length == 1 ? bits : ((0xF00 >> length) & 0xFF) | bits;
    }
}
