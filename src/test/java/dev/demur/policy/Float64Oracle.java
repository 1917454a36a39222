package dev.demur.policy;

import dev.demur.readout.DecisionTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The five rules once more, from a raw row of logits: the third implementation against which the rules and the kernels
 * are checked.
 *
 * <p>It shares nothing with the code under test but the types: it works with lists and sorting, sums with compensation,
 * and takes r_c from shifted exponentials.
 */
public final class Float64Oracle {

    /** What was decided; {@code kind} as in {@link Decision#kind()}, {@code category} empty where there is none. */
    public record Outcome(String kind, String category, boolean forced) {
        public static Outcome of(Decision decision) {
            String category = decision instanceof Decision.Refuse refuse
                    ? refuse.category().id()
                    : "";
            return new Outcome(decision.kind(), category, decision.forced());
        }
    }

    private record Candidate(String id, double strength, double score, double threshold) {
        boolean reached() {
            return !Double.isNaN(threshold) && Double.compare(score + 0.0, threshold + 0.0) >= 0;
        }
    }

    private Float64Oracle() {}

    /**
     * softmax(row / tau) over the whole row, at the given ids.
     *
     * @throws IllegalArgumentException on NaN, +inf, or nothing but -inf, naming the first token at fault
     */
    public static double[] probabilities(float[] row, int[] ids, double tau) {
        double max = row[requireArgmax(row)];
        double sum = 0;
        double lost = 0;
        for (float z : row) {
            double term = Math.exp((z - max) / tau);
            double next = sum + term;
            lost += Math.abs(sum) >= term ? (sum - next) + term : (term - next) + sum;
            sum = next;
        }
        double total = sum + lost;
        return Arrays.stream(ids)
                .mapToDouble(id -> Math.exp((row[id] - max) / tau) / total)
                .toArray();
    }

    /** The lowest id with the largest logit; throws as {@link #probabilities} does. */
    public static int requireArgmax(float[] row) {
        for (int i = 0; i < row.length; i++) {
            if (Float.isNaN(row[i]) || row[i] == Float.POSITIVE_INFINITY) {
                throw new IllegalArgumentException("The logit of token " + i + " is " + row[i]);
            }
        }
        int argmax = 0;
        for (int i = row.length - 1; i >= 0; i--) {
            argmax = row[i] >= row[argmax] ? i : argmax;
        }
        if (row[argmax] == Float.NEGATIVE_INFINITY) {
            throw new IllegalArgumentException("All logits from token 0 on are -Infinity");
        }
        return argmax;
    }

    /** The exact readout of a row. */
    public static Reading readout(float[] row, DecisionTokens tokens, double tau) {
        double[] logits = Arrays.stream(tokens.ids()).mapToDouble(id -> row[id]).toArray();
        int choice = tokens.tokens().indexOf(requireArgmax(row));
        return Reading.of(tokens.labels(), tau, probabilities(row, tokens.ids(), tau), logits, choice, 0);
    }

    /** What the policy decides on this row; throws as {@link #probabilities} does. */
    public static Outcome decide(float[] row, DecisionTokens tokens, RefusalPolicy policy) {
        double[] p = probabilities(row, tokens.ids(), policy.temperature());
        List<Candidate> candidates = candidates(row, p, tokens, policy);
        // A stable sort: equals stay in the order of declaration.
        candidates.sort(
                Comparator.comparingDouble((Candidate c) -> c.strength() + 0.0).reversed());
        Candidate first = candidates.get(0);
        if (policy.rule() == Rule.TOP_CATEGORY && Double.isNaN(first.threshold())) {
            int argmax = requireArgmax(row);
            int label = tokens.tokens().indexOf(argmax);
            boolean refuses = label >= 0 && label < tokens.tokens().size() - 1;
            String category = refuses ? tokens.labels().categories().get(label).id() : "";
            return new Outcome(refuses ? "refuse" : label < 0 ? "model" : "respond", category, false);
        }
        return candidates.stream()
                .limit(policy.rule() == Rule.TOP_CATEGORY ? 1 : candidates.size())
                .filter(Candidate::reached)
                .findFirst()
                .map(c -> new Outcome("refuse", c.id(), true))
                .orElse(new Outcome("respond", "", true));
    }

