package dev.demur.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The filters that take items of a sequence, order them or put them together. */
final class SequenceFilters {

    private SequenceFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("length", SequenceFilters::length);
        filters.put("count", SequenceFilters::length);
        filters.put("list", (run, value, arguments) -> {
            arguments.bind(0);
            List<Value> items = Iteration.over(run, value);
            run.items(items.size());
            return Items.list(List.copyOf(items));
        });
        filters.put("first", SequenceFilters::first);
        filters.put("last", SequenceFilters::last);
        filters.put("reverse", SequenceFilters::reverse);
        filters.put("sort", SequenceFilters::sort);
        filters.put("dictsort", SequenceFilters::sortDict);
        filters.put("unique", SequenceFilters::unique);
        filters.put("items", (run, value, arguments) -> {
            arguments.bind(0);
            if (value instanceof Undefined) {
                return new Stream(List.of());
            }
            if (value instanceof Dict dict) {
                return new Stream(dict.pairs(run));
            }
            throw Failure.value("the filter items needs a mapping and got a " + value.type());
        });
        filters.put("batch", SequenceFilters::batch);
        filters.put("slice", SequenceFilters::slice);
        filters.put("groupby", SequenceFilters::group);
        filters.put("min", (run, value, arguments) -> extreme(run, value, arguments, 1));
        filters.put("max", (run, value, arguments) -> extreme(run, value, arguments, -1));
        filters.put("sum", SequenceFilters::sum);
    }

    private static Value length(Run run, Value value, Arguments arguments) {
        arguments.bind(0);
        return Int.of(Iteration.length(run, value));
    }

    private static Value first(Run run, Value value, Arguments arguments) {
        arguments.bind(0);
        if (value instanceof Stream stream) {
            return stream.hasNext() ? stream.next() : new Undefined("there is no first item: the sequence is empty");
        }
        if (value instanceof Text text && !text.isEmpty()) {
            return text.slice(run, 0, text.offset(1)).asMarkup(false);
        }
        List<Value> items = Iteration.over(run, value);
        return items.isEmpty() ? new Undefined("there is no first item: the sequence is empty") : items.get(0);
    }

    private static Value last(Run run, Value value, Arguments arguments) {
        arguments.bind(0);
        if (value instanceof Stream) {
            throw Failure.value("a generator has no last item: make a list of it first");
        }
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        if (value instanceof Text text && !text.isEmpty()) {
            return text.slice(run, text.string().offsetByCodePoints(text.length(), -1), text.length());
        }
        List<Value> items = Iteration.over(run, value);
        return items.isEmpty()
                ? new Undefined("there is no last item: the sequence is empty")
                : items.get(items.size() - 1);
    }

    private static Value reverse(Run run, Value value, Arguments arguments) {
        arguments.bind(0);
        if (value instanceof Text text) {
            return TextOperations.reversed(run, text);
        }
        List<Value> items = Iteration.over(run, value);
        run.items(items.size());
        List<Value> reversed = new ArrayList<>(items);
        Collections.reverse(reversed);
        return new Stream(reversed);
    }

    /** Each value beside what it is ordered by. */
    private record Keyed(List<Value> keys, Value value) {}

    /** Python compares a list of keys, whose equal items need no order, where there may be several, else the key itself. */
    private static List<Value> sorted(Run run, List<Keyed> items, boolean several, boolean descending) {
        run.items(items.size());
        Comparator<Keyed> order = (a, b) -> several
                ? Comparison.order(run, Items.list(a.keys), Items.list(b.keys))
                : Comparison.order(run, a.keys.get(0), b.keys.get(0));
        items.sort(descending ? (a, b) -> order.compare(b, a) : order);
        List<Value> values = new ArrayList<>();
        items.forEach(item -> values.add(item.value));
        return values;
    }

    private static List<Keyed> keyed(Run run, List<Value> items, List<Getter> getters, boolean caseSensitive) {
        List<Keyed> keyed = new ArrayList<>();
        for (Value item : items) {
            run.items(1L + getters.size());
            List<Value> keys = new ArrayList<>();
            for (Getter getter : getters) {
                keys.add(getter.key(run, item, caseSensitive));
            }
            keyed.add(new Keyed(keys, item));
        }
        return keyed;
    }

    private static Value sort(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "reverse", "case_sensitive", "attribute");
        List<Getter> getters = new ArrayList<>();
        Value attribute = bound.get(2, None.NONE);
        if (attribute instanceof Text text && text.string().indexOf(',') >= 0) {
            Getter.of(attribute, null); // Refuses a text that is too long to be names.
            for (String one : text.string().split(",", -1)) {
                getters.add(Getter.of(Text.of(one), null));
            }
        } else {
            getters.add(Getter.of(attribute, null));
        }
        List<Keyed> keyed = keyed(run, Iteration.over(run, value), getters, bound.flag(1));
        return Items.list(sorted(run, keyed, true, bound.flag(0)));
    }

    private static Value sortDict(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "case_sensitive", "by", "reverse");
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        if (!(value instanceof Dict dict)) {
            throw Failure.value("dictsort needs a mapping and got a " + value.type());
        }
        String by = bound.text(1, Text.of("key")).string();
        if (!by.equals("key") && !by.equals("value")) {
            throw Failure.value("dictsort sorts by 'key' or 'value'");
        }
        List<Getter> getters = List.of(Getter.of(Int.of(by.equals("key") ? 0 : 1), null));
        return Items.list(sorted(run, keyed(run, dict.pairs(run), getters, bound.flag(0)), false, bound.flag(2)));
    }

    private static Value unique(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "case_sensitive", "attribute");
        Getter getter = Getter.of(bound.get(1, None.NONE), null);
        Set<Object> seen = new HashSet<>();
        List<Value> unique = new ArrayList<>();
        for (Value item : Iteration.over(run, value)) {
            run.items(2);
            if (seen.add(Dict.identity(run, getter.key(run, item, bound.flag(0)), 0))) {
                unique.add(item);
            }
        }
        return new Stream(unique);
    }

    private static Value batch(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(1, "linecount", "fill_with");
        int size = bound.integer(0, 1);
        List<Value> items = Iteration.over(run, value);
        List<Value> batches = new ArrayList<>();
        for (int from = 0; from < items.size() && size > 0; from += Math.min(size, items.size() - from)) {
            List<Value> batch = new ArrayList<>(items.subList(from, from + Math.min(size, items.size() - from)));
            run.items(1L + batch.size());
            if (bound.given(1)) {
                run.items((long) size - batch.size());
                while (batch.size() < size) {
                    batch.add(bound.get(1));
                }
            }
            batches.add(Items.list(batch));
        }
        if (size < 1) {
            throw Failure.value("batch needs a positive number of items");
        }
        return new Stream(batches);
    }

    private static Value slice(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(1, "slices", "fill_with");
        int slices = bound.integer(0, 1);
        if (slices < 1) {
            throw Failure.value("slice needs a positive number of slices");
        }
        List<Value> items = Iteration.over(run, value);
        run.items(2L * slices + items.size());
        List<Value> all = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            boolean longer = i < items.size() % slices;
            int to = from + items.size() / slices + (longer ? 1 : 0);
            List<Value> slice = new ArrayList<>(items.subList(from, to));
            if (bound.given(1) && !longer) {
                slice.add(bound.get(1));
            }
            all.add(Items.list(slice));
            from = to;
        }
        return new Stream(all);
    }

    private static Value group(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(1, "attribute", "default", "case_sensitive");
        Getter getter = Getter.of(bound.get(0), bound.get(1, None.NONE));
        List<Keyed> keyed = keyed(run, Iteration.over(run, value), List.of(getter), bound.flag(2));
        List<Value> groups = new ArrayList<>();
        List<Value> group = new ArrayList<>();
        for (Value item : sorted(run, keyed, false, false)) {
            boolean same = !group.isEmpty()
                    && Comparison.equal(
                            run, getter.key(run, group.get(0), bound.flag(2)), getter.key(run, item, bound.flag(2)));
            if (!same && !group.isEmpty()) {
                groups.add(grouped(run, getter, group));
                group = new ArrayList<>();
            }
            run.items(1);
            group.add(item);
        }
        if (!group.isEmpty()) {
            groups.add(grouped(run, getter, group));
        }
        return Items.list(groups);
    }

    private static Value grouped(Run run, Getter getter, List<Value> group) {
        run.items(3);
        return new Items(Items.Kind.GROUP, List.of(getter.get(run, group.get(0)), Items.list(group)), Text.EMPTY);
    }

    private static Value extreme(Run run, Value value, Arguments arguments, int sign) {
        Arguments.Bound bound = arguments.bind(0, "case_sensitive", "attribute");
        Getter getter = Getter.of(bound.get(1, None.NONE), null);
        Value best = null;
        Value bestKey = None.NONE;
        for (Value item : Iteration.over(run, value)) {
            Value key = getter.key(run, item, bound.flag(0));
            if (best == null || Comparison.order(run, key, bestKey) * sign < 0) {
                best = item;
                bestKey = key;
            }
        }
        return best == null ? new Undefined("there is no smallest or largest item: the sequence is empty") : best;
    }

    private static Value sum(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "attribute", "start");
        Getter getter = Getter.of(bound.get(0, None.NONE), null);
        Value sum = bound.get(1, Int.of(0));
        if (sum instanceof Text) {
            throw Failure.value("texts are not summed but joined");
        }
        for (Value item : Iteration.over(run, value)) {
            sum = Arithmetic.apply(run, "+", sum, getter.get(run, item));
        }
        return sum;
    }
}
