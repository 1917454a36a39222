package dev.demur.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of a loop that is under way. */
final class Loop implements Callable {

    private final For statement;
    private final Frame around;
    private final List<Value> items;
    private final int depth;
    private int index = -1;
    private @Nullable List<Value> changing;

    Loop(For statement, Frame around, List<Value> items, int depth) {
        this.statement = statement;
        this.around = around;
        this.items = items;
        this.depth = depth;
    }

    boolean hasNext() {
        return index + 1 < items.size();
    }

    Value next() {
        return items.get(++index);
    }

    /** The items that are left, which then are gone. */
    List<Value> rest() {
        List<Value> rest = items.subList(index + 1, items.size());
        index = items.size() - 1;
        return rest;
    }

    int index() {
        return index + 1;
    }

    int length() {
        return items.size();
    }

    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "index" -> Int.of(index + 1L);
            case "index0" -> Int.of(index);
            case "revindex" -> Int.of((long) items.size() - index);
            case "revindex0" -> Int.of(items.size() - index - 1L);
            case "first" -> Bool.of(index == 0);
            case "last" -> Bool.of(index == items.size() - 1);
            case "length" -> Int.of(items.size());
            case "depth" -> Int.of(depth + 1L);
            case "depth0" -> Int.of(depth);
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
            case "nextitem" -> hasNext() ? items.get(index + 1) : new Undefined("there is no next item");
            case "cycle" -> new Function("loop.cycle", this::cycle);
            case "changed" -> new Function("loop.changed", this::changed);
            default -> null;
        };
    }

    private Value cycle(Run run, Arguments arguments) {
        List<Value> values = arguments.positional();
        if (values.isEmpty()) {
            throw Failure.value("loop.cycle needs at least one value");
        }
        return values.get(index % values.size());
    }

    private Value changed(Run run, Arguments arguments) {
        List<Value> now = arguments.positional();
        boolean same = changing != null && Comparison.equal(run, Items.tuple(changing), Items.tuple(now));
        changing = now;
        return Bool.of(!same);
    }

    @Override
    public String name() {
        return "loop";
    }

    @Override
    public Value call(Run run, Arguments arguments) {
        if (!statement.recursive()) {
            throw Failure.value("only a recursive loop can be called: {% for … recursive %}");
        }
        TextBuilder out = new TextBuilder(run);
        Value inner = arguments.bind(1, "iterable").get(0);
        statement.loop(around.inner(out), inner, depth + 1);
        return out.text();
    }

    @Override
    public String type() {
        return "LoopContext";
    }

    @Override
    public boolean truth() {
        return !items.isEmpty();
    }
}
