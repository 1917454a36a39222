package dev.demur.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where statements are executed: the variables that they see, and where their text goes. */
final class Frame {

    /** Frames are nested a few deep, but for templates that mean harm. */
    private static final int HOPS_PER_STEP = 8;

    private final Run run;
    private final @Nullable Frame outer;
    private final Map<String, Value> variables;
    private final TextBuilder out;

    private Frame(Run run, @Nullable Frame outer, Map<String, Value> variables, TextBuilder out) {
        this.run = run;
        this.outer = outer;
        this.variables = variables;
        this.out = out;
    }

    /** The outermost frame, which sees the variables given by the caller. */
    static Frame outermost(Run run, Map<String, Value> variables, TextBuilder out) {
        Frame given = new Frame(run, null, variables, out);
        return new Frame(run, given, new HashMap<>(), out);
    }

    /** A frame whose variables end with it, and whose text goes where this one's goes. */
    Frame inner() {
        return new Frame(run, this, new HashMap<>(), out);
    }

    /** The same with its text going elsewhere. */
    Frame inner(TextBuilder elsewhere) {
        return new Frame(run, this, new HashMap<>(), elsewhere);
    }

    Run run() {
        return run;
    }

    TextBuilder out() {
        return out;
    }

    void set(String name, Value value) {
        variables.put(name, value);
    }

    /** The variable's value, that of a global name, or an undefined one. */
    Value get(String name) {
        int hops = 0;
        for (Frame frame = this; frame != null; frame = frame.outer) {
            Value value = frame.variables.get(name);
            if (value != null) {
                run.steps(hops / HOPS_PER_STEP);
                return value;
            }
            hops++;
        }
        run.steps(hops / HOPS_PER_STEP);
        Value global = Globals.find(name);
        return global == null ? new Undefined("'" + name + "' is undefined") : global;
    }

    Value evaluate(Expression expression) {
        return run.evaluate(expression, this);
    }

    Flow execute(List<Statement> body) {
        for (Statement statement : body) {
            Flow flow = run.execute(statement, this);
            if (flow != Flow.NEXT) {
                return flow;
            }
        }
        return Flow.NEXT;
    }
}
