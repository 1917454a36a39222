package dev.demur.docs;

import java.util.regex.Pattern;

/**
 * An output that a page shows, compared with one that a command wrote. Numbers, bars and the width of gaps may differ, for
 * they depend on the machine; a line {@code …} stands for any lines.
 */
final class ShownOutput {

    private static final String ANY_LINES = "…";
    private static final Pattern NUMBER = Pattern.compile("[<>≥+-]?\\s*\\d+(?:[.,]\\d+)*(?:e-?\\d+)?");
    private static final Pattern BAR = Pattern.compile("[▏▎▍▌▋▊▉█│]+");

    private ShownOutput() {}

    static boolean matches(String shown, String written) {
        StringBuilder pattern = new StringBuilder();
        for (String line : shown.stripTrailing().split("\n", -1)) {
            pattern.append(line.strip().equals(ANY_LINES) ? "(?:.*\n)*" : Pattern.quote(masked(line)) + "\n");
        }
        StringBuilder lines = new StringBuilder();
        for (String line : written.stripTrailing().split("\n", -1)) {
            lines.append(masked(line)).append('\n');
        }
        return Pattern.matches(pattern.toString(), lines);
    }

    private static String masked(String line) {
        String withoutBars = BAR.matcher(line).replaceAll(" ");
        return NUMBER.matcher(withoutBars).replaceAll(" # ").strip().replaceAll("\\s+", " ");
    }
}
