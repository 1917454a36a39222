package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Objects: their named properties in the order in which they are declared, then others. */
final class ObjectRules {

    /** So many alternatives are written where they stand; of more a tree is made, whose parts are shared. */
    private static final int FEW = 8;

    private static final int LONGEST_ROW = 50;

    private final Rules rules;
    private final JsonRules json;
    private final Function<List<Schema>, Expression> values;

    /**
     * Rules for objects.
     *
     * @param values what fits some schemas
     */
    ObjectRules(Rules rules, JsonRules json, Function<List<Schema>, Expression> values) {
        this.rules = rules;
        this.json = json;
        this.values = values;
    }

    Expression write(Shape shape, String name) {
        return shape.isAnyObject() ? json.object() : new Members(shape, name).write();
    }

    /** The members of one object. */
    private final class Members {

        private final Shape shape;
        private final String rule;
        private final List<String> names;
        private final Expression comma = Expression.sequence(Expression.literal(","), json.space());

        /** A member with a name that is not declared; null where there is none. */
        private final @Nullable Expression other;

        /** By index: a property and all that may follow it. */
        private final Expression[] from;

        /** Alternatives among the properties of a range, by its bounds. */
        private final Map<List<Integer>, Expression> ranges = new HashMap<>();

        Members(Shape shape, String rule) {
            this.shape = shape;
            this.rule = rule;
            this.names = List.copyOf(shape.names);
            this.from = new Expression[names.size()];
            List<Schema> others = shape.otherProperties();
            this.other = others == null
                    ? null
                    : rules.add(
                            rule + "-other",
                            shape.place,
                            Expression.sequence(
                                    new OtherNames(rules, shape.place, rule).of(names),
                                    Expression.literal(":"),
                                    json.space(),
                                    values.apply(others)));
        }

        Expression write() {
            for (int i = names.size() - 1; i >= 0; i--) {
                Expression body = Expression.sequence(member(names.get(i)), behind(i));
                // What stands behind a required property is reached from there alone; long rows are cut.
                boolean once = i == 0 || isRequired(i - 1) && isRequired(i) && i % LONGEST_ROW != 0;
                from[i] = once ? body : rules.add(rule + "-" + names.get(i), shape.place, body);
            }
            int next = nextRequired(0);
            List<Expression> ways = new ArrayList<>(alternatives(0, next));
            if (next == names.size() && other != null) {
                ways.add(Expression.sequence(other, others()));
            }
            Expression members = Expression.sequence(Expression.alternatives(ways), json.space());
            return Expression.sequence(
                    Expression.literal("{"),
                    json.space(),
                    next < names.size() ? members : Expression.optional(members),
                    Expression.literal("}"));
        }

        private Expression member(String name) {
            return Expression.sequence(
                    Expression.literal(JsonText.string(name) + ":"), json.space(), values.apply(shape.property(name)));
        }

        private boolean isRequired(int index) {
            return shape.required.contains(names.get(index));
        }

        /** The index of the first required property from {@code index} on. */
        private int nextRequired(int index) {
            int next = index;
            while (next < names.size() && !isRequired(next)) {
                next++;
            }
            return next;
        }

        /** What may follow the property with this index. */
        private Expression behind(int index) {
            int next = nextRequired(index + 1);
            List<Expression> ways = alternatives(index + 1, next);
            if (next < names.size()) {
                return Expression.sequence(comma, Expression.alternatives(ways));
            }
            List<Expression> all = new ArrayList<>();
            if (!ways.isEmpty()) {
                all.add(Expression.sequence(comma, Expression.alternatives(ways)));
            }
            return all.isEmpty()
                    ? others()
                    : other == null ? Expression.optional(all.get(0)) : Expression.alternatives(all.get(0), others());
        }

        private Expression others() {
            return other == null
                    ? Expression.NOTHING
                    : Expression.repeated(Expression.sequence(comma, other), 0, Expression.UNBOUNDED);
        }

        /** The properties from one index to another, each with what may follow it. */
        private List<Expression> alternatives(int first, int last) {
            List<Expression> ways = new ArrayList<>();
            int to = Math.min(last, names.size() - 1);
            if (to - first < FEW) {
                for (int i = first; i <= to; i++) {
                    ways.add(from[i]);
                }
            } else {
                cover(0, names.size() - 1, first, to, ways);
            }
            return ways;
        }

        /** Adds what the ranges of a tree over all properties have of those from {@code first} to {@code last}. */
        private void cover(int low, int high, int first, int last, List<Expression> ways) {
            if (high < first || low > last) {
                return;
            }
            if (first <= low && high <= last) {
                ways.add(range(low, high));
                return;
            }
            int middle = (low + high) / 2;
            cover(low, middle, first, last, ways);
            cover(middle + 1, high, first, last, ways);
        }

        private Expression range(int low, int high) {
            if (low == high) {
                return from[low];
            }
            Expression known = ranges.get(List.of(low, high));
            if (known == null) {
                int middle = (low + high) / 2;
                known = rules.add(
                        rule + "-any",
                        shape.place,
                        Expression.alternatives(range(low, middle), range(middle + 1, high)));
                ranges.put(List.of(low, high), known);
            }
            return known;
        }
    }
}
