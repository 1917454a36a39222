package dev.demur.grammar;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds what cannot be followed to an end: a rule that can begin with itself, and what may be empty repeated without
 * end.
 */
final class LeftRecursion {

    /** Rules and groups that begin with one another are followed by recursion. */
    private static final int LONGEST_CHAIN = 200;

    private final String text;
    private final RuleSet rules;
    private final Set<String> underWay = new HashSet<>();

    /** Of the rules that were followed to their ends: the length of the longest chain. */
    private final Map<String, Integer> chains = new HashMap<>();

    private int level;

    private LeftRecursion(String text, RuleSet rules) {
        this.text = text;
        this.rules = rules;
    }

    static void check(String text, RuleSet rules) {
        LeftRecursion check = new LeftRecursion(text, rules);
        for (Rule rule : rules.all()) {
            check.requireEnd(rule.body());
        }
        for (Rule rule : rules.all()) {
            check.follow(rule.name(), rule.at());
        }
    }

    private void requireEnd(Part part) {
        if (part instanceof Part.Repetition repetition) {
            if (repetition.most() == Part.UNBOUNDED && rules.mayBeEmpty(repetition.part())) {
                throw new GrammarException(
                        text, repetition.at(), "what may be empty is repeated without end: repeat what is not");
            }
            requireEnd(repetition.part());
        }
        if (part instanceof Part.Choice choice) {
            choice.alternatives().forEach(sequence -> sequence.forEach(this::requireEnd));
        }
    }

    /** Follows what the rule that is named at {@code at} can begin with, and returns the length of the longest chain. */
    private int follow(String name, int at) {
        if (underWay.contains(name)) {
            throw new GrammarException(
                    text, at, "the rule '" + name + "' can begin with itself: let something stand before it, or use *");
        }
        Integer known = chains.get(name);
        if (known != null) {
            requireShort(known, at);
            return known;
        }
        requireShort(1, at);
        underWay.add(name);
        level++;
        int chain = 1 + followAlternatives(rules.named(name).body(), at);
        level--;
        underWay.remove(name);
        chains.put(name, chain);
        return chain;
    }

    private void requireShort(int more, int at) {
        if (level + more > LONGEST_CHAIN) {
            throw new GrammarException(
                    text,
                    at,
                    "more than " + LONGEST_CHAIN
                            + " rules, groups and repetitions can begin with one another: join some of them");
        }
    }

    private int followPart(Part part, int at) {
        if (part instanceof Part.Use use) {
            return follow(use.rule(), use.at());
        }
        if (part instanceof Part.Repetition repetition) {
            if (repetition.most() == 0) {
                return 0; // nothing of it is left
            }
            // llama.cpp makes a rule for each time that may be left out, and the next begins where this may be empty.
            boolean chained = repetition.most() != Part.UNBOUNDED && rules.mayBeEmpty(repetition.part());
            int times = chained ? repetition.most() - repetition.least() : 1;
            requireShort(times, repetition.at());
            level += times;
            int chain = times + followPart(repetition.part(), repetition.at());
            level -= times;
            return chain;
        }
        if (part instanceof Part.Choice choice) {
            requireShort(1, at);
            level++;
            int chain = 1 + followAlternatives(choice, at);
            level--;
            return chain;
        }
        return 0;
    }

    private int followAlternatives(Part.Choice choice, int at) {
        int longest = 0;
        for (List<Part> sequence : choice.alternatives()) {
            for (Part part : sequence) {
                longest = Math.max(longest, followPart(part, at));
                if (!rules.mayBeEmpty(part)) {
                    break;
                }
            }
        }
        return longest;
    }
}
