package dev.demur.cli.ask;

import dev.demur.cli.terminal.Bar;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Text;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decision's probabilities as bars, one line per label: id, bar with the threshold marked, probability, and how
 * it compares; the line that decides is pointed out.
 */
public final class ProbabilityChart {

    /** What a chart is made for where nothing tells how wide the terminal is; wider ones get no wider chart. */
    public static final int WIDTH = 80;

    private static final int LONGEST_LABEL = 20;
    private static final int NARROW = 50;
    private static final int NARROW_LABEL = 13;
    private static final int NARROWEST_BAR = 3;

    /** What a line has besides label, bar, note and what points at the decision: spaces and the number. */
    private static final int AROUND = 13;

    private final Decision decision;
    private final RefusalPolicy policy;
    private final Style style;
    private final Reading reading;
    private final Rules rules;
    private final Labels labels;
    private final Bar bar;
    private final int labelWidth;

    private ProbabilityChart(Decision decision, RefusalPolicy policy, Style style, int width) {
        this.decision = decision;
        this.policy = policy;
        this.style = style;
        this.reading = decision.reading();
        this.labels = reading.labels();
        this.rules = policy.bind(labels);
        int longest = "respond".length();
        int longestNote = policy.rule() == Rule.SUM ? sumNote().length() : 0;
        for (int i = 0; i < labels.respondIndex(); i++) {
            longest = Math.max(longest, labels.id(i).length());
            longestNote = Math.max(longestNote, note(i).length());
        }
        this.labelWidth = Math.min(longest, width < NARROW ? NARROW_LABEL : LONGEST_LABEL);
        int left = width - labelWidth - longestNote - AROUND - pointer().length();
        this.bar = new Bar(style, Math.max(NARROWEST_BAR, Math.min(Bar.WIDTH, left)));
    }

    /**
     * The chart's lines.
     *
     * @param width how many characters a line may have; from 40 on that is kept, from 50 on by the rules {@code relative} and
     *     {@code logit-bias}, which have more to say
     */
    public static List<String> lines(Decision decision, RefusalPolicy policy, Style style, int width) {
        return new ProbabilityChart(decision, policy, style, width).lines();
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        int chosen = chosenIndex();
        for (int i = 0; i < labels.respondIndex(); i++) {
            double p = reading.probability(i);
            lines.add(line(labels.id(i), p, mark(i), note(i), i == chosen));
        }
        int respond = labels.respondIndex();
        lines.add(line("respond", reading.probability(respond), null, "", respond == chosen));
        if (policy.rule() == Rule.SUM) {
            double sum = rules.score(reading, 0);
            lines.add(line("sum", Math.min(1, sum), policy.sumThreshold(), sumNote(), false));
        }
        return lines;
    }

    private String sumNote() {
        return comparison("", rules.score(reading, 0), policy.sumThreshold());
    }

    /** The row of the label that was decided on; -1 where that is none. */
    private int chosenIndex() {
        if (decision instanceof Decision.Refuse refuse) {
            return labels.indexOf(refuse.category().id());
        }
        return decision instanceof Decision.Respond ? labels.respondIndex() : -1;
    }

    private String line(String id, double p, @Nullable Double threshold, String note, boolean chosen) {
        String pointer = chosen ? pointer() : "";
        String printable = Text.oneLine(id);
        String label = printable.length() > labelWidth ? printable.substring(0, labelWidth) : printable;
        String padded = label + " ".repeat(labelWidth - label.length());
        String head = chosen ? emphasised(padded) : padded;
        String number = Decimal.probability(p);
        String line = "  " + head + " " + bar.of(p, threshold, chosen ? this::emphasised : style::bold) + " "
                + (chosen ? style.bold(number) : number) + (note.isEmpty() ? "" : "  " + style.dim(note))
                + (chosen ? emphasised(pointer) : pointer);
        return line.stripTrailing();
    }

    private String pointer() {
        return style.unicode() ? " ◀" : " <--";
    }

    private String emphasised(String text) {
        return DecisionText.painted(decision, text, style);
    }

    /** The probability from which on the category is refused, where the rule compares probabilities. */
    private @Nullable Double mark(int category) {
        Rule rule = policy.rule();
        return rule == Rule.THRESHOLD || rule == Rule.TOP_CATEGORY ? threshold(category) : null;
    }

    private String note(int category) {
        double score = rules.score(reading, category);
        return switch (policy.rule()) {
            case THRESHOLD -> comparison("", score, threshold(category));
            // Only the most probable category has a score.
            case TOP_CATEGORY -> score > 0 ? comparison("", score, threshold(category)) : "";
            case RELATIVE, REFIT ->
                comparison("r " + Decimal.probability(score).strip() + " ", score, threshold(category));
            case SUM -> "";
            case LOGIT_BIAS -> bias(category);
        };
    }

    private @Nullable Double threshold(int category) {
        return named(category).map(CategoryPolicy::threshold).orElse(null);
    }

    private String bias(int category) {
        Double bias = named(category).map(CategoryPolicy::bias).orElse(null);
        return bias == null ? "" : "bias " + (bias > 0 ? "+" : "") + Decimal.brief(bias);
    }

    private Optional<CategoryPolicy> named(int category) {
        return policy.category(labels.id(category));
    }

    private String comparison(String before, double score, @Nullable Double threshold) {
        if (threshold == null) {
            return before + "no threshold";
        }
        String reached = style.unicode() ? "≥ " : ">= ";
        return before + (score >= threshold ? reached : "< ") + Decimal.brief(threshold, score);
    }
}
