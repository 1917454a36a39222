package dev.demur.fit;

import dev.demur.DemurException;
import dev.demur.arguments.Given;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptHash;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The labelled prompts that a head is fitted on. A row to be refused belongs to its category, or to {@code refuse} where it names
 * none; all other rows are to be answered, whatever they are near misses of. Holds all prompts in memory.
 *
 * <p>A prompt counts once, as {@link PromptHash} compares; of one that is labelled in two ways the first row counts.
 */
public final class FitData {

    /** The id of the category of rows to be refused without one. */
    public static final String UNNAMED_ID = "refuse";

    private static final Category UNNAMED = new Category(UNNAMED_ID, "Refused requests");

    /** The five of arXiv 2412.06748, in its order, which is that of a head's categories. */
    private static final List<Category> PAPER = List.of(
            new Category("humanizing", "Humanizing requests"),
            new Category("incomplete", "Incomplete requests"),
            new Category("indeterminate", "Indeterminate requests"),
            new Category("safety", "Requests with safety concerns"),
            new Category("unsupported", "Unsupported requests"));

    /** People who need care more than an answer; its place is behind the paper's. */
    private static final Category DISTRESS = new Category(Category.DISTRESS, "Someone may need help");

    /** What a head says where it refuses, until a policy says otherwise. */
    private static final Map<String, String> REPLIES = Map.of(
            "humanizing",
            "I am a computer program, so I have no body, feelings or life of my own to answer this from.",
            "incomplete",
            "Your message leaves out something that I need to answer it. What exactly do you mean?",
            "indeterminate",
            "Nobody can give a definite answer to this, so I would only be guessing.",
            "safety",
            "I can't help with that, because it could hurt someone.",
            "unsupported",
            "I can't do that: I only read and write text here.",
            Category.DISTRESS,
            "That sounds very hard. Please talk to someone who can be with you; if anyone is in danger, call your local"
                    + " emergency number now.");

    /** Fewer tell nothing of what they have in common. */
    private static final int FEWEST_OF_A_CATEGORY = 2;

    private static final int FEWEST_OF_A_KIND = 10;

    /** How much a row counts that stands for others of its kind which were left out. */
    private static final double MOST_WEIGHT = 3;

    /** Categories that data may name, by their ids or names. Others are taken as they are. */
    public static Labels knownLabels() {
        List<Category> known = new ArrayList<>(PAPER);
        known.add(DISTRESS);
        return new Labels(known);
    }

    private final List<LabelledPrompt> prompts = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();
    private int repeated;
    private int contradicting;

    /** Adds a row. */
    public void add(LabelledPrompt prompt) {
        Given.value(prompt, "prompt");
        Integer place = places.putIfAbsent(PromptHash.of(prompt.text()), prompts.size());
        if (place == null) {
            prompts.add(prompt);
        } else if (categoryOf(prompts.get(place)).equals(categoryOf(prompt))) {
            repeated++;
        } else {
            contradicting++;
        }
    }

    /** How many prompts there are. */
    public int size() {
        return prompts.size();
    }

    /** How many of the prompts have which label: {@code respond}, or the category that they are refused as. */
    public Map<String, Integer> counts() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        prompts.forEach(prompt -> counts.merge(categoryOf(prompt), 1, Integer::sum));
        return counts;
    }

    /** How many rows asked what an earlier one asks, with the same label. */
    public int repeated() {
        return repeated;
    }

    /** How many rows asked what an earlier one asks, with another label. */
    public int contradicting() {
        return contradicting;
    }

    /** The id of the row's category; of {@code respond} where it is to be answered. */
    static String categoryOf(LabelledPrompt prompt) {
        if (!prompt.shouldRefuse()) {
            return Labels.RESPOND;
        }
        String category = prompt.category();
        return category == null ? UNNAMED.id() : category;
    }

    /**
     * The categories that rows to be refused have: the paper's first, then others in the order of their first rows.
     *
     * @throws DemurException if there are too few rows of a category, to be refused or to be answered
     */
    Labels labels() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        PAPER.forEach(category -> counts.put(category.id(), 0));
        counts.putAll(counts());
        Integer answered = counts.remove(Labels.RESPOND);
        int answers = answered == null ? 0 : answered;
        counts.values().removeIf(count -> count == 0);
        requireEnough("to be refused (\"expected\": \"refuse\")", prompts.size() - answers);
        requireEnough("to be answered (\"expected\": \"respond\")", answers);
        List<Category> categories = new ArrayList<>();
        counts.forEach((id, count) -> {
            if (count < FEWEST_OF_A_CATEGORY) {
                throw new DemurException("the category " + id + " has only " + count
                        + " prompt to be refused: give at least " + FEWEST_OF_A_CATEGORY
                        + ", better 50, or put it into another category");
            }
            categories.add(category(id));
        });
        return new Labels(categories);
    }

    private static void requireEnough(String kind, int count) {
        if (count < FEWEST_OF_A_KIND) {
            throw new DemurException("there are only " + count + " prompts " + kind + ": a head needs at least "
                    + FEWEST_OF_A_KIND + " of each kind, and some hundreds to be any good");
        }
    }

    private static Category category(String id) {
        for (Category known : PAPER) {
            if (known.id().equals(id)) {
                return known;
            }
        }
        if (id.equals(Category.DISTRESS)) {
            return DISTRESS;
        }
        return id.equals(UNNAMED.id()) ? UNNAMED : new Category(id, id);
    }

    /** What a head says where it refuses, for each category; empty where there is nothing to say. */
    static List<String> replies(Labels labels) {
        return labels.categories().stream()
                .map(category -> REPLIES.getOrDefault(category.id(), ""))
                .toList();
    }

    /**
     * At most so many prompts, each with its weight: of every source, category and label the same number at most, those with the
     * least hashes, in their order. Near misses of a category are thus as many as what is refused as it, and what is a near miss
     * of nothing is not crowded out. A row stands for those of its kind that were left out, up to a weight of 3.
     */
    Map<LabelledPrompt, Double> chosen(int most) {
        Map<String, List<LabelledPrompt>> groups = new TreeMap<>();
        for (LabelledPrompt prompt : prompts) {
            String group = prompt.source() + "\n" + prompt.shouldRefuse() + "\n" + prompt.category();
            groups.computeIfAbsent(group, key -> new ArrayList<>()).add(prompt);
        }
        int limit = limit(groups.values().stream().map(List::size).sorted().toList(), most);
        Map<LabelledPrompt, Double> weights = new HashMap<>();
        for (List<LabelledPrompt> group : groups.values()) {
            group.sort(Comparator.comparing(prompt -> PromptHash.of(prompt.text())));
            int kept = Math.min(limit, group.size());
            double weight = Math.min(MOST_WEIGHT, (double) group.size() / kept);
            group.subList(0, kept).forEach(prompt -> weights.put(prompt, weight));
        }
        Map<LabelledPrompt, Double> ordered = new LinkedHashMap<>();
        for (LabelledPrompt prompt : prompts) {
            Double weight = weights.get(prompt);
            if (weight != null) {
                ordered.put(prompt, weight);
            }
        }
        return ordered;
    }

    /** The most rows of a group with which all groups together have at most {@code most}; at least 1. */
    private static int limit(List<Integer> sizes, int most) {
        int low = 1;
        int high = sizes.get(sizes.size() - 1);
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            long total =
                    sizes.stream().mapToLong(size -> Math.min(size, middle)).sum();
            if (total <= most) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
