package dev.demur.grammar.schema;

import dev.demur.grammar.schema.Schema.Choice;
import dev.demur.json.JsonValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a grammar of a JSON schema.
 *
 * <p>Each conjunction of schemas becomes an expression or, where it holds others, a rule, which is written in its turn: so
 * that neither nesting nor references lead to recursion here.
 */
public final class SchemaGrammar {

    /** The most characters of a schema. */
    public static final int MOST_CHARACTERS = 1024 * 1024;

    private static final String ROOT = "root";
    private static final int MOST_OF_ONE = 200;
    private static final Expression QUOTE = Expression.literal("\"");

    private final SchemaDocument document;
    private final Rules rules;
    private final Repetitions repetitions;
    private final RegexWriter patterns;
    private final NumberRules numbers;
    private final JsonRules json;
    private final ObjectRules objects;
    private final ArrayRules arrays;
    private final Map<Conjunction, Expression> known = new HashMap<>();
    private final Deque<Unwritten> todo = new ArrayDeque<>();

    /** A rule that has a name and no body yet. */
    private record Unwritten(String name, Conjunction conjunction) {}

    private SchemaGrammar(SchemaDocument document, Place root) {
        this.document = document;
        this.rules = new Rules(document);
        this.repetitions = new Repetitions(document, rules);
        this.patterns = new RegexWriter(rules, repetitions);
        this.numbers = new NumberRules(document);
        rules.name(ROOT, root);
        this.json = new JsonRules(rules, numbers, root);
        this.objects = new ObjectRules(rules, json, this::of);
        this.arrays = new ArrayRules(rules, json, repetitions, this::of);
    }

    /**
     * The grammar of a schema, in GBNF from the rule {@code root} on.
     *
     * @throws JsonSchemaException if the text is no JSON, has more than {@value #MOST_CHARACTERS} characters or is nested
     *     more than 200 deep; if the schema is none, has a keyword that is not supported, or no value fits it; or if it
     *     would make too large a grammar
     */
    public static String of(String schema) {
        SchemaDocument document = SchemaDocument.parse(schema, MOST_CHARACTERS);
        Schema root = document.root();
        return new SchemaGrammar(document, root.place).text(root);
    }

    private String text(Schema root) {
        Expression whole = of(List.of(root));
        rules.define(ROOT, root.place, whole);
        while (!todo.isEmpty()) {
            Unwritten next = todo.remove();
            rules.define(next.name, next.conjunction.place(), body(next.conjunction, next.name));
        }
        return rules.text(ROOT);
    }

    /** A value that fits all the schemas. */
    private Expression of(List<Schema> schemas) {
        return of(Conjunction.of(document, schemas));
    }

    private Expression of(Conjunction conjunction) {
        if (conjunction.isEmpty()) {
            return json.value();
        }
        Expression expression = known.get(conjunction);
        if (expression == null) {
            boolean simple = conjunction.choices().isEmpty() && isSimple(new Shape(conjunction.schemas()));
            String name = simple ? "" : rules.name(conjunction.place().name(), conjunction.place());
            expression = simple ? body(conjunction, name) : new Expression.Use(name);
            known.put(conjunction, expression);
            if (!simple) {
                todo.add(new Unwritten(name, conjunction));
            }
        }
        return expression;
    }

    /** Whether no rule is needed: it holds no other values, and is short. */
    private static boolean isSimple(Shape shape) {
        boolean holds = shape.types.contains(Type.OBJECT) && !shape.isAnyObject()
                || shape.types.contains(Type.ARRAY) && !shape.isAnyArray();
        boolean isShort =
                shape.values == null && shape.patterns.isEmpty() && shape.minimum == null && shape.maximum == null;
        return shape.impossible != null || !holds && isShort;
    }

