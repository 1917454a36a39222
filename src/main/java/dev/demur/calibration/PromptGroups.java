package dev.demur.calibration;

import dev.demur.arguments.Given;
import dev.demur.dataset.PromptHash;
import dev.demur.scoring.ScoredPrompts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Groups of rows that ask the same or nearly so, which must not be split between what a map is fitted on and what it is judged by.
 *
 * <p>Rows ask the same if their {@link PromptHash} says so. They ask nearly the same if of the sequences of three words that either
 * has, after the same normalisation, at least {@value #ALIKE} are in both; for that their texts are needed.
 */
public final class PromptGroups {

    /** The share of common sequences of words from which on two prompts are near duplicates. */
    static final double ALIKE = 0.5;

    private static final int WORDS = 3;

    /** A sequence that more rows than these have is a phrase of the language, and makes no two of them alike. */
    private static final int MOST_SHARING = 200;

    private final int[] parents;
    private final boolean textsKnown;

    private PromptGroups(int size, boolean textsKnown) {
        parents = new int[size];
        Arrays.setAll(parents, i -> i);
        this.textsKnown = textsKnown;
    }

    /**
     * The groups of all rows.
     *
     * @param texts the prompts by the rows' ids, of some or all rows; empty: only rows that ask the very same are seen
     */
    public static PromptGroups of(ScoredPrompts prompts, Map<String, String> texts) {
        Given.value(prompts, "prompts");
        Given.value(texts, "texts");
        PromptGroups groups = new PromptGroups(prompts.size(), !texts.isEmpty());
        Map<String, Integer> first = new HashMap<>();
        Map<String, List<Integer>> sharing = new HashMap<>();
        List<Set<String>> sequences = new ArrayList<>();
        for (int row = 0; row < prompts.size(); row++) {
            String hash = prompts.promptHash(row).orElse(null);
            if (hash != null) {
                Integer same = first.putIfAbsent(hash, row);
                if (same != null) {
                    groups.join(same, row);
                }
            }
            String text = texts.get(prompts.id(row));
            sequences.add(text == null ? Set.of() : sequences(text));
            for (String sequence : sequences.get(row)) {
                sharing.computeIfAbsent(sequence, s -> new ArrayList<>()).add(row);
            }
        }
        for (int row = 0; row < sequences.size(); row++) {
            groups.joinAlike(row, sequences, sharing);
        }
        return groups;
    }

    private void joinAlike(int row, List<Set<String>> sequences, Map<String, List<Integer>> sharing) {
        Map<Integer, Integer> common = new HashMap<>();
        for (String sequence : sequences.get(row)) {
            List<Integer> rows = sharing.getOrDefault(sequence, List.of());
            if (rows.size() <= MOST_SHARING) {
                rows.stream().filter(other -> other < row).forEach(other -> common.merge(other, 1, Integer::sum));
            }
        }
        common.forEach((other, count) -> {
            int either = sequences.get(row).size() + sequences.get(other).size() - count;
            if (count >= ALIKE * either) {
                join(other, row);
            }
        });
    }

    private static Set<String> sequences(String text) {
        String[] words = PromptHash.normalised(text).split("[^\\p{L}\\p{N}]+");
        Set<String> sequences = new HashSet<>();
        for (int i = 0; i + WORDS <= words.length; i++) {
            sequences.add(String.join(" ", Arrays.copyOfRange(words, i, i + WORDS)));
        }
        if (sequences.isEmpty()) {
            sequences.add(String.join(" ", words));
        }
        return sequences;
    }

    private void join(int one, int other) {
        parents[group(other)] = group(one);
    }

    /** The group of a row: a row of it, the same for all of them. */
    public int group(int row) {
        int root = row;
        while (parents[root] != root) {
            parents[root] = parents[parents[root]];
            root = parents[root];
        }
        return root;
    }

    /** Whether near duplicates could be told, because the texts were there. */
    public boolean textsKnown() {
        return textsKnown;
    }
}
