package dev.demur.grammar;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules of a grammar by their names, and which of them may match nothing. Of two with one name the last counts. */
final class RuleSet {

    private static final int MOST_RULES = 5_000;

    private final Map<String, Rule> rules;
    private final Set<String> empty = new HashSet<>();

    private RuleSet(Map<String, Rule> rules) {
        this.rules = rules;
    }

    static RuleSet of(String text, List<Rule> rules) {
        if (rules.size() > MOST_RULES) {
            throw new GrammarException(
                    text,
                    rules.get(MOST_RULES).at(),
                    "there are more than " + MOST_RULES + " rules: join some of them");
        }
        Map<String, Rule> byName = new LinkedHashMap<>();
        for (Rule rule : rules) {
            byName.put(rule.name(), rule);
        }
        if (!byName.containsKey(Grammar.ROOT)) {
            throw new GrammarException(text, 0, "there is no rule '" + Grammar.ROOT + "', which a text begins with");
        }
        RuleSet set = new RuleSet(byName);
        for (Rule rule : rules) {
            set.requireDefined(text, rule.body());
        }
        set.findEmpty();
        return set;
    }

    private void requireDefined(String text, Part part) {
        if (part instanceof Part.Use use && !rules.containsKey(use.rule())) {
            throw new GrammarException(text, use.at(), "the rule '" + use.rule() + "' is defined nowhere");
        }
        if (part instanceof Part.Repetition repetition) {
            requireDefined(text, repetition.part());
        }
        if (part instanceof Part.Choice choice) {
            choice.alternatives().forEach(sequence -> sequence.forEach(inner -> requireDefined(text, inner)));
        }
    }

    /** Until nothing changes: a rule may be empty where one of its alternatives may. */
    private void findEmpty() {
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Rule rule : rules.values()) {
                if (!empty.contains(rule.name()) && mayBeEmpty(rule.body())) {
                    empty.add(rule.name());
                    changed = true;
                }
            }
        }
    }

    Iterable<Rule> all() {
        return rules.values();
    }

    Rule named(String name) {
        Rule rule = rules.get(name);
        if (rule == null) {
            throw new IllegalArgumentException("there is no rule '" + name + "'");
        }
        return rule;
    }

    /** Whether the part may match nothing. */
    boolean mayBeEmpty(Part part) {
        if (part instanceof Part.Characters characters) {
            return characters.places().isEmpty();
        }
        if (part instanceof Part.Use use) {
            return empty.contains(use.rule());
        }
        if (part instanceof Part.Repetition repetition) {
            return repetition.least() == 0 || mayBeEmpty(repetition.part());
        }
        return ((Part.Choice) part)
                .alternatives().stream().anyMatch(sequence -> sequence.stream().allMatch(this::mayBeEmpty));
    }
}
