package dev.demur.jinja;

/** A part of a template that has a value. */
interface Expression {

    /** The value; {@link Frame#evaluate} counts the step. */
    Value evaluate(Frame frame);
}
