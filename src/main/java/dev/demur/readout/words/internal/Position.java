package dev.demur.readout.words.internal;

import dev.demur.json.ForeignText;
import dev.demur.llama.Kernel;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.TextEncoder;
import dev.demur.readout.words.FrameException;
import dev.demur.readout.words.internal.FrameSpec.Group;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a model's next token tells one label from another, in one vocabulary: the tokens that are forced before it, and those
 * that stand for each group of words there.
 *
 * <p>Words are tokenised together with what is forced before them, as a model writes them, so that a space between both
 * belongs to the token that the vocabulary puts it in. What all words then have in common is forced, and the tokens that
 * follow, the first that differ, tell the words apart.
 */
final class Position {

    /** The most tokens that are read at a time. */
    private static final int MOST_TOKENS = 512;

    private final int[] forced;
    private final int[] tokens;
    private final int[] groupOf;
    private final int groups;

    private Position(int[] forced, Map<Integer, Integer> groupByToken, int groups) {
        this.forced = forced;
        this.tokens = groupByToken.keySet().stream().mapToInt(Integer::intValue).toArray();
        this.groupOf =
                groupByToken.values().stream().mapToInt(Integer::intValue).toArray();
        this.groups = groups;
    }

    /**
     * What was read at a position.
     *
     * @param probabilities of each group, of the whole vocabulary
     * @param strengths of each group &tau; ln &Sigma; exp(z/&tau;) over its tokens
     * @param choice the group of the likeliest token of the vocabulary, or -1
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Numbers(double[] probabilities, double[] strengths, int choice) {

        /** The sum over the groups. */
        double coverage() {
            double sum = 0;
            for (double p : probabilities) {
                sum += p;
            }
            return Math.min(1, sum);
        }

        /** The probabilities normalised over the groups; all 0 where no group has any. */
        double[] amongGroups(double temperature) {
            double all = Double.NEGATIVE_INFINITY;
            for (double strength : strengths) {
                all = add(all, strength, temperature);
            }
            double[] normalised = new double[strengths.length];
            for (int i = 0; i < normalised.length && all > Double.NEGATIVE_INFINITY; i++) {
                normalised[i] = Math.min(1, StrictMath.exp((strengths[i] - all) / temperature));
            }
            return normalised;
        }
    }

    /** &tau; ln(exp(a/&tau;) + exp(b/&tau;)). */
    static double add(double a, double b, double temperature) {
        double larger = Math.max(a, b);
        double smaller = Math.min(a, b);
        return smaller == Double.NEGATIVE_INFINITY
                ? larger
                : larger + temperature * StrictMath.log1p(StrictMath.exp((smaller - larger) / temperature));
    }

    /**
     * Finds the tokens of a position.
     *
     * @param frame its name, for messages
     * @param begins what is forced before the words
     * @param afterText whether the prompt ends in text, and not in a special token
     * @throws FrameException if words of two groups begin with the same token in this vocabulary
     */
    static Position of(String frame, TextEncoder encoder, String begins, List<Group> groups, boolean afterText) {
        List<int[]> all = new ArrayList<>();
        for (Group group : groups) {
            for (String spelling : group.spellings()) {
                all.add(encoder.continuation(begins + spelling, afterText));
            }
        }
        int common = common(all);
        Map<Integer, Integer> groupByToken = new LinkedHashMap<>();
        Map<Integer, String> spellingByToken = new HashMap<>();
        int next = 0;
        for (int g = 0; g < groups.size(); g++) {
            for (String spelling : groups.get(g).spellings()) {
                int[] ids = all.get(next++);
                if (ids.length == common) {
                    throw new FrameException("the frame " + frame + ": " + named(groups.get(g), spelling)
                            + " is, in this model's vocabulary, how every other label begins: choose spellings that are not"
                            + " the beginning of one another");
                }
                Integer other = groupByToken.putIfAbsent(ids[common], g);
                if (other != null && other != g) {
                    throw new FrameException("the frame " + frame + ": "
                            + named(groups.get(other), String.valueOf(spellingByToken.get(ids[common]))) + " and "
                            + named(groups.get(g), spelling) + " begin with the same token (" + ids[common]
                            + ") in this model's vocabulary, which cannot tell them apart: choose other spellings, or put"
                            + " what they share into begins");
                }
                spellingByToken.putIfAbsent(ids[common], spelling);
            }
        }
        if (groupByToken.size() > MOST_TOKENS) {
            throw new FrameException("the frame " + frame + ": its labels are spelled by " + groupByToken.size()
                    + " tokens, more than the " + MOST_TOKENS + " that can be read at a time: leave spellings out");
        }
        return new Position(Arrays.copyOf(all.get(0), common), groupByToken, groups.size());
    }

    private static String named(Group group, String spelling) {
        return '"' + ForeignText.escaped(spelling) + "\" (" + ForeignText.escaped(group.id()) + ")";
    }

    private static int common(List<int[]> all) {
        int[] first = all.get(0);
        int common = first.length;
        for (int[] ids : all) {
            int mismatch = Arrays.mismatch(first, 0, common, ids, 0, Math.min(common, ids.length));
            common = mismatch < 0 ? common : mismatch;
        }
        return common;
    }

    /** The tokens that are forced before the words; not to be changed. */
    int[] forced() {
        return forced;
    }

    /** The tokens that are read; not to be changed. */
    int[] tokens() {
        return tokens;
    }

    /** The group that the token at this place of {@link #tokens} belongs to. */
    int groupOf(int place) {
        return groupOf[place];
    }

    /** A prompt that ends before what is forced, with that. */
    int[] after(int[] prompt) {
        int[] all = Arrays.copyOf(prompt, prompt.length + forced.length);
        System.arraycopy(forced, 0, all, prompt.length, forced.length);
        return all;
    }

    /** Reads the last output of a sequence, which must be at this position, by the kernel that is the specification. */
    Numbers read(LlamaContext context, int sequence, double temperature) {
        double[] numbers = context.read(sequence, Kernel.SCALAR, tokens, temperature);
        double[] probabilities = new double[groups];
        double[] strengths = new double[groups];
        Arrays.fill(strengths, Double.NEGATIVE_INFINITY);
        int likeliest = (int) numbers[2 * tokens.length];
        int choice = -1;
        for (int i = 0; i < tokens.length; i++) {
            int group = groupOf[i];
            probabilities[group] = Math.min(1, probabilities[group] + numbers[i]);
            strengths[group] = add(strengths[group], numbers[tokens.length + i], temperature);
            if (tokens[i] == likeliest) {
                choice = group;
            }
        }
        return new Numbers(probabilities, strengths, choice);
    }
}
