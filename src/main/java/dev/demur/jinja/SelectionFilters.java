package dev.demur.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The filters that apply a test, a filter or an attribute to each item. */
final class SelectionFilters {

    private SelectionFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("map", SelectionFilters::map);
        filters.put("select", (run, value, arguments) -> select(run, value, arguments, true, false));
        filters.put("reject", (run, value, arguments) -> select(run, value, arguments, false, false));
        filters.put("selectattr", (run, value, arguments) -> select(run, value, arguments, true, true));
        filters.put("rejectattr", (run, value, arguments) -> select(run, value, arguments, false, true));
    }

    private static Value map(Run run, Value value, Arguments arguments) {
        if (!value.truth()) {
            return new Stream(List.of());
        }
        List<Value> mapped = new ArrayList<>();
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            // Both are named here, because an attribute in order would be a filter's name.
            Arguments.Bound bound = arguments.bind(1, "attribute", "default");
            Getter getter = Getter.of(bound.get(0), bound.get(1, None.NONE));
            for (Value item : Iteration.over(run, value)) {
                run.items(1);
                mapped.add(getter.get(run, item));
            }
            return new Stream(mapped);
        }
        if (arguments.positional().isEmpty() || !(arguments.positional().get(0) instanceof Text filter)) {
            throw Failure.value("map needs the name of a filter, or an attribute");
        }
        Arguments rest = arguments.from(filter.string(), 1);
        for (Value item : Iteration.over(run, value)) {
            run.items(1);
            mapped.add(Filters.apply(run, filter.string(), item, rest));
        }
        return new Stream(mapped);
    }

    private static Value select(Run run, Value value, Arguments arguments, boolean wanted, boolean byAttribute) {
        if (!value.truth()) {
            return new Stream(List.of());
        }
        List<Value> given = arguments.positional();
        if (byAttribute && given.isEmpty()) {
            throw Failure.value(arguments.function() + " needs the name of an attribute");
        }
        Getter getter = Getter.of(byAttribute ? given.get(0) : None.NONE, null);
        int before = byAttribute ? 1 : 0;
        List<Value> selected = new ArrayList<>();
        for (Value item : Iteration.over(run, value)) {
            Value tested = getter.get(run, item);
            boolean passes;
            if (given.size() == before) {
                passes = tested.truth();
            } else if (given.get(before) instanceof Text test) {
                passes = Tests.apply(run, test.string(), tested, arguments.from(test.string(), before + 1));
            } else {
                throw Failure.value(arguments.function() + " needs the name of a test");
            }
            if (passes == wanted) {
                run.items(1);
                selected.add(item);
            }
        }
        return new Stream(selected);
    }
}
