package dev.demur.fit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Groups of prompts that are nearly the same: those with the same first six words, and those whose sets of five letters in a
 * row are alike (a Jaccard index of some 0.6 or more), found by MinHash (Broder, 1997) in bands; and what is linked by others.
 */
final class NearDuplicates {

    private static final int WORDS = 6;
    private static final int GRAM = 5;
    private static final int BANDS = 8;
    private static final int ROWS = 4;

    private final int[] parents;

    private NearDuplicates(int count) {
        parents = new int[count];
        for (int i = 0; i < count; i++) {
            parents[i] = i;
        }
    }

    /** A name of its group for each prompt; names differ where groups do. */
    static List<String> groups(List<String> prompts) {
        NearDuplicates groups = new NearDuplicates(prompts.size());
        Map<String, Integer> begins = new HashMap<>();
        List<Map<Long, Integer>> bands = new ArrayList<>();
        for (int band = 0; band < BANDS; band++) {
            bands.add(new HashMap<>());
        }
        for (int i = 0; i < prompts.size(); i++) {
            String text = prompts.get(i)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{N}]+", " ")
                    .strip();
            groups.join(i, begins.putIfAbsent(beginning(text), i));
            long[] least = leastHashes(text);
            for (int band = 0; band < BANDS; band++) {
                long key = 1;
                for (int row = 0; row < ROWS; row++) {
                    key = mix(key ^ least[band * ROWS + row]);
                }
                groups.join(i, bands.get(band).putIfAbsent(key, i));
            }
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            names.add("#" + groups.root(i));
        }
        return names;
    }

    private static String beginning(String text) {
        int at = 0;
        for (int word = 0; word < WORDS; word++) {
            int space = text.indexOf(' ', at);
            if (space < 0) {
                return text;
            }
            at = space + 1;
        }
        return text.substring(0, at - 1);
    }

    /** The least of each of several hashes over the text's grams. */
    private static long[] leastHashes(String text) {
        long[] least = new long[BANDS * ROWS];
        Arrays.fill(least, Long.MAX_VALUE);
        int grams = Math.max(1, text.length() - GRAM + 1);
        for (int i = 0; i < grams; i++) {
            long gram = mix(text.substring(i, Math.min(text.length(), i + GRAM)).hashCode());
            for (int h = 0; h < least.length; h++) {
                least[h] = Math.min(least[h], mix(gram + h));
            }
        }
        return least;
    }

    /** SplitMix64's finaliser. */
    private static long mix(long z) {
        long a = (z + 0x9e3779b97f4a7c15L);
        a = (a ^ (a >>> 30)) * 0xbf58476d1ce4e5b9L;
        a = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
        return a ^ (a >>> 31);
    }

    private void join(int one, @Nullable Integer other) {
        if (other != null) {
            int a = root(one);
            int b = root(other);
            parents[Math.max(a, b)] = Math.min(a, b);
        }
    }

    private int root(int i) {
        int at = i;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }
}
