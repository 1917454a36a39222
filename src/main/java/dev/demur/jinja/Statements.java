package dev.demur.jinja;

import java.util.ArrayList;
import java.util.List;

/** The kinds of statements but for loops. */
final class Statements {

    private Statements() {}

    /** Text that stands in the template. */
    record Data(Text text) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            write(frame, text);
            return Flow.NEXT;
        }
    }

    /** {@code {{ expression }}}. */
    record Print(Expression expression, int line) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            Value value = frame.evaluate(expression);
            frame.run().at(line);
            write(frame, Repr.str(frame.run(), value));
            return Flow.NEXT;
        }
    }

    private static void write(Frame frame, Text text) {
        frame.out().append(text);
        frame.run().output(frame.out().length());
    }

    /** A condition and what is executed where it holds. */
    record Branch(Expression test, List<Statement> body) {}

    /** {@code if … elif … else}. */
    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            for (Branch branch : branches) {
                if (frame.evaluate(branch.test()).truth()) {
                    return frame.execute(branch.body());
                }
            }
            return frame.execute(otherwise);
        }
    }

    /** {@code set target = expression}. */
    record Set(Target target, Expression expression, int line) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            Value value = frame.evaluate(expression);
            frame.run().at(line);
            target.assign(frame, value);
            return Flow.NEXT;
        }
    }

    /** {@code set target}, with what stands up to {@code endset}. */
    record SetBlock(Target target, List<Expressions.FilterCall> filters, List<Statement> body, int line)
            implements Statement {
        @Override
        public Flow execute(Frame frame) {
            TextBuilder out = new TextBuilder(frame.run());
            Frame inner = frame.inner(out);
            Flow flow = inner.execute(body);
            Value value = filtered(inner, out.text(), filters);
            frame.run().at(line);
            target.assign(frame, value);
            return flow;
        }
    }

    private static Value filtered(Frame frame, Value value, List<Expressions.FilterCall> filters) {
        Value filtered = value;
        for (Expressions.FilterCall filter : filters) {
            filtered = filter.apply(frame, filtered);
        }
        return filtered;
    }

    /** {@code filter name}, with what stands up to {@code endfilter}. */
    record FilterBlock(List<Expressions.FilterCall> filters, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            TextBuilder out = new TextBuilder(frame.run());
            Frame inner = frame.inner(out);
            Flow flow = inner.execute(body);
            write(frame, Repr.str(frame.run(), filtered(inner, out.text(), filters)));
            return flow;
        }
    }

    /** {@code macro name(…)}. */
    record Define(Macro.Definition definition) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            frame.set(definition.name(), new Macro(definition, frame));
            return Flow.NEXT;
        }
    }

    /** {@code call macro(…)}, with a body for the macro. */
    record CallBlock(Expressions.Call call, Macro.Definition body) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            Value value = call.evaluate(frame, new Macro(body, frame));
            write(frame, Repr.str(frame.run(), value));
            return Flow.NEXT;
        }
    }

    /** {@code with a=…}: variables that end with its body; also {@code generation}, which has none. */
    record With(List<Target> targets, List<Expression> values, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            List<Value> evaluated = new ArrayList<>();
            for (Expression value : values) {
                evaluated.add(frame.evaluate(value));
            }
            Frame inner = frame.inner();
            for (int i = 0; i < evaluated.size(); i++) {
                targets.get(i).assign(inner, evaluated.get(i));
            }
            return inner.execute(body);
        }
    }

    /** {@code break} or {@code continue}. */
    record Leave(Flow flow) implements Statement {
        @Override
        public Flow execute(Frame frame) {
            return flow;
        }
    }
}
