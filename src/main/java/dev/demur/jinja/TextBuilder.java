package dev.demur.jinja;

import java.util.Arrays;

/** Puts a text together and keeps where its characters come from. */
final class TextBuilder {

    /** What a run of characters with a mark of their own costs, in characters. */
    private static final int RUN_COST = 4;

    private final Run run;
    private final StringBuilder string = new StringBuilder();
    private int[] ends = new int[4];
    private int[] marks = new int[4];
    private int runs;

    TextBuilder(Run run) {
        this.run = run;
    }

    int length() {
        return string.length();
    }

    /** Adds the template's own text. */
    void append(String more) {
        append(more, 0);
    }

    void append(String more, int mark) {
        run.text(more.length());
        string.append(more);
        mark(more.length(), mark);
    }

    void append(int codePoint, int mark) {
        run.text(2);
        int before = string.length();
        string.appendCodePoint(codePoint);
        mark(string.length() - before, mark);
    }

    void append(Text more) {
        append(more, 0, more.length());
    }

    /** Adds a part of a text, by positions in UTF-16. */
    void append(Text more, int from, int to) {
        if (from >= to) {
            return;
        }
        run.text(to - from);
        string.append(more.string(), from, to);
        int start = from;
        for (int i = firstRun(more, from); start < to; i++) {
            int end = Math.min(more.runEnd(i), to);
            mark(end - start, more.runMark(i));
            start = end;
        }
    }

    /** Adds a text that a message has chosen or shaped: what is not marked in it gets this mark, if that is not 0. */
    void appendChosen(Text more, int mark) {
        int from = 0;
        for (int i = 0; i < more.runs(); i++) {
            int own = more.runMark(i);
            append(more.string().substring(from, more.runEnd(i)), own == 0 ? mark : own);
            from = more.runEnd(i);
        }
    }

    private static int firstRun(Text text, int at) {
        int low = 0;
        int high = text.runs() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (text.runEnd(middle) > at) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Says where the last characters added come from, that many behind those already marked. */
    private void mark(int length, int mark) {
        if (length == 0) {
            return;
        }
        if (runs == 0 || marks[runs - 1] != mark) {
            run.text(RUN_COST);
            if (runs == ends.length) {
                ends = Arrays.copyOf(ends, 2 * runs);
                marks = Arrays.copyOf(marks, 2 * runs);
            }
            marks[runs] = mark;
            ends[runs] = runs == 0 ? 0 : ends[runs - 1];
            runs++;
        }
        ends[runs - 1] += length;
    }

    /** What was put together so far. */
    Text text() {
        if (runs == 0) {
            return Text.EMPTY;
        }
        return new Text(string.toString(), Arrays.copyOf(ends, runs), Arrays.copyOf(marks, runs), false);
    }
}
