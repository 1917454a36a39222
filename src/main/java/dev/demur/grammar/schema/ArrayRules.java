package dev.demur.grammar.schema;

import java.util.List;
import java.util.function.Function;

/** Arrays: first items with schemas of their own, then others with one schema. */
final class ArrayRules {

    private static final Expression COMMA = Expression.literal(",");

    private final Rules rules;
    private final JsonRules json;
    private final Repetitions repetitions;
    private final Function<List<Schema>, Expression> values;

    /**
     * Rules for arrays.
     *
     * @param values what fits some schemas
     */
    ArrayRules(Rules rules, JsonRules json, Repetitions repetitions, Function<List<Schema>, Expression> values) {
        this.rules = rules;
        this.json = json;
        this.repetitions = repetitions;
        this.values = values;
    }

    Expression write(Shape shape, String name) {
        if (shape.isAnyArray()) {
            return json.array();
        }
        if (shape.maxItems < shape.minItems) {
            return new Expression.Never(shape.place, "maxItems is below minItems");
        }
        Expression behind = Expression.NOTHING;
        if (shape.hasOtherItems()) {
            Expression item = values.apply(shape.item(shape.prefix));
            if (shape.prefix == 0) {
                return array(first(item, shape, name), shape.minItems == 0);
            }
            behind = more(
                    item,
                    Math.max(0, shape.minItems - shape.prefix),
                    shape.maxItems == Integer.MAX_VALUE ? shape.maxItems : shape.maxItems - shape.prefix,
                    shape,
                    name);
        }
        for (int i = Math.min(shape.prefix, shape.maxItems) - 1; i > 0; i--) {
            Expression next = Expression.sequence(COMMA, json.space(), values.apply(shape.item(i)), behind);
            behind = i < shape.minItems ? next : Expression.optional(next);
            if (i > 1) {
                behind = rules.add(name + "-" + i, shape.place, behind);
            }
        }
        return shape.maxItems == 0
                ? array(Expression.NOTHING, false)
                : array(Expression.sequence(values.apply(shape.item(0)), behind, json.space()), shape.minItems == 0);
    }

    private Expression first(Expression item, Shape shape, String name) {
        if (shape.maxItems == 0) {
            return Expression.NOTHING;
        }
        int most = shape.maxItems == Integer.MAX_VALUE ? shape.maxItems : shape.maxItems - 1;
        return Expression.sequence(item, more(item, Math.max(0, shape.minItems - 1), most, shape, name), json.space());
    }

    private Expression more(Expression item, int least, int most, Shape shape, String name) {
        if (most <= 0) {
            return Expression.NOTHING;
        }
        Expression next = rules.add(name + "-more", shape.place, Expression.sequence(COMMA, json.space(), item));
        return repetitions.of(next, least, most, shape.place, name + "-items");
    }

    private Expression array(Expression items, boolean mayBeEmpty) {
        return Expression.sequence(
                Expression.literal("["),
                json.space(),
                mayBeEmpty ? Expression.optional(items) : items,
                Expression.literal("]"));
    }
}