    private Expression body(Conjunction conjunction, String name) {
        if (!conjunction.choices().isEmpty()) {
            return choice(conjunction, conjunction.choices().get(0));
        }
        Shape shape = new Shape(conjunction.schemas());
        if (shape.impossible != null) {
            return new Expression.Never(shape.impossible.place, "the schema false is fitted by no value");
        }
        if (shape.values != null) {
            return listed(shape);
        }
        if (shape.types.isEmpty()) {
            return new Expression.Never(shape.place, "no type is left that a value may have");
        }
        List<Expression> ways = new ArrayList<>();
        for (Type type : shape.types) {
            switch (type) {
                case OBJECT -> ways.add(objects.write(shape, name));
                case ARRAY -> ways.add(arrays.write(shape, name));
                case STRING -> ways.add(string(shape));
                case NUMBER ->
                    ways.add(
                            shape.minimum == null && shape.maximum == null
                                    ? json.number()
                                    : numbers.number(shape.minimum, shape.maximum, shape.place));
                case INTEGER -> {
                    if (!shape.types.contains(Type.NUMBER)) {
                        ways.add(
                                shape.minimum == null && shape.maximum == null
                                        ? json.integer()
                                        : numbers.integer(shape.minimum, shape.maximum, shape.place));
                    }
                }
                case BOOLEAN -> ways.add(json.bool());
                case NULL -> ways.add(json.nothing());
            }
        }
        return Expression.alternatives(ways);
    }

    private Expression listed(Shape shape) {
        Place untold = shape.untold();
        if (untold != null) {
            throw document.problem(untold, "beside enum or const this is not supported");
        }
        List<JsonValue> admitted = shape.admitted();
        if (admitted.isEmpty()) {
            return new Expression.Never(shape.place, "none of the listed values fits what is asked besides");
        }
        return Expression.alternatives(admitted.stream()
                .map(value -> SchemaValues.written(value, json.space()))
                .toList());
    }

    private Expression string(Shape shape) {
        if (shape.patterns.size() > 1) {
            throw document.problem(
                    shape.patterns.get(1).place(), "a string can be asked to fit one pattern or format, not several");
        }
        if (shape.patterns.isEmpty()) {
            boolean any = shape.minLength == 0 && shape.maxLength == Integer.MAX_VALUE;
            return any
                    ? json.string()
                    : Expression.sequence(
                            QUOTE,
                            repetitions.of(json.character(), shape.minLength, shape.maxLength, shape.place, "chars"),
                            QUOTE);
        }
        TextPattern pattern = shape.patterns.get(0);
        Regex regex = pattern.ofLength(shape.minLength, shape.maxLength);
        if (regex == null) {
            throw document.problem(
                    pattern.place(),
                    "beside minLength and maxLength this is supported only where one character or class of it is repeated");
        }
        return Expression.sequence(QUOTE, patterns.write(regex, pattern.place()), QUOTE);
    }

    private Expression choice(Conjunction conjunction, Choice choice) {
        List<Conjunction> ways = new ArrayList<>();
        for (Schema alternative : choice.alternatives) {
            ways.add(conjunction.choosing(document, choice, alternative));
        }
        if (choice.exactlyOne) {
            requireApart(ways, choice);
        }
        return Expression.alternatives(ways.stream().map(this::of).toList());
    }

    /** Exactly one of the alternatives may fit, so that a text of one must not fit another. */
    private void requireApart(List<Conjunction> ways, Choice choice) {
        if (ways.size() > MOST_OF_ONE) {
            throw document.problem(choice.place, "oneOf has more than " + MOST_OF_ONE + " schemas");
        }
        Overlap overlap = new Overlap(document);
        for (int i = 0; i < ways.size(); i++) {
            for (int k = i + 1; k < ways.size(); k++) {
                if (overlap.isPossible(ways.get(i), ways.get(k))) {
                    throw document.problem(
                            choice.place,
                            "one value may fit its schemas " + i + " and " + k
                                    + ", and oneOf is fitted by exactly one: tell them apart, by a property with a const"
                                    + " for example, or write anyOf");
                }
            }
        }
    }
}
