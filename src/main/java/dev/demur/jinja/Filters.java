package dev.demur.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All filters, by name. */
final class Filters {

    private static final Map<String, Filter> ALL = new HashMap<>();

    static {
        TextFilters.addTo(ALL);
        SequenceFilters.addTo(ALL);
        SelectionFilters.addTo(ALL);
        NumberFilters.addTo(ALL);
        ALL.put("tojson", Json::filter);
        ALL.put("default", Filters::otherwise);
        ALL.put("d", Filters::otherwise);
        ALL.put("attr", (run, value, arguments) -> {
            String name = arguments.bind(1, "name").text(0).string();
            if (value instanceof Undefined missing) {
                throw missing.failure();
            }
            Value own = Attributes.own(value, name);
            return own == null ? Undefined.attribute(value, name) : own;
        });
    }

    private Filters() {}

    /** Whether there is a filter of that name; what is no text names none. */
    static boolean known(Object name) {
        return ALL.containsKey(name);
    }

    static Value apply(Run run, String name, Value value, Arguments arguments) {
        @Nullable Filter filter = ALL.get(name);
        if (filter == null) {
            throw Failure.unknown("there is no filter '" + name + "'");
        }
        run.enter(Run.CALL); // A filter may apply others: map.
        Value result = filter.apply(run, value, arguments);
        run.leave(Run.CALL);
        return result;
    }

    private static Value otherwise(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "default_value", "boolean");
        boolean missing = value instanceof Undefined || (bound.flag(1) && !value.truth());
        return missing ? bound.get(0, Text.EMPTY) : value;
    }
}
