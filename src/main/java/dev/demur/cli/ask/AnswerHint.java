package dev.demur.cli.ask;

import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Style;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What would have let a refused prompt through, in a line: the scores that reached their thresholds, and the options that
 * raise these. The policy that the options make is asked; a line that it would not keep is not shown.
 */
public final class AnswerHint {

    private static final int MOST_DECIMALS = 4;

    private final Labels labels;
    private final Reading reading;
    private final Rules rules;
    private final Style style;
    private final boolean inChat;
    private final List<String> reasons = new ArrayList<>();
    private final List<String> changes = new ArrayList<>();
    private RefusalPolicy changed;

    private AnswerHint(Reading reading, RefusalPolicy policy, Style style, boolean inChat) {
        this.labels = reading.labels();
        this.reading = reading;
        this.rules = policy.bind(labels);
        this.style = style;
        this.inChat = inChat;
        this.changed = policy;
    }

    /**
     * The line, as {@code safety 0.61 ≥ 0.48; --threshold safety=0.7 answers}; null where nothing was refused, or no such
     * change of this policy answers.
     *
     * @param inChat whether it is a chat's commands that change the policy, which has none for biases, and not options
     */
    public static @Nullable String of(Decision decision, RefusalPolicy policy, Style style, boolean inChat) {
        if (!(decision instanceof Decision.Refuse refuse)) {
            return null;
        }
        AnswerHint hint = new AnswerHint(decision.reading(), policy, style, inChat);
        if (refuse.category().isCare()) {
            return hint.care(refuse.category().id());
        }
        switch (policy.rule()) {
            case THRESHOLD, RELATIVE, REFIT -> hint.raiseAll();
            case TOP_CATEGORY -> hint.raiseTop(refuse.category().id());
            case SUM -> hint.raiseSum();
            case LOGIT_BIAS -> hint.lowerAll();
        }
        boolean possible = !hint.changes.isEmpty() && !(inChat && policy.rule() == Rule.LOGIT_BIAS);
        boolean answers = possible && hint.changed.bind(hint.labels).decide(hint.reading) instanceof Decision.Respond;
        return answers
                ? String.join(", ", hint.reasons) + "; " + String.join(inChat ? " and " : " ", hint.changes)
                        + (inChat && hint.changes.size() > 1 ? " answer" : " answers")
                : null;
    }

    /** Care is no refusal that somebody wants to get around, but a rule that can be switched off. */
    private String care(String id) {
        String reason = "someone may need help more than an answer";
        return rules.policy().rule() == Rule.LOGIT_BIAS || rules.policy().rule() == Rule.SUM
                ? reason
                : reason + "; " + option("threshold", id + "=none") + " switches this off";
    }

    private void raiseAll() {
        for (int c : rules.declared()) {
            if (rules.passes(reading, c)) {
                raise(c);
            }
        }
    }

    /** Raises the threshold of the most probable category, the only one that is looked at, or gives it one. */
    private void raiseTop(String refused) {
        int top = rules.declared()[0];
        for (int c : rules.declared()) {
            top = reading.logit(c) > reading.logit(top) ? c : top;
        }
        if (Double.isNaN(rules.threshold(top))) {
            reasons.add(refused + " is the model's own choice");
            raise(top, reading.probability(top));
        } else {
            raise(top);
        }
    }

    private void raise(int c) {
        double score = rules.score(reading, c);
        reasons.add(comparison(labels.id(c), score, rules.threshold(c)));
        raise(c, score);
    }

    /** Raises the threshold of a category above its score. */
    private void raise(int c, double score) {
        String id = labels.id(c);
        Double above = above(score);
        changes.add(option("threshold", id + "=" + (above == null ? "none" : Decimal.plain(above))));
        RefusalPolicy named = changed.naming(id);
        changed = above == null ? named.withoutThreshold(id) : named.withThreshold(id, above);
    }

    private void raiseSum() {
        double sum = rules.score(reading, 0);
        reasons.add(comparison("sum", sum, rules.threshold(0)));
        Double above = above(sum);
        changes.add(option("threshold", "sum=" + (above == null ? "none" : Decimal.plain(above))));
        changed = changed.withSumThreshold(above);
    }

    /** Lowers the bias of every category whose logit and bias reach respond's logit. */
    private void lowerAll() {
        double respond = reading.logit(labels.respondIndex());
        for (int c : rules.declared()) {
            String id = labels.id(c);
            Double own = changed.category(id).map(CategoryPolicy::bias).orElse(null);
            double bias = own == null ? 0 : own;
            double lead = reading.logit(c) + bias - respond;
            if (!(lead >= 0) || lead == Double.POSITIVE_INFINITY) {
                continue; // it loses, or nothing finite takes it below
            }
            double lower = decimal(bias - lead, 1, RoundingMode.FLOOR);
            lower = reading.logit(c) + lower < respond ? lower : decimal(lower - 0.1, 1, RoundingMode.HALF_UP);
            reasons.add(id + " leads respond by " + Decimal.brief(lead));
            changes.add(option("bias", id + "=" + Decimal.plain(lower)));
            changed = changed.naming(id).withBias(id, lower);
        }
    }

    private String comparison(String id, double score, double threshold) {
        return id + " " + Decimal.reached(score, style.unicode() ? " ≥ " : " >= ", threshold);
    }

    private String option(String name, String value) {
        return (inChat ? "/" : "--") + name + " " + value;
    }

    /** A number of few decimals above the score and below 1; 1 where there is none; null where the score is 1 itself. */
    private static @Nullable Double above(double score) {
        for (int places = 1; places <= MOST_DECIMALS; places++) {
            double candidate = BigDecimal.valueOf(score)
                    .setScale(places, RoundingMode.FLOOR)
                    .add(BigDecimal.ONE.movePointLeft(places))
                    .doubleValue();
            if (candidate > score && candidate < 1) {
                return candidate;
            }
        }
        return score < 1 ? 1.0 : null;
    }

    private static double decimal(double value, int places, RoundingMode mode) {
        return BigDecimal.valueOf(value).setScale(places, mode).doubleValue();
    }
}
