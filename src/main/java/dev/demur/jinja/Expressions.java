package dev.demur.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The kinds of expressions. */
final class Expressions {

    private Expressions() {}

    /** A value that stands in the template. */
    record Constant(Value value) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            return value;
        }
    }

    /** A variable. */
    record Name(String name) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            return frame.get(name);
        }
    }

    /** {@code of.name}. */
    record Attribute(Expression of, String name, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(of);
            frame.run().at(line);
            return Attributes.attribute(frame.run(), value, name);
        }
    }

    /** {@code of[key]}. */
    record Item(Expression of, Expression key, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(of);
            Value wanted = frame.evaluate(key);
            frame.run().at(line);
            return Attributes.item(frame.run(), value, wanted);
        }
    }

    /** {@code of[from:to:step]}, with None for what is left out. */
    record Slice(Expression of, Expression from, Expression to, Expression step, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(of);
            Value start = frame.evaluate(from);
            Value end = frame.evaluate(to);
            Value by = frame.evaluate(step);
            frame.run().at(line);
            return Attributes.slice(frame.run(), value, start, end, by);
        }
    }

    /**
     * What stands in the parentheses of a call.
     *
     * @param positional in order
     * @param named by name
     * @param more {@code *more}
     * @param moreNamed {@code **moreNamed}
     */
    record CallArguments(
            List<Expression> positional,
            Map<String, Expression> named,
            @Nullable Expression more,
            @Nullable Expression moreNamed) {

        static final CallArguments NONE = new CallArguments(List.of(), Map.of(), null, null);

        Arguments evaluate(Frame frame, String function) {
            Run run = frame.run();
            run.items((long) positional.size() + named.size());
            List<Value> values = new ArrayList<>();
            for (Expression expression : positional) {
                values.add(frame.evaluate(expression));
            }
            Map<String, Value> byName = new LinkedHashMap<>();
            for (Map.Entry<String, Expression> entry : named.entrySet()) {
                byName.put(entry.getKey(), frame.evaluate(entry.getValue()));
            }
            Map<String, Text> names = new HashMap<>();
            if (more != null) {
                List<Value> all = Iteration.over(run, frame.evaluate(more));
                run.items(all.size());
                values.addAll(all);
            }
            if (moreNamed != null) {
                addNamed(run, byName, names, frame.evaluate(moreNamed), function);
            }
            return new Arguments(function, values, byName, names);
        }

        private static void addNamed(
                Run run, Map<String, Value> byName, Map<String, Text> names, Value value, String function) {
            if (!(value instanceof Dict dict)) {
                throw Failure.value("** needs a mapping and got a " + value.type());
            }
            for (Value key : dict.keys(run)) {
                if (!(key instanceof Text name)) {
                    throw Failure.value("the names of arguments are texts");
                }
                names.put(name.string(), name.asMarkup(false));
                if (byName.put(name.string(), Objects.requireNonNull(dict.get(run, key))) != null) {
                    throw Failure.value(function + " got its argument '" + name.string() + "' twice");
                }
            }
        }
    }

    /** A call. */
    record Call(Expression callee, CallArguments arguments, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            return evaluate(frame, null);
        }

        /** Calls with a body that the macro finds as {@code caller}. */
        Value evaluate(Frame frame, @Nullable Macro caller) {
            Value value = frame.evaluate(callee);
            frame.run().at(line);
            if (value instanceof Undefined missing) {
                boolean method = !missing.forbidden() && callee instanceof Attribute;
                throw method ? Failure.unknown(missing.problem() + ", which is called") : missing.failure();
            }
            if (!(value instanceof Callable callable)) {
                throw Failure.value("a " + value.type() + " cannot be called");
            }
            Arguments given = arguments.evaluate(frame, callable.name());
            if (caller != null) {
                given.named().put("caller", caller);
            }
            frame.run().at(line);
            frame.run().enter(Run.CALL);
            Value result = callable.call(frame.run(), given);
            frame.run().leave(Run.CALL);
            frame.run().at(line);
            return result;
        }
    }

    /** A filter with its arguments, without what it is applied to. */
    record FilterCall(String name, CallArguments arguments, int line) {
        Value apply(Frame frame, Value value) {
            Arguments given = arguments.evaluate(frame, name);
            frame.run().at(line);
            return Filters.apply(frame.run(), name, value, given);
        }
    }

    /** {@code of|filter}. */
    record Filtered(Expression of, FilterCall filter) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            return filter.apply(frame, frame.evaluate(of));
        }
    }

    /** {@code of is test}. */
    record Tested(Expression of, String name, CallArguments arguments, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(of);
            Arguments given = arguments.evaluate(frame, name);
            frame.run().at(line);
            return Bool.of(Tests.apply(frame.run(), name, value, given));
        }
    }

    /** An operator before a value: {@code -}, {@code +} or {@code not}. */
    record Unary(String operator, Expression of, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(of);
            frame.run().at(line);
            return switch (operator) {
                case "-" -> Arithmetic.negated(value);
                case "+" -> Arithmetic.positive(value);
                default -> Bool.of(!value.truth());
            };
        }
    }

    /** An operator and the value behind it. */
    record Link(String operator, Expression operand) {}

    /** Operators of one rank, from left to right. */
    record Chain(Expression first, List<Link> links, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(first);
            for (Link link : links) {
                Value operand = frame.evaluate(link.operand());
                frame.run().at(line);
                value = Arithmetic.apply(frame.run(), link.operator(), value, operand);
            }
            return value;
        }
    }

    /** Comparisons, all of which must hold: {@code a < b < c}. */
    record Comparisons(Expression first, List<Link> links, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(first);
            for (Link link : links) {
                Value operand = frame.evaluate(link.operand());
                frame.run().at(line);
                if (!Comparison.apply(frame.run(), link.operator(), value, operand)) {
                    return Bool.FALSE;
                }
                value = operand;
            }
            return Bool.TRUE;
        }
    }

    /** Values as one text: {@code a ~ b}. */
    record Concatenation(List<Expression> parts) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            TextBuilder text = new TextBuilder(frame.run());
            for (Expression part : parts) {
                text.append(Repr.str(frame.run(), frame.evaluate(part)));
            }
            return text.text();
        }
    }

    /** {@code a and b}, or {@code a or b}: the first value that settles it. */
    record Logic(boolean and, List<Expression> operands) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Value value = frame.evaluate(operands.get(0));
            for (int i = 1; i < operands.size() && value.truth() == and; i++) {
                value = frame.evaluate(operands.get(i));
            }
            return value;
        }
    }

    /** {@code value if test else otherwise}. */
    record Conditional(
            Expression test, Expression value, @Nullable Expression otherwise, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            if (frame.evaluate(test).truth()) {
                return frame.evaluate(value);
            }
            return otherwise == null
                    ? new Undefined("the condition of an 'if' in line " + line + " is false and there is no 'else'")
                    : frame.evaluate(otherwise);
        }
    }

    /** A list or a tuple that stands in the template. */
    record Sequence(List<Expression> items, boolean tuple) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            frame.run().items(items.size());
            List<Value> values = new ArrayList<>();
            for (Expression item : items) {
                values.add(frame.evaluate(item));
            }
            return tuple ? Items.tuple(values) : Items.list(values);
        }
    }

    /** A mapping that stands in the template. */
    record Mapping(List<Expression> keys, List<Expression> values, int line) implements Expression {
        @Override
        public Value evaluate(Frame frame) {
            Dict dict = new Dict();
            for (int i = 0; i < keys.size(); i++) {
                Value key = frame.evaluate(keys.get(i));
                Value value = frame.evaluate(values.get(i));
                frame.run().at(line);
                dict.put(frame.run(), key, value);
            }
            return dict;
        }
    }
}