    /**
     * The smallest distance of a score from a threshold above 0, infinite where there is none or where the rule compares
     * logits as they are: code whose scores differ from this oracle's by less must decide the same.
     */
    public static double margin(float[] row, DecisionTokens tokens, RefusalPolicy policy) {
        if (policy.rule() == Rule.LOGIT_BIAS) {
            return Double.POSITIVE_INFINITY;
        }
        double[] p = probabilities(row, tokens.ids(), policy.temperature());
        return candidates(row, p, tokens, policy).stream()
                .filter(c -> c.threshold() > 0)
                .mapToDouble(c -> Math.abs(c.score() - c.threshold()))
                .min()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** In the order of declaration. */
    private static List<Candidate> candidates(float[] row, double[] p, DecisionTokens tokens, RefusalPolicy policy) {
        List<String> order = new ArrayList<>(
                policy.categories().stream().map(CategoryPolicy::id).toList());
        tokens.labels().categories().stream()
                .map(Category::id)
                .filter(id -> !order.contains(id))
                .forEach(order::add);
        double respond = row[tokens.tokens().get(tokens.tokens().size() - 1)];
        double sum = Arrays.stream(p, 0, p.length - 1).boxed().reduce(0.0, Double::sum);
        List<Candidate> candidates = new ArrayList<>();
        for (String id : order) {
            int i = IntStream.range(0, p.length - 1)
                    .filter(c -> tokens.labels().categories().get(c).id().equals(id))
                    .findFirst()
                    .orElseThrow();
            double z = row[tokens.tokens().get(i)];
            double own = policy.category(id)
                    .map(CategoryPolicy::threshold)
                    .map(Double::doubleValue)
                    .orElse(Double.NaN);
            double bias = policy.category(id).map(CategoryPolicy::bias).orElse(0.0);
            Double shared = policy.sumThreshold();
            candidates.add(
                    switch (policy.rule()) {
                        case THRESHOLD, TOP_CATEGORY -> new Candidate(id, z, p[i], own);
                        case RELATIVE -> new Candidate(id, z, relative(z, respond, policy.temperature()), own);
                        case SUM -> new Candidate(id, z, sum, shared == null ? Double.NaN : shared);
                        case LOGIT_BIAS -> new Candidate(id, z + bias, z + bias, respond);
                        case REFIT -> refitted(id, p, tokens, policy, own);
                    });
        }
        return candidates;
    }

    /** The map's weights are found by the names of the labels, and added up in their order, as a sum depends on it. */
    private static Candidate refitted(
            String id, double[] p, DecisionTokens tokens, RefusalPolicy policy, double threshold) {
        LogisticMap map = policy.map();
        if (map == null) {
            throw new AssertionError("a policy by refit has a map");
        }
        LogisticMap.Row row = map.rows().get(map.labels().indexOf(id));
        double logOdds = row.bias();
        for (int i = 0; i < p.length; i++) {
            double weight =
                    row.weights().get(map.labels().indexOf(tokens.labels().id(i)));
            logOdds += weight * StrictMath.log(Math.max(p[i], 1e-12));
        }
        return new Candidate(id, logOdds, 1 / (1 + StrictMath.exp(-logOdds)), threshold);
    }

    private static double relative(double z, double respond, double tau) {
        double max = Math.max(z, respond);
        if (max == Double.NEGATIVE_INFINITY) {
            return 0;
        }
        double refuse = Math.exp((z - max) / tau);
        return refuse / (refuse + Math.exp((respond - max) / tau));
    }
}
