package dev.demur.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All tests, by name: what stands behind {@code is}. */
final class Tests {

    /** What a test does. */
    private interface Test {
        boolean passes(Run run, Value value, Arguments arguments);
    }

    private static final Map<String, Test> ALL = new HashMap<>();

    static {
        plain("defined", value -> !(value instanceof Undefined));
        plain("undefined", value -> value instanceof Undefined);
        plain("none", value -> value == None.NONE);
        plain("boolean", value -> value instanceof Bool);
        plain("true", value -> value == Bool.TRUE);
        plain("false", value -> value == Bool.FALSE);
        plain("integer", value -> value instanceof Int);
        plain("float", value -> value instanceof Real);
        plain("number", Numbers::isNumber);
        plain("string", value -> value instanceof Text);
        plain("mapping", value -> value instanceof Dict);
        plain("sequence", Tests::isSequence);
        plain("iterable", Iteration::possible);
        plain("callable", value -> value instanceof Callable || value instanceof Undefined);
        plain("escaped", value -> value instanceof Text text && text.markup());
        ALL.put("odd", (run, value, arguments) -> remainder(run, value, arguments, 1));
        ALL.put("even", (run, value, arguments) -> remainder(run, value, arguments, 0));
        ALL.put("lower", (run, value, arguments) -> TextTests.isLower(run, Repr.str(run, value)));
        ALL.put("upper", (run, value, arguments) -> TextTests.isUpper(run, Repr.str(run, value)));
        ALL.put("filter", (run, value, arguments) -> Filters.known(Dict.identity(run, value, 0)));
        ALL.put("test", (run, value, arguments) -> ALL.containsKey(Dict.identity(run, value, 0)));
        ALL.put("divisibleby", (run, value, arguments) -> {
            Value divisor = arguments.bind(1, "num").get(0);
            return !Arithmetic.apply(run, "%", value, divisor).truth();
        });
        ALL.put(
                "sameas",
                (run, value, arguments) ->
                        same(value, arguments.bind(1, "other").get(0)));
        ALL.put(
                "in",
                (run, value, arguments) ->
                        Comparison.contains(run, arguments.bind(1, "seq").get(0), value));
        compared("==", "==", "eq", "equalto");
        compared("!=", "!=", "ne");
        compared(">", ">", "gt", "greaterthan");
        compared(">=", ">=", "ge");
        compared("<", "<", "lt", "lessthan");
        compared("<=", "<=", "le");
    }

    private Tests() {}

    private static void plain(String name, Predicate<Value> test) {
        ALL.put(name, (run, value, arguments) -> {
            arguments.bind(0);
            return test.test(value);
        });
    }

    private static void compared(String operator, String... names) {
        for (String name : names) {
            ALL.put(
                    name,
                    (run, value, arguments) -> Comparison.apply(
                            run, operator, value, arguments.bind(1, "other").get(0)));
        }
    }

    static boolean apply(Run run, String name, Value value, Arguments arguments) {
        @Nullable Test test = ALL.get(name);
        if (test == null) {
            throw Failure.unknown("there is no test '" + name + "'");
        }
        return test.passes(run, value, arguments);
    }

    private static boolean isSequence(Value value) {
        return value instanceof Text
                || value instanceof Dict
                || value instanceof Undefined
                || (value instanceof Items items && items.kind().indexed());
    }

    private static boolean remainder(Run run, Value value, Arguments arguments, int wanted) {
        arguments.bind(0);
        return Comparison.equal(run, Arithmetic.apply(run, "%", value, Int.of(2)), Int.of(wanted));
    }

    /** Whether two values are one object. Python makes one of equal small numbers and short texts; here all are. */
    private static boolean same(Value a, Value b) {
        if (a instanceof Int x && b instanceof Int y) {
            return x.value().equals(y.value());
        }
        if (a instanceof Text x && b instanceof Text y) {
            return x.string().equals(y.string());
        }
        return a == b;
    }
}
