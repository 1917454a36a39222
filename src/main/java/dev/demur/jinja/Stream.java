package dev.demur.jinja;

import java.util.List;

/** What can be iterated over once, as what filters such as map give: always true, and without a length. */
final class Stream implements Value {

    private final List<Value> items;
    private int next;

    Stream(List<Value> items) {
        this.items = items;
    }

    /** All that is left, which then is gone. */
    List<Value> rest() {
        List<Value> rest = items.subList(next, items.size());
        next = items.size();
        return rest;
    }

    boolean hasNext() {
        return next < items.size();
    }

    Value next() {
        return items.get(next++);
    }

    @Override
    public String type() {
        return "generator";
    }

    @Override
    public boolean truth() {
        return true;
    }
}
