package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How a policy turns probabilities into a decision; what each one compares stands in {@code Rules}. */
public enum Rule {
    /** p_c &ge; T_c; the paper's single-token script with a threshold, generalised to several categories. */
    THRESHOLD("threshold"),

    /** The paper's category script: only the most probable category is looked at. */
    TOP_CATEGORY("top-category"),

    /** p_c / (p_c + p_respond) &ge; T_c; at 0.5 the paper's single-token script with T = -1. */
    RELATIVE("relative"),

    /** &Sigma; p_c &ge; T over all categories, one threshold. */
    SUM("sum"),

    /** b_c is added to each category's logit, then the largest logit of a label wins; knows no threshold. */
    LOGIT_BIAS("logit-bias"),

    /** As {@code relative}, on what a {@link LogisticMap} that was fitted on somebody's own prompts makes of p. */
    REFIT("refit");

    private final String id;

    Rule(String id) {
        this.id = id;
    }

    /** The name in policy JSON and on the command line. */
    public String id() {
        return id;
    }

    /** The rule with this id; an IllegalArgumentException that lists the ids for any other text. */
    public static Rule of(String id) {
        Given.value(id, "rule");
        for (Rule rule : values()) {
            if (rule.id.equals(id)) {
                return rule;
            }
        }
        throw new IllegalArgumentException("rule: " + ForeignText.quoted(id) + " is not one of "
                + Arrays.stream(values()).map(Rule::id).collect(Collectors.joining(", ")));
    }
}
