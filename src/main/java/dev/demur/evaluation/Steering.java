package dev.demur.evaluation;

import dev.demur.arguments.Given;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.numeric.LogOdds;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steering matrix: how much moving one category's threshold moves every category's refusals.
 *
 * <p>The paper (arXiv 2412.06748, section 4) claims that categories are controlled independently of each other; then all
 * is on the diagonal. Every threshold is moved by itself, to a shift below and a shift above where it is, in log-odds;
 * by {@code logit-bias} the category's bias is moved, in logits, up and down. Everything is decided anew at both ends.
 *
 * @param shift how far to each side
 * @param categories the ids of the model's categories, the columns of each move
 * @param moves one for each category with a threshold between 0 and 1, or a bias
 */
public record Steering(double shift, List<String> categories, List<Move> moves) {

    /**
     * What moving one category's threshold does; all numbers are at the low threshold minus at the high one.
     *
     * @param category whose threshold is moved
     * @param low the low threshold, or the high bias
     * @param high the high threshold, or the low bias
     * @param refusedAs change of the share of all rows that are refused as each category
     * @param refusalRates change of the share refused at all of the should-refuse rows labelled with each category; null:
     *     there are none
     * @param falseRefusalRate change of the joint false refusal rate; null: there are no should-answer rows
     */
    public record Move(
            String category,
            double low,
            double high,
            List<Double> refusedAs,
            List<@Nullable Double> refusalRates,
            @Nullable Double falseRefusalRate) {
        public Move {
            Given.value(category, "category");
            Given.value(refusedAs, "refusedAs");
            Given.value(refusalRates, "refusalRates");
        }
    }

    public Steering {
        categories = Given.list(categories, "categories");
        moves = Given.list(moves, "moves");
    }

    static Steering of(ScoredPrompts prompts, RefusalPolicy policy, double shift) {
        List<String> ids =
                prompts.labels().categories().stream().map(Category::id).toList();
        List<Move> moves = new ArrayList<>();
        boolean biases = policy.rule() == Rule.LOGIT_BIAS;
        for (CategoryPolicy category : policy.categories()) {
            if (biases) {
                Double set = category.bias();
                double bias = set == null ? 0 : set;
                moves.add(move(
                        prompts,
                        category.id(),
                        bias + shift,
                        bias - shift,
                        policy.withBias(category.id(), bias + shift),
                        policy.withBias(category.id(), bias - shift)));
            } else if (isMovable(category)) {
                Double threshold = category.threshold();
                double from = threshold == null ? 0 : threshold;
                double low = LogOdds.moved(from, -shift);
                double high = LogOdds.moved(from, shift);
                moves.add(move(
                        prompts,
                        category.id(),
                        low,
                        high,
                        policy.withThreshold(category.id(), low),
                        policy.withThreshold(category.id(), high)));
            }
        }
        return new Steering(shift, ids, moves);
    }

    private static boolean isMovable(CategoryPolicy category) {
        Double threshold = category.threshold();
        return threshold != null && threshold > 0 && threshold < 1;
    }

    private static Move move(
            ScoredPrompts prompts, String id, double low, double high, RefusalPolicy atLow, RefusalPolicy atHigh) {
        Decisions more = prompts.decide(atLow);
        Decisions fewer = prompts.decide(atHigh);
        List<Double> refusedAs = new ArrayList<>();
        List<@Nullable Double> refusalRates = new ArrayList<>();
        for (int c = 0; c < prompts.labels().respondIndex(); c++) {
            refusedAs.add((more.refusalsAs(c) - fewer.refusalsAs(c)) / (double) Math.max(1, prompts.size()));
            String label = prompts.labels().categories().get(c).id();
            refusalRates.add(change(more, fewer, prompts.shouldRefuse(label)));
        }
        return new Move(id, low, high, refusedAs, refusalRates, change(more, fewer, prompts.shouldAnswer()));
    }

    private static @Nullable Double change(Decisions more, Decisions fewer, int[] rows) {
        return rows.length == 0 ? null : (more.refusals(rows) - fewer.refusals(rows)) / (double) rows.length;
    }
}
