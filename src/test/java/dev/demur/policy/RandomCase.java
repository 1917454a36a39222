package dev.demur.policy;

import dev.demur.readout.DecisionTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A random row, model and policy, full of what goes wrong: ties, -inf, thresholds that equal a probability, categories
 * that the policy leaves out or orders differently, &tau; other than 1.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record RandomCase(float[] row, DecisionTokens tokens, RefusalPolicy policy) {

    private static final double[] TEMPERATURES = {1, 1, 1, 0.5, 1.5, 2, 7};
    private static final double[] THRESHOLDS = {0, 0.1, 0.25, 1.0 / 3, 0.5, 0.9, 1};

    public static RandomCase of(Random random, int vocabulary, Rule rule) {
        float[] row = row(random, vocabulary);
        DecisionTokens tokens = tokens(random, vocabulary);
        if (random.nextInt(20) == 0) {
            row[tokens.token(0)] = 0;
            for (int i = 1; i < tokens.labels().count(); i++) {
                row[tokens.token(i)] = Float.NEGATIVE_INFINITY;
            }
        }
        return new RandomCase(row, tokens, policy(random, row, tokens, rule));
    }

    /** Never all -inf: there is one 0 at least. */
    private static float[] row(Random random, int vocabulary) {
        float[] row = new float[vocabulary];
        int kind = random.nextInt(6);
        for (int i = 0; i < vocabulary; i++) {
            row[i] = switch (kind) {
                case 0 -> random.nextInt(3); // ties nearly everywhere
                case 1 -> random.nextInt(4) == 0 ? Float.NEGATIVE_INFINITY : random.nextInt(5) - 2;
                case 2 -> (random.nextFloat() - 0.5f) * 1e4f; // most probabilities underflow
                case 3 -> (random.nextFloat() - 0.5f) * Float.MAX_VALUE;
                case 4 -> random.nextInt(3) * Float.MIN_VALUE; // probabilities tie, logits do not
                default -> (random.nextFloat() - 0.5f) * 12;
            };
        }
        row[random.nextInt(vocabulary)] = 0;
        return row;
    }

    private static DecisionTokens tokens(Random random, int vocabulary) {
        int k = 1 + random.nextInt(5);
        List<Integer> ids =
                random.ints(0, vocabulary).distinct().limit(k + 1).boxed().toList();
        List<Category> categories = IntStream.range(0, k)
                .mapToObj(c -> new Category("c" + c, "Category " + c))
                .toList();
        List<String> texts = IntStream.range(0, k + 1)
                .mapToObj(c -> c < k ? "[c" + c + "]" : "[respond]")
                .toList();
        return new DecisionTokens(new Labels(categories), texts, ids);
    }

    private static RefusalPolicy policy(Random random, float[] row, DecisionTokens tokens, Rule rule) {
        double tau = TEMPERATURES[random.nextInt(TEMPERATURES.length)];
        double[] p = Float64Oracle.probabilities(row, tokens.ids(), tau);
        double sum = 0;
        List<CategoryPolicy> categories = new ArrayList<>();
        for (int c = 0; c < tokens.labels().respondIndex(); c++) {
            sum += p[c];
            if (random.nextInt(6) != 0) {
                Category category = tokens.labels().categories().get(c);
                Double bias = random.nextBoolean() ? Double.valueOf(random.nextInt(9) - 4) : null;
                categories.add(new CategoryPolicy(category.id(), null, threshold(random, rule, p[c]), bias, null));
            }
        }
        Collections.shuffle(categories, random);
        LogisticMap map = rule == Rule.REFIT ? map(random, tokens.labels()) : null;
        return new RefusalPolicy(
                rule, tau, tokens.identity(), threshold(random, rule, Math.min(1, sum)), categories, map, null);
    }

    /** Sometimes the one that changes nothing; its labels are in no particular order, but for respond. */
    private static LogisticMap map(Random random, Labels labels) {
        if (random.nextInt(4) == 0) {
            return LogisticMap.identity(labels);
        }
        List<String> ids =
                new ArrayList<>(labels.categories().stream().map(Category::id).toList());
        Collections.shuffle(ids, random);
        List<LogisticMap.Row> rows = new ArrayList<>();
        for (int c = 0; c < ids.size(); c++) {
            List<Double> weights = IntStream.rangeClosed(0, ids.size())
                    .mapToObj(i -> random.nextInt(4) == 0 ? 0 : random.nextGaussian())
                    .toList();
            rows.add(new LogisticMap.Row(weights, 3 * random.nextGaussian()));
        }
        ids.add(Labels.RESPOND);
        return new LogisticMap(ids, rows);
    }

    private static @Nullable Double threshold(Random random, Rule rule, double score) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> random.nextDouble();
            // The oracle's r_c may differ from the rule's in the last bit; elsewhere equality is exact.
            case 2 -> rule == Rule.RELATIVE || rule == Rule.REFIT ? 0.5 : score;
            default -> THRESHOLDS[random.nextInt(THRESHOLDS.length)];
        };
    }

    @Override
    public String toString() {
        return policy + " on tokens " + tokens.tokens() + (row.length <= 64 ? " of " + Arrays.toString(row) : "");
    }
}
