package dev.demur.grammar;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A grammar written out for bytes: rules with alternatives, each a row of steps that read a byte or call a rule.
 * Repetitions and classes of characters have become rules.
 */
final class Program {

    /** What a step does. */
    enum Kind {
        /** Reads a byte from {@code a} to {@code b}. */
        BYTE,
        /** Goes through the rule {@code a}. */
        CALL,
        /** Ends an alternative. */
        END
    }

    /** A step; the one that follows has the next index. */
    record Step(Kind kind, int a, int b) {
        static final Step LAST = new Step(Kind.END, 0, 0);

        static Step call(int rule) {
            return new Step(Kind.CALL, rule, 0);
        }
    }

    private final List<Step> steps = new ArrayList<>();

    /** Per rule: where each of its alternatives begins. */
    private final List<int[]> rules = new ArrayList<>();

    private final Map<String, Integer> named = new HashMap<>();
    private final Map<CharacterRanges, Integer> classes = new IdentityHashMap<>();

    private Program() {}

    static Program of(RuleSet set) {
        Program program = new Program();
        for (Rule rule : set.all()) {
            program.named.put(rule.name(), program.reserve());
        }
        for (Rule rule : set.all()) {
            program.define(program.rule(rule.name()), program.alternatives(rule.body()));
        }
        return program;
    }

    Step step(int at) {
        return steps.get(at);
    }

    /** Where the alternatives of a rule begin. */
    int[] alternatives(int rule) {
        return rules.get(rule);
    }

    /** The number of the rule of that name, which must exist. */
    int rule(String name) {
        Integer rule = named.get(name);
        if (rule == null) {
            throw new IllegalArgumentException("there is no rule '" + name + "'");
        }
        return rule;
    }

    private int reserve() {
        rules.add(new int[0]);
        return rules.size() - 1;
    }

    private void define(int rule, List<List<Step>> alternatives) {
        int[] starts = new int[alternatives.size()];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = steps.size();
            steps.addAll(alternatives.get(i));
            steps.add(Step.LAST);
        }
        rules.set(rule, starts);
    }

    private Step callOf(List<List<Step>> alternatives) {
        int rule = reserve();
        define(rule, alternatives);
        return Step.call(rule);
    }

    private List<List<Step>> alternatives(Part.Choice choice) {
        List<List<Step>> alternatives = new ArrayList<>();
        for (List<Part> sequence : choice.alternatives()) {
            List<Step> row = new ArrayList<>();
            for (Part part : sequence) {
                row.addAll(row(part));
            }
            alternatives.add(row);
        }
        return alternatives;
    }

    private List<Step> row(Part part) {
        if (part instanceof Part.Characters characters) {
            List<Step> row = new ArrayList<>();
            for (CharacterRanges place : characters.places()) {
                row.addAll(row(place));
            }
            return row;
        }
        if (part instanceof Part.Use use) {
            return List.of(Step.call(rule(use.rule())));
        }
        if (part instanceof Part.Choice choice) {
            return List.of(callOf(alternatives(choice)));
        }
        return row((Part.Repetition) part);
    }

    private List<Step> row(CharacterRanges place) {
        List<CharacterRanges.Bytes> spellings = place.bytes();
        if (spellings.size() == 1) {
            return row(spellings.get(0));
        }
        Integer known = classes.get(place);
        if (known == null) {
            known = reserve();
            classes.put(place, known);
            define(known, spellings.stream().map(Program::row).toList());
        }
        return List.of(Step.call(known));
    }

    private static List<Step> row(CharacterRanges.Bytes spelling) {
        List<Step> row = new ArrayList<>();
        int[] bounds = spelling.bounds();
        for (int i = 0; i < bounds.length; i += 2) {
            row.add(new Step(Kind.BYTE, bounds[i], bounds[i + 1]));
        }
        return row;
    }

    private List<Step> row(Part.Repetition repetition) {
        List<Step> once = row(repetition.part());
        List<Step> row = new ArrayList<>();
        for (int i = 0; i < repetition.least(); i++) {
            row.addAll(once);
        }
        if (repetition.most() == Part.UNBOUNDED) {
            int again = reserve();
            List<Step> more = new ArrayList<>(once);
            more.add(Step.call(again));
            define(again, List.of(more, List.of()));
            row.add(Step.call(again));
            return row;
        }
        List<Step> rest = List.of();
        for (int i = repetition.least(); i < repetition.most(); i++) {
            List<Step> more = new ArrayList<>(once);
            more.addAll(rest);
            rest = List.of(callOf(List.of(more, List.of())));
        }
        row.addAll(rest);
        return row;
    }
}
