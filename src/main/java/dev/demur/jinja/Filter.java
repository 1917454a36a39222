package dev.demur.jinja;

/** What stands behind a vertical bar: it makes a value of another one. */
interface Filter {

    Value apply(Run run, Value value, Arguments arguments);
}
