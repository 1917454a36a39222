package dev.demur.grammar.schema;

import dev.demur.grammar.schema.Expression.Alternatives;
import dev.demur.grammar.schema.Expression.Never;
import dev.demur.grammar.schema.Expression.Repetition;
import dev.demur.grammar.schema.Expression.Sequence;
import dev.demur.grammar.schema.Expression.Terminal;
import dev.demur.grammar.schema.Expression.Use;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The rules that a schema becomes. Of what no text can match, such as an object that holds itself without an end, only
 * the alternatives to it are written.
 */
final class Rules {

    private static final int MOST_RULES = 4_900;
    private static final int MOST_CHARACTERS = 256 * 1024;
    private static final int LONGEST_NAME = 24;

    /** A rule, and the part of the schema that it came of. */
    private record Rule(Place place, Expression body) {}

    private final SchemaDocument document;
    private final Map<String, Rule> rules = new LinkedHashMap<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, Integer> next = new HashMap<>();
    private final Set<String> fertile = new HashSet<>();
    private final StringBuilder text = new StringBuilder();

    Rules(SchemaDocument document) {
        this.document = document;
    }

    /** A name that no other rule has, made of {@code hint}. */
    String name(String hint, Place place) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < hint.length() && name.length() < LONGEST_NAME; i++) {
            char c = hint.charAt(i);
            boolean fits = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (fits || !name.isEmpty() && name.charAt(name.length() - 1) != '-') {
                name.append(fits ? c : '-');
            }
        }
        String base = name.isEmpty() ? "r" : name.toString();
        String unique = base;
        while (!names.add(unique)) {
            unique = base + (base.endsWith("-") ? "" : "-") + next.merge(base, 1, Integer::sum);
        }
        if (names.size() > MOST_RULES) {
            throw document.problem(
                    place, "up to here the schema makes more than " + MOST_RULES + " rules of a grammar: ask for less");
        }
        return unique;
    }

    boolean has(String name) {
        return rules.containsKey(name);
    }

    void define(String name, Place place, Expression body) {
        names.add(name);
        rules.put(name, new Rule(place, body));
    }

    /** A new rule for {@code body}. */
    Use add(String hint, Place place, Expression body) {
        String name = name(hint, place);
        define(name, place, body);
        return new Use(name);
    }

    /** All the rules that {@code root} needs, itself first. */
    String text(String root) {
        findFertile();
        if (!fertile.contains(root)) {
            throw whyNot(root);
        }
        requireNoCircle();
        Set<String> seen = new HashSet<>(Set.of(root));
        Deque<String> todo = new ArrayDeque<>(seen);
        while (!todo.isEmpty()) {
            String name = todo.remove();
            Rule rule = rule(name);
            Expression body = pruned(rule.body);
            text.append(name).append(" ::= ");
            write(body, false);
            text.append('\n');
            if (text.length() > MOST_CHARACTERS) {
                throw document.problem(
                        rule.place,
                        "up to here the grammar of this schema has more than " + MOST_CHARACTERS
                                + " characters: ask for less");
            }
            uses(body, used -> {
                if (seen.add(used)) {
                    todo.add(used);
                }
            });
        }
        return text.toString();
    }

    private Rule rule(String name) {
        Rule rule = rules.get(name);
        if (rule == null) {
            throw new IllegalStateException("the rule " + name + " was not made");
        }
        return rule;
    }

    /** Until nothing changes: a rule is fertile where some text matches it. Later rules are mostly parts of earlier ones. */
    private void findFertile() {
        List<String> order = new ArrayList<>(rules.keySet());
        boolean changed = true;
        while (changed) {
            changed = false;
            for (int i = order.size() - 1; i >= 0; i--) {
                String name = order.get(i);
                if (!fertile.contains(name) && isFertile(rule(name).body)) {
                    fertile.add(name);
                    changed = true;
                }
            }
        }
    }

    private boolean isFertile(Expression part) {
        if (part instanceof Use use) {
            return fertile.contains(use.rule());
        }
        if (part instanceof Sequence sequence) {
            return sequence.parts().stream().allMatch(this::isFertile);
        }
        if (part instanceof Alternatives several) {
            return several.parts().stream().anyMatch(this::isFertile);
        }
        if (part instanceof Repetition repetition) {
            return repetition.least() == 0 || isFertile(repetition.part());
        }
        return part instanceof Terminal;
    }

    private Expression pruned(Expression part) {
        if (part instanceof Sequence sequence) {
            return Expression.sequence(
                    sequence.parts().stream().map(this::pruned).toList());
        }
        if (part instanceof Alternatives several) {
            return Expression.alternatives(several.parts().stream()
                    .filter(this::isFertile)
                    .map(this::pruned)
                    .toList());
        }
        if (part instanceof Repetition repetition) {
            return isFertile(repetition.part())
                    ? Expression.repeated(pruned(repetition.part()), repetition.least(), repetition.most())
                    : Expression.NOTHING;
        }
        return part;
    }

    /** Why no text matches the rule: it has a part that says so, or comes back to itself. */
    private JsonSchemaException whyNot(String root) {
        Set<String> seen = new HashSet<>();
        String name = root;
        while (true) {
            Rule rule = rule(name);
            if (!seen.add(name)) {
                return document.problem(
                        rule.place,
                        "a value would have to hold another one like it without an end: let one be left out");
            }
            Expression barren = barren(rule.body);
            if (barren instanceof Never never) {
                return document.problem(never.place(), never.why());
            }
            if (!(barren instanceof Use use)) {
                return document.problem(rule.place, "there is no such value");
            }
            name = use.rule();
        }
    }

    /** What within a part that no text matches stands for itself. */
    private Expression barren(Expression part) {
        if (part instanceof Sequence sequence) {
            return barren(sequence.parts().stream()
                    .filter(each -> !isFertile(each))
                    .findFirst()
                    .orElseThrow());
        }
        if (part instanceof Alternatives several) {
            return several.parts().isEmpty() ? part : barren(several.parts().get(0));
        }
        if (part instanceof Repetition repetition) {
            return barren(repetition.part());
        }
        return part;
    }

    /** An alternative that is another rule alone must not lead back: {@code anyOf} of itself. */
    private void requireNoCircle() {
        Map<String, Integer> calledBy = new HashMap<>();
        rules.forEach((name, rule) -> alone(rule.body).forEach(used -> calledBy.merge(used, 1, Integer::sum)));
        Deque<String> free = new ArrayDeque<>();
        rules.keySet().stream().filter(name -> !calledBy.containsKey(name)).forEach(free::add);
        Set<String> circle = new HashSet<>(rules.keySet());
        while (!free.isEmpty()) {
            String name = free.remove();
            circle.remove(name);
            for (String used : alone(rule(name).body)) {
                if (calledBy.merge(used, -1, Integer::sum) == 0) {
                    free.add(used);
                }
            }
        }
        for (Map.Entry<String, Rule> rule : rules.entrySet()) {
            if (circle.contains(rule.getKey()) && leadsBack(rule.getKey())) {
                throw document.problem(rule.getValue().place, "this leads back to itself before a value begins");
            }
        }
    }

    private boolean leadsBack(String start) {
        Set<String> seen = new HashSet<>();
        Deque<String> todo = new ArrayDeque<>(List.of(start));
        while (!todo.isEmpty()) {
            for (String used : alone(rule(todo.remove()).body)) {
                if (used.equals(start)) {
                    return true;
                }
                if (seen.add(used)) {
                    todo.add(used);
                }
            }
        }
        return false;
    }

    private static List<String> alone(Expression body) {
        List<Expression> parts = body instanceof Alternatives several ? several.parts() : List.of(body);
        return parts.stream()
                .filter(Use.class::isInstance)
                .map(part -> ((Use) part).rule())
                .toList();
    }

    private static void uses(Expression part, Consumer<String> seen) {
        if (part instanceof Use use) {
            seen.accept(use.rule());
        } else if (part instanceof Sequence sequence) {
            sequence.parts().forEach(each -> uses(each, seen));
        } else if (part instanceof Alternatives several) {
            several.parts().forEach(each -> uses(each, seen));
        } else if (part instanceof Repetition repetition) {
            uses(repetition.part(), seen);
        }
    }

    private void write(Expression part, boolean nested) {
        if (part instanceof Terminal terminal) {
            text.append(terminal.text());
        } else if (part instanceof Use use) {
            text.append(use.rule());
        } else if (part instanceof Sequence sequence) {
            writeAll(sequence.parts(), " ", "\"\"", nested);
        } else if (part instanceof Alternatives several) {
            writeAll(several.parts(), " | ", "", nested);
        } else if (part instanceof Repetition repetition) {
            boolean twice = repetition.part() instanceof Repetition;
            text.append(twice ? "(" : "");
            write(repetition.part(), true);
            text.append(twice ? ")" : "");
            text.append(times(repetition.least(), repetition.most()));
        }
    }

    private void writeAll(List<Expression> parts, String between, String none, boolean nested) {
        text.append(nested ? "(" : "");
        text.append(parts.isEmpty() ? none : "");
        for (int i = 0; i < parts.size(); i++) {
            text.append(i == 0 ? "" : between);
            // A sequence among alternatives needs no parentheses.
            write(parts.get(i), !(between.contains("|") && parts.get(i) instanceof Sequence));
        }
        text.append(nested ? ")" : "");
    }

    private static String times(int least, int most) {
        if (most == Expression.UNBOUNDED) {
            return least == 0 ? "*" : least == 1 ? "+" : "{" + least + ",}";
        }
        if (least == 0 && most == 1) {
            return "?";
        }
        return least == most ? "{" + least + "}" : "{" + least + "," + most + "}";
    }
}
