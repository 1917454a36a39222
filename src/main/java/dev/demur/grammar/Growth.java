package dev.demur.grammar;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bounds what becomes of a grammar: the parts that its repetitions are written out to, and at every place the ways to the
 * next character, all of which are followed.
 */
final class Growth {

    private static final int MOST_PARTS = 200_000;
    private static final double MOST_WAYS = 10_000;

    /**
     * The ways to go on from a place.
     *
     * @param characters the ways to a next character
     * @param nothing the ways to the end without one
     */
    private record Ways(double characters, double nothing) {

        static final Ways END = new Ways(0, 1);

        Ways then(Ways next) {
            return nothing == 0 ? this : new Ways(characters + nothing * next.characters, nothing * next.nothing);
        }

        Ways or(Ways other) {
            return new Ways(characters + other.characters, nothing + other.nothing);
        }
    }

    private final String text;
    private final RuleSet rules;
    private final Map<String, Ways> ways = new HashMap<>();
    private long parts;

    private Growth(String text, RuleSet rules) {
        this.text = text;
        this.rules = rules;
    }

    /** For rules of which none can begin with itself. */
    static void check(String text, RuleSet rules) {
        Growth growth = new Growth(text, rules);
        for (Rule rule : rules.all()) {
            growth.parts += 1 + partsOf(rule.body());
            if (growth.parts > MOST_PARTS) {
                throw new GrammarException(
                        text,
                        rule.at(),
                        "up to this rule the grammar has more than " + MOST_PARTS
                                + " parts once its repetitions are written out: repeat less");
            }
        }
        for (Rule rule : rules.all()) {
            growth.requireFew(rule, growth.ofRule(rule));
            growth.checkPlaces(rule, rule.body());
        }
    }

    /** How many steps a part takes, those of the rules that are made for it included. */
    private static long partsOf(Part part) {
        if (part instanceof Part.Characters characters) {
            return characters.places().size();
        }
        if (part instanceof Part.Choice choice) {
            return choice.alternatives().stream()
                    .mapToLong(sequence ->
                            1 + sequence.stream().mapToLong(Growth::partsOf).sum())
                    .sum();
        }
        if (part instanceof Part.Repetition repetition) {
            // What stands in parentheses is made a rule of once, and its name repeated.
            boolean named = repetition.part() instanceof Part.Choice;
            long once = named ? 1 : partsOf(repetition.part());
            long optional = repetition.most() == Part.UNBOUNDED ? 1 : repetition.most() - repetition.least();
            return (named ? partsOf(repetition.part()) : 0) + repetition.least() * once + optional * (once + 3);
        }
        return 1;
    }

    private Ways ofRule(Rule rule) {
        Ways known = ways.get(rule.name());
        if (known == null) {
            known = of(rule.body());
            ways.put(rule.name(), known);
        }
        return known;
    }

    private Ways of(Part part) {
        if (part instanceof Part.Characters characters) {
            return characters.places().isEmpty() ? Ways.END : new Ways(1, 0);
        }
        if (part instanceof Part.Use use) {
            return ofRule(rules.named(use.rule()));
        }
        if (part instanceof Part.Choice choice) {
            Ways sum = new Ways(0, 0);
            for (List<Part> sequence : choice.alternatives()) {
                sum = sum.or(ofSequence(sequence, 0));
            }
            return sum;
        }
        return ofRepetition((Part.Repetition) part);
    }

    private Ways ofSequence(List<Part> sequence, int from) {
        Ways all = Ways.END;
        for (Part part : sequence.subList(from, sequence.size())) {
            if (all.nothing == 0) {
                return all; // what follows is not reached, and may lead back here
            }
            all = all.then(of(part));
        }
        return all;
    }

    /** As it is written out: the least number in a row, then one within the other, each of them left out or not. */
    private Ways ofRepetition(Part.Repetition repetition) {
        if (repetition.most() == 0) {
            return Ways.END; // nothing of it is left
        }
        Ways once = of(repetition.part());
        int optional = repetition.most() == Part.UNBOUNDED ? 1 : repetition.most() - repetition.least();
        Ways rest = Ways.END;
        for (int i = 0; i < optional; i++) {
            rest = once.then(rest).or(Ways.END);
        }
        for (int i = 0; i < repetition.least(); i++) {
            rest = once.then(rest);
        }
        return rest;
    }

    /** The ways from every place within the part. */
    private void checkPlaces(Rule rule, Part part) {
        if (part instanceof Part.Repetition repetition && repetition.most() != 0) {
            requireFew(rule, ofRepetition(repetition));
            checkPlaces(rule, repetition.part());
        }
        if (part instanceof Part.Choice choice) {
            for (List<Part> sequence : choice.alternatives()) {
                for (int i = 0; i < sequence.size(); i++) {
                    requireFew(rule, ofSequence(sequence, i));
                    checkPlaces(rule, sequence.get(i));
                }
            }
        }
    }

    private void requireFew(Rule rule, Ways found) {
        if (found.characters + found.nothing > MOST_WAYS) {
            throw new GrammarException(
                    text,
                    rule.at(),
                    "in the rule '" + rule.name() + "' there are more than "
                            + (int) MOST_WAYS
                            + " ways to go on at one place: let fewer things be empty one after another, and"
                            + " alternatives begin with what they share");
        }
    }
}
