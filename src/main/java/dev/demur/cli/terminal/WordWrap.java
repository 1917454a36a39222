package dev.demur.cli.terminal;

import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jline.utils.WCWidth;

/**
 * Breaks a text that comes in pieces between its words, so that none is cut at the edge of a terminal. The last word is kept
 * back until it is known to be whole. For one thread.
 */
public final class WordWrap {

    /** In fewer columns nothing is gained by keeping words whole. */
    private static final int NARROWEST = 10;

    private static final int TAB = 8;
    private static final int JOINER = 0x200D;

    /** Wide characters that must not begin a line. */
    private static final String CLOSING =
            "\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\u30fc\uff01\uff09\uff0c\uff0e"
                    + "\uff1a\uff1b\uff1f\uff3d\uff5d";

    private final IntSupplier width;
    private final Consumer<String> out;
    private final StringBuilder gap = new StringBuilder();
    private final StringBuilder word = new StringBuilder();
    private int gapWidth;
    private int wordWidth;
    private int column;
    private boolean endsWide;

    /**
     * At the beginning of a line.
     *
     * @param width how many columns there are now; 0 where that is not known, and nothing is broken
     * @param out where the text goes
     */
    public WordWrap(IntSupplier width, Consumer<String> out) {
        this.width = width;
        this.out = out;
    }

    /** More of the text. */
    public void text(String piece) {
        if (width.getAsInt() < NARROWEST) {
            end();
            out.accept(piece);
            return;
        }
        piece.codePoints().forEach(this::character);
    }

    /** Writes what was kept back. */
    public void end() {
        writeWord();
        out.accept(gap.toString());
        column += gapWidth;
        forgetGap();
    }

    private void character(int c) {
        if (c == '\n') {
            writeWord();
            forgetGap();
            out.accept("\n");
            column = 0;
        } else if (c == ' ' || c == '\t') {
            writeWord();
            gap.append((char) c);
            gapWidth += c == ' ' ? 1 : TAB - (column + gapWidth) % TAB;
        } else {
            add(c, Math.max(0, WCWidth.wcwidth(c)));
        }
    }

    private void add(int c, int columns) {
        boolean joins = columns == 0 || CLOSING.indexOf(c) >= 0 || endsWith(JOINER);
        boolean isWide = columns > 1;
        if (!joins && (isWide || endsWide)) {
            writeWord(); // a line may be broken at both sides of a wide character
        }
        word.appendCodePoint(c);
        wordWidth += columns;
        endsWide = columns == 0 ? endsWide : isWide;
        if (wordWidth >= width.getAsInt() && columns > 0) {
            writeWord(); // it must be cut wherever it stands
        }
    }

    private boolean endsWith(int c) {
        return !word.isEmpty() && word.codePointBefore(word.length()) == c;
    }

    private void writeWord() {
        if (word.isEmpty()) {
            return;
        }
        int columns = Math.max(1, width.getAsInt());
        if (column + gapWidth + wordWidth > columns) {
            if (column > 0) { // else the spaces that the line begins with give way
                out.accept("\n");
            }
            column = 0;
        } else {
            out.accept(gap.toString());
            column += gapWidth;
        }
        forgetGap();
        out.accept(word.toString());
        column += wordWidth;
        word.setLength(0);
        wordWidth = 0;
        endsWide = false;
    }

    private void forgetGap() {
        gap.setLength(0);
        gapWidth = 0;
    }
}
