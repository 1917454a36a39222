package dev.demur.jinja;

import dev.demur.jinja.JinjaException.Reason;

/**
 * What a missing variable, item or attribute gives: it prints as nothing, is empty and false, and cannot be used otherwise.
 *
 * @param problem what to say where it is used
 * @param forbidden whether it stands for something that is there, and that templates may not have
 */
record Undefined(String problem, boolean forbidden) implements Value {

    Undefined(String problem) {
        this(problem, false);
    }

    /** What a missing attribute or item of a value gives. */
    static Undefined attribute(Value of, String name) {
        return new Undefined("'" + of.type() + "' has no attribute '" + name + "'");
    }

    /** What an attribute gives that templates may not have. */
    static Undefined forbidden(Value of, String name) {
        return new Undefined("templates may not use '" + name + "' of '" + of.type() + "'", true);
    }

    Failure failure() {
        return new Failure(forbidden ? Reason.FORBIDDEN : Reason.UNDEFINED, problem);
    }

    @Override
    public String type() {
        return "Undefined";
    }

    @Override
    public boolean truth() {
        return false;
    }
}
