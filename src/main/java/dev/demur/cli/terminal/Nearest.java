package dev.demur.cli.terminal;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What somebody who mistyped a word probably meant. */
public final class Nearest {

    private static final int LETTERS_FOR_A_MISTAKE = 3;

    private Nearest() {}

    /** The one of these words that the fewest mistakes lead from; null where all are too far away. */
    public static @Nullable String to(String typed, List<String> words) {
        String nearest = null;
        int fewest = Integer.MAX_VALUE;
        for (String word : words) {
            int mistakes = mistakes(typed.toLowerCase(Locale.ROOT), word.toLowerCase(Locale.ROOT));
            int most = Math.max(1, Math.max(typed.length(), word.length()) / LETTERS_FOR_A_MISTAKE);
            if (mistakes < fewest && mistakes <= most) {
                nearest = word;
                fewest = mistakes;
            }
        }
        return nearest;
    }

    /** Letters that are missing, too many, others, or exchanged with the next one (optimal string alignment). */
    public static int mistakes(String a, String b) {
        int[][] rows = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    rows[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int least = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1);
                least = Math.min(least, rows[i - 1][j - 1] + (same ? 0 : 1));
                boolean exchanged =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                rows[i][j] = exchanged ? Math.min(least, rows[i - 2][j - 2] + 1) : least;
            }
        }
        return rows[a.length()][b.length()];
    }
}
