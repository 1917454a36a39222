package dev.demur.jinja;

import dev.demur.jinja.JinjaException.Reason;

/**
 * What a missing variable, item or attribute gives: it prints as nothing, is empty and false, and cannot be used otherwise.
 *
 * @param problem what to say where it is used
 * @param forbidden whether it stands for something that is there, and that templates may not have
 */
record Undefined(String problem, boolean forbidden) implements Value {

    private static final int LONGEST_NAME = 100;

    Undefined(String problem) {
        this(problem, false);
    }

    /** What a missing attribute or item of a value gives. */
    static Undefined attribute(Value of, String name) {
        return new Undefined("'" + of.type() + "' has no attribute '" + shortened(name) + "'");
    }

    /** What an attribute gives that templates may not have. */
    static Undefined forbidden(Value of, String name) {
        return new Undefined("templates may not use '" + shortened(name) + "' of '" + of.type() + "'", true);
    }

    /** A name may be as long as a text, and most of these messages are never read. */
    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
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
