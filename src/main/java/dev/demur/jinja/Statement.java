package dev.demur.jinja;

/** A part of a template that writes text or sets variables. */
interface Statement {

    /** Executes it; {@link Run#execute} counts the step. */
    Flow execute(Frame frame);
}
