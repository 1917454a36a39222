package dev.demur.benchmarks.lists;

import java.io.PrintStream;

/** Says on standard error how far a measurement is: a line for each tenth, or one that moves on a terminal. */
final class Watch {

    private static final boolean MOVES = System.console() != null;

    private final PrintStream out;
    private final String what;
    private final int of;
    private final long start = System.nanoTime();
    private int done;

    Watch(PrintStream out, String what, int of) {
        this.out = out;
        this.what = what;
        this.of = of;
    }

    void add(int more) {
        int before = done;
        done += more;
        if (of > 0 && (MOVES || done * 10L / of > before * 10L / of)) {
            String line = what + ": " + done + " of " + of + " (" + (System.nanoTime() - start) / 1_000_000_000 + " s)";
            if (MOVES) {
                out.print("\r\u001b[K" + line + (done == of ? "\n" : ""));
                out.flush();
            } else {
                out.println(line);
            }
        }
    }
}
