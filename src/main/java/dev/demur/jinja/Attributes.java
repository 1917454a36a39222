package dev.demur.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Attributes, items and slices of values. */
final class Attributes {

    /** What would change a list or a mapping. */
    private static final Set<String> CHANGING = Set.of(
            "append",
            "clear",
            "extend",
            "insert",
            "pop",
            "popitem",
            "remove",
            "reverse",
            "setdefault",
            "sort",
            "update");

    private Attributes() {}

    /** What {@code value.name} gives: an attribute or a method, else the item of that name. */
    static Value attribute(Run run, Value value, String name) {
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        Value own = own(value, name);
        if (own != null) {
            return own;
        }
        if (value instanceof Dict dict) {
            Value item = dict.get(name);
            if (item != null) {
                return item;
            }
        }
        return Undefined.attribute(value, name);
    }

    /** What {@code value[key]} gives: the item, else the attribute of that name. */
    static Value item(Run run, Value value, Value key) {
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        Value item = ownItem(run, value, key);
        if (item != null) {
            return item;
        }
        if (key instanceof Text text) {
            Value own = own(value, text.string());
            return own == null ? Undefined.attribute(value, text.string()) : own;
        }
        return new Undefined("'" + value.type() + "' has no item "
                + (Numbers.isWhole(key) ? Numbers.whole(key) : "of that " + key.type()));
    }

    private static @Nullable Value ownItem(Run run, Value value, Value key) {
        if (value instanceof Dict dict) {
            boolean hashable = !(key instanceof Dict
                    || (key instanceof Items items && !items.kind().tuple()));
            return hashable ? dict.get(run, key) : null;
        }
        if (!Numbers.isWhole(key)) {
            return null;
        }
        int index = Numbers.index(key, "an index");
        if (value instanceof Items items && items.kind().indexed()) {
            List<Value> all = items.items();
            int at = index < 0 ? index + all.size() : index;
            return at >= 0 && at < all.size() ? all.get(at) : null;
        }
        if (value instanceof Text text) {
            run.walk(text.length());
            int at = index < 0 ? index + text.points() : index;
            if (at >= 0 && at < text.points()) {
                return text.slice(run, text.offset(at), text.offset(at + 1));
            }
        }
        return null;
    }

    /** What a value itself has by that name: a method or an attribute of its type; null where there is nothing. */
    static @Nullable Value own(Value value, String name) {
        if (name.startsWith("_")) {
            boolean item = value instanceof Dict dict && dict.get(name) != null && !name.startsWith("__");
            return item ? null : Undefined.forbidden(value, name);
        }
        if (value instanceof Namespace namespace) {
            return namespace.names().get(name);
        }
        if (value instanceof Loop loop) {
            return loop.attribute(name);
        }
        if (value instanceof Macro macro) {
            return macro.attribute(name);
        }
        if (value instanceof Cycler cycler) {
            return cycler.attribute(name);
        }
        if (value instanceof Items items && items.kind() == Items.Kind.GROUP) {
            if (name.equals("grouper") || name.equals("list")) {
                return items.items().get(name.equals("list") ? 1 : 0);
            }
        }
        boolean changing = value instanceof Dict || (value instanceof Items items && items.kind() == Items.Kind.LIST);
        if (changing && CHANGING.contains(name) && Methods.pythonHas(value, name)) {
            return Undefined.forbidden(value, name);
        }
        return Methods.find(value, name);
    }

    /** What {@code value[from:to:step]} gives; None stands for a bound that is left out. */
    static Value slice(Run run, Value value, Value from, Value to, Value step) {
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        int by = step == None.NONE ? 1 : Numbers.index(step, "a slice");
        if (by == 0) {
            throw Failure.value("the step of a slice must not be 0");
        }
        if (value instanceof Text text) {
            run.walk(text.length());
            int[] bounds = bounds(text.points(), from, to, by);
            return slice(run, text, bounds[0], bounds[1], by);
        }
        if (value instanceof Items items && items.kind().indexed()) {
            List<Value> all = items.items();
            int[] bounds = bounds(all.size(), from, to, by);
            List<Value> part = new ArrayList<>();
            for (long i = bounds[0]; by > 0 ? i < bounds[1] : i > bounds[1]; i += by) {
                run.items(1);
                part.add(all.get((int) i));
            }
            return items.kind().tuple() ? Items.tuple(part) : Items.list(part);
        }
        throw Failure.value("a " + value.type() + " cannot be sliced");
    }

    private static int[] bounds(int length, Value from, Value to, int by) {
        int first = by > 0 ? 0 : -1;
        int last = by > 0 ? length : length - 1;
        int start = from == None.NONE ? (by > 0 ? first : last) : bound(length, from, first, last);
        int end = to == None.NONE ? (by > 0 ? last : first) : bound(length, to, first, last);
        return new int[] {start, end};
    }

    private static int bound(int length, Value bound, int first, int last) {
        long index = Numbers.index(bound, "a slice");
        return (int) Math.max(first, Math.min(last, index < 0 ? index + length : index));
    }

    private static Text slice(Run run, Text text, int from, int to, int by) {
        if (by == 1) {
            return from >= to
                    ? Text.EMPTY.asMarkup(text.markup())
                    : text.slice(run, text.offset(from), text.offset(to));
        }
        int[] offsets = offsets(run, text);
        TextBuilder part = new TextBuilder(run);
        for (long i = from; by > 0 ? i < to : i > to; i += by) {
            part.append(text, offsets[(int) i], offsets[(int) i + 1]);
        }
        return part.text().asMarkup(text.markup());
    }

    private static int[] offsets(Run run, Text text) {
        run.text(2L * text.length());
        int[] offsets = new int[text.points() + 1];
        for (int i = 1; i < offsets.length; i++) {
            offsets[i] = text.string().offsetByCodePoints(offsets[i - 1], 1);
        }
        return offsets;
    }
}
