package dev.demur.jinja;

/** Finds a text within others in a time that grows with their length only, whatever they are. */
final class Search {

    /** Longer texts are sought by their borders (Knuth, Morris and Pratt); for others Java's search is fast enough. */
    private static final int SHORT = 16;

    private final Run run;
    private final String sought;
    private final int[] borders;

    Search(Run run, String sought) {
        this.run = run;
        this.sought = sought;
        this.borders = sought.length() <= SHORT ? new int[0] : borders(run, sought);
    }

    /** For each beginning of the text the length of its longest proper beginning that is also its end. */
    private static int[] borders(Run run, String text) {
        run.text(text.length());
        int[] borders = new int[text.length()];
        int border = 0;
        for (int i = 1; i < borders.length; i++) {
            while (border > 0 && text.charAt(i) != text.charAt(border)) {
                border = borders[border - 1];
            }
            border += text.charAt(i) == text.charAt(border) ? 1 : 0;
            borders[i] = border;
        }
        return borders;
    }

    /** The first position from {@code from} on where the text stands; -1 where there is none. */
    int find(String within, int from) {
        int found = borders.length == 0 ? within.indexOf(sought, from) : findByBorders(within, from);
        run.walk((found < 0 ? within.length() : found) - from + 1L);
        return found;
    }

    private int findByBorders(String within, int from) {
        int matched = 0;
        for (int i = from; i < within.length(); i++) {
            while (matched > 0 && within.charAt(i) != sought.charAt(matched)) {
                matched = borders[matched - 1];
            }
            matched += within.charAt(i) == sought.charAt(matched) ? 1 : 0;
            if (matched == sought.length()) {
                return i + 1 - matched;
            }
        }
        return -1;
    }
}
