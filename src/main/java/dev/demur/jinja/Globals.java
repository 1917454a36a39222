package dev.demur.jinja;

import dev.demur.jinja.JinjaException.Reason;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The functions that templates find without being given them. */
final class Globals {

    private static final int LONGEST_RANGE = 100_000;

    private static final Map<String, Value> ALL = Map.of(
            "range", new Function("range", Globals::range),
            "dict", new Function("dict", Globals::dict),
            "namespace", new Function("namespace", Globals::namespace),
            "joiner", new Function("joiner", Globals::joiner),
            "cycler", new Function("cycler", (run, arguments) -> new Cycler(arguments.positional())),
            "raise_exception", new Function("raise_exception", Globals::raise),
            "strftime_now", new Function("strftime_now", Globals::now));

    private Globals() {}

    static @Nullable Value find(String name) {
        return ALL.get(name);
    }

    private static Value range(Run run, Arguments arguments) {
        List<Value> given = arguments.positional();
        if (given.isEmpty() || given.size() > 3 || !arguments.named().isEmpty()) {
            throw Failure.value("range takes one to three whole numbers");
        }
        long from = given.size() == 1 ? 0 : Numbers.index(given.get(0), "range");
        long to = Numbers.index(given.get(given.size() == 1 ? 0 : 1), "range");
        long by = given.size() == 3 ? Numbers.index(given.get(2), "range") : 1;
        if (by == 0) {
            throw Failure.value("the step of range must not be 0");
        }
        long count = by > 0 ? (to - from + by - 1) / by : (from - to - by - 1) / -by;
        if (count > LONGEST_RANGE) {
            throw Failure.limit("range gives at most " + LONGEST_RANGE + " numbers");
        }
        int mark = given.stream()
                .mapToInt(Numbers::mark)
                .filter(each -> each != 0)
                .findFirst()
                .orElse(0);
        run.items(Math.max(0, count));
        List<Value> numbers = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            numbers.add(new Int(BigInteger.valueOf(from + i * by), mark));
        }
        String shown = "range(" + from + ", " + to + (by == 1 ? "" : ", " + by) + ")";
        return new Items(Items.Kind.RANGE, numbers, Text.of(shown, mark));
    }

    private static Value dict(Run run, Arguments arguments) {
        Dict dict = new Dict();
        if (arguments.positional().size() > 1) {
            throw Failure.value("dict takes one mapping or list of pairs, and names");
        }
        for (Value given : arguments.positional()) {
            if (given instanceof Dict other) {
                dict.putAll(run, other);
                continue;
            }
            for (Value pair : Iteration.over(run, given)) {
                List<Value> both = Iteration.over(run, pair);
                if (both.size() != 2) {
                    throw Failure.value("dict takes pairs of a key and a value");
                }
                dict.put(run, both.get(0), both.get(1));
            }
        }
        dict.putAll(run, arguments.mapping(run));
        return dict;
    }

    private static Value namespace(Run run, Arguments arguments) {
        Namespace namespace = new Namespace();
        namespace.names().putAll(run, (Dict) dict(run, arguments));
        return namespace;
    }

    private static Value joiner(Run run, Arguments arguments) {
        Value separator = arguments.bind(0, "sep").get(0, Text.of(", "));
        boolean[] used = {false};
        return new Function("joiner", (later, none) -> {
            boolean first = !used[0];
            used[0] = true;
            return first ? Text.EMPTY : separator;
        });
    }

    private static Value raise(Run run, Arguments arguments) {
        Value message = arguments.bind(1, "message").get(0);
        throw new Failure(Reason.RAISED, Repr.str(run, message).string());
    }

    private static Value now(Run run, Arguments arguments) {
        Text format = arguments.bind(1, "format").text(0);
        return Strftime.format(run, format, run.now());
    }
}
