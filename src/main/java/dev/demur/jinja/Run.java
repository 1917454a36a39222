package dev.demur.jinja;

import java.time.LocalDateTime;
import java.util.function.Supplier;

/** One rendering: what it has used of its limits, and where in the template it is. */
final class Run {

    /** How deep expressions, statements and macro calls may lie in one another: Java's stack holds as many. */
    static final int DEEPEST = 500;

    /** What a call counts for in that: it takes more of the stack than an expression. */
    static final int CALL = 4;

    /** How deep lists and mappings may lie in one another. */
    static final int DEEPEST_VALUE = 100;

    /** Walking over this many characters is a step. */
    private static final int CHARACTERS_PER_STEP = 16;

    /** Decimal arithmetic takes up to 30 microseconds, an ordinary step some nanoseconds. */
    private static final int LONG_ARITHMETIC = 300;

    private final Limits limits;
    private final Supplier<LocalDateTime> clock;
    private long steps;
    private long text;
    private long items;
    private int depth;
    private int line = 1;

    Run(Limits limits, Supplier<LocalDateTime> clock) {
        this.limits = limits;
        this.clock = clock;
        this.steps = limits.steps();
        this.text = limits.text();
        this.items = limits.items();
    }

    /** Allows more, because the input is larger. */
    void allowForInput(long characters, long inputItems) {
        steps += Limits.PER_INPUT * (characters + inputItems);
        text += Limits.PER_INPUT * characters;
        items += Limits.PER_INPUT * (characters + inputItems);
    }

    LocalDateTime now() {
        return clock.get();
    }

    /** The line that is being rendered. */
    int line() {
        return line;
    }

    void at(int newLine) {
        line = newLine;
    }

    /** Counts the steps of something done that many times. */
    void steps(long count) {
        steps -= count;
        if (steps < 0) {
            throw Failure.limit("the template takes more than " + limits.steps()
                    + " steps beyond what its input allows: does it loop over too much?");
        }
    }

    /** Counts walking over a text of that many characters. */
    void walk(long characters) {
        steps(1 + characters / CHARACTERS_PER_STEP);
    }

    /** Counts arithmetic on numbers of any length, or a number put into decimal digits. */
    void longArithmetic() {
        steps(LONG_ARITHMETIC);
    }

    /** Counts a new text before it is made. */
    void text(long characters) {
        walk(characters);
        text -= characters;
        if (text < 0) {
            throw Failure.limit("the template makes more than " + limits.text()
                    + " characters of text beyond what its input allows: does it repeat or double a text?");
        }
    }

    /** Counts new items of lists and mappings before they are made. */
    void items(long count) {
        steps(count);
        items -= count;
        if (items < 0) {
            throw Failure.limit("the template makes more than " + limits.items()
                    + " items of lists and mappings beyond what its input allows");
        }
    }

    /** Checks the length of the rendered text so far. */
    void output(long characters) {
        if (characters > limits.output()) {
            throw Failure.limit("the template renders more than " + limits.output() + " characters");
        }
    }

    /** Evaluates an expression that is part of another one or of a statement. */
    Value evaluate(Expression expression, Frame frame) {
        enter(1);
        Value value = expression.evaluate(frame);
        leave(1);
        return value;
    }

    /** Executes a statement that is part of another one. */
    Flow execute(Statement statement, Frame frame) {
        enter(1);
        Flow flow = statement.execute(frame);
        leave(1);
        return flow;
    }

    /** Counts something that others lie within, by how much of Java's stack it takes. No exception is caught before the end. */
    void enter(int weight) {
        steps(1);
        depth += weight;
        if (depth > DEEPEST) {
            throw Failure.limit("expressions, statements and macro calls are nested more than " + DEEPEST
                    + " deep: does a macro call itself without end?");
        }
    }

    void leave(int weight) {
        depth -= weight;
    }

    /** Checks how deep a value lies within others. */
    static void checkDepth(int valueDepth) {
        if (valueDepth > DEEPEST_VALUE) {
            throw Failure.limit("lists and mappings are nested more than " + DEEPEST_VALUE + " deep");
        }
    }
}
