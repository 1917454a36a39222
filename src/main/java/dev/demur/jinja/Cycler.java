package dev.demur.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code cycler(…)} makes: it gives its values in turn. */
final class Cycler implements Value {

    private final List<Value> values;
    private int next;

    Cycler(List<Value> values) {
        if (values.isEmpty()) {
            throw Failure.value("cycler needs at least one value");
        }
        this.values = List.copyOf(values);
    }

    @Nullable
    Value attribute(String name) {
        return switch (name) {
            case "current" -> values.get(next);
            case "next" ->
                new Function("cycler.next", (run, arguments) -> {
                    Value value = values.get(next);
                    next = (next + 1) % values.size();
                    return value;
                });
            case "reset" ->
                new Function("cycler.reset", (run, arguments) -> {
                    next = 0;
                    return None.NONE;
                });
            default -> null;
        };
    }

    @Override
    public String type() {
        return "Cycler";
    }

    @Override
    public boolean truth() {
        return true;
    }
}
