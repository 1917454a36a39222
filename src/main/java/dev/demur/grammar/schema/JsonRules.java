package dev.demur.grammar.schema;

/**
 * The rules of JSON itself, made where they are used. White space and numbers have an end, so that a model cannot write
 * either for ever; the escapes of a string stand for one character each.
 */
final class JsonRules {

    private static final String SPACE = "ws";
    private static final String CHARACTER = "char";
    private static final String STRING = "string";
    private static final String NUMBER = "number";
    private static final String INTEGER = "integer";
    private static final String VALUE = "value";
    private static final String OBJECT = "object";
    private static final String ARRAY = "array";
    private static final Expression QUOTE = Expression.literal("\"");
    private static final Expression HEXADECIMAL = new Expression.Terminal("[0-9a-fA-F]");
    private static final Expression COMMA = Expression.literal(",");

    private final Rules rules;
    private final NumberRules numbers;
    private final Place root;

    JsonRules(Rules rules, NumberRules numbers, Place root) {
        this.rules = rules;
        this.numbers = numbers;
        this.root = root;
        for (String name : new String[] {SPACE, CHARACTER, STRING, NUMBER, INTEGER, VALUE, OBJECT, ARRAY}) {
            rules.name(name, root); // no other rule is to have it
        }
    }

    private interface Body {
        Expression make();
    }

    private Expression rule(String name, Body body) {
        if (!rules.has(name)) {
            rules.define(name, root, Expression.NOTHING); // bodies may use each other
            rules.define(name, root, body.make());
        }
        return new Expression.Use(name);
    }

    /** Nothing, a space, or a line end and up to twenty characters of indentation. */
    Expression space() {
        return rule(
                SPACE,
                () -> Expression.optional(Expression.alternatives(
                        Expression.literal(" "),
                        Expression.sequence(
                                Expression.literal("\n"),
                                Expression.repeated(new Expression.Terminal("[ \\t]"), 0, 20)))));
    }

    /** One character of a string: no half of one, which two escapes would be needed for. */
    Expression character() {
        return rule(CHARACTER, () -> {
            Expression whole = Expression.sequence(
                    new Expression.Terminal("[0-9a-cA-CefEF]"), Expression.repeated(HEXADECIMAL, 3, 3));
            Expression belowSurrogates = Expression.sequence(
                    new Expression.Terminal("[dD]"),
                    new Expression.Terminal("[0-7]"),
                    Expression.repeated(HEXADECIMAL, 2, 2));
            return Expression.alternatives(
                    new Expression.Terminal("[^\\x00-\\x1F\"\\\\\\x7F]"),
                    Expression.sequence(
                            Expression.literal("\\"),
                            Expression.alternatives(
                                    new Expression.Terminal("[\"\\\\/bfnrt]"),
                                    Expression.sequence(
                                            Expression.literal("u"),
                                            Expression.alternatives(whole, belowSurrogates)))));
        });
    }

    Expression string() {
        return rule(
                STRING,
                () -> Expression.sequence(QUOTE, Expression.repeated(character(), 0, Expression.UNBOUNDED), QUOTE));
    }

    Expression integer() {
        return rule(INTEGER, () -> numbers.integer(null, null, root));
    }

    Expression number() {
        return rule(NUMBER, () -> {
            Expression digit = new Expression.Terminal("[0-9]");
            return Expression.sequence(
                    Expression.optional(Expression.literal("-")),
                    Expression.alternatives(
                            Expression.literal("0"),
                            Expression.sequence(
                                    new Expression.Terminal("[1-9]"),
                                    Expression.repeated(digit, 0, NumberRules.DIGITS - 1))),
                    Fractions.any(),
                    Expression.optional(Expression.sequence(
                            new Expression.Terminal("[eE]"),
                            Expression.optional(new Expression.Terminal("[+\\x2D]")),
                            Expression.repeated(digit, 1, 2))));
        });
    }

    Expression bool() {
        return Expression.alternatives(Expression.literal("true"), Expression.literal("false"));
    }

    Expression nothing() {
        return Expression.literal("null");
    }

    /** Any value. */
    Expression value() {
        return rule(VALUE, () -> Expression.alternatives(object(), array(), string(), number(), bool(), nothing()));
    }

    Expression object() {
        return rule(OBJECT, () -> {
            Expression member = Expression.sequence(string(), Expression.literal(":"), space(), value());
            return Expression.sequence(
                    Expression.literal("{"), space(), Expression.optional(list(member)), Expression.literal("}"));
        });
    }

    Expression array() {
        return rule(
                ARRAY,
                () -> Expression.sequence(
                        Expression.literal("["), space(), Expression.optional(list(value())), Expression.literal("]")));
    }

    private Expression list(Expression part) {
        Expression more = Expression.repeated(Expression.sequence(COMMA, space(), part), 0, Expression.UNBOUNDED);
        return Expression.sequence(part, more, space());
    }
}
