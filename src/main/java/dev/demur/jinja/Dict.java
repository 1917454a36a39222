package dev.demur.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A mapping in the order in which keys were first put. It is not changed once a template can see it. */
final class Dict implements Value {

    private record Entry(Value key, Value value) {}

    private final Map<Object, Entry> entries = new LinkedHashMap<>();

    /** Puts a value; an equal key that is there already stays as it is. */
    void put(Run run, Value key, Value value) {
        run.items(Limits.LARGE_ITEM);
        Object id = identity(run, key, 0);
        Entry known = entries.get(id);
        entries.put(id, new Entry(known == null ? key : known.key, value));
    }

    @Nullable
    Value get(Run run, Value key) {
        Entry entry = entries.get(identity(run, key, 0));
        return entry == null ? null : entry.value;
    }

    @Nullable
    Value get(String key) {
        Entry entry = entries.get(key);
        return entry == null ? null : entry.value;
    }

    int size() {
        return entries.size();
    }

    List<Value> keys(Run run) {
        run.items(entries.size());
        List<Value> keys = new ArrayList<>(entries.size());
        entries.values().forEach(entry -> keys.add(entry.key));
        return keys;
    }

    List<Value> values(Run run) {
        run.items(entries.size());
        List<Value> values = new ArrayList<>(entries.size());
        entries.values().forEach(entry -> values.add(entry.value));
        return values;
    }

    /** Its keys with their values, each a tuple. */
    List<Value> pairs(Run run) {
        run.items((long) Limits.LARGE_ITEM * entries.size());
        List<Value> pairs = new ArrayList<>(entries.size());
        entries.values().forEach(entry -> pairs.add(Items.tuple(List.of(entry.key, entry.value))));
        return pairs;
    }

    void putAll(Run run, Dict other) {
        other.entries.values().forEach(entry -> put(run, entry.key, entry.value));
    }

    /** What equals the same of another key exactly where Python's keys are equal. */
    static Object identity(Run run, Value key, int depth) {
        Run.checkDepth(depth);
        if (key instanceof Text text) {
            run.walk(text.length());
            return text.string();
        }
        if (key instanceof Int number) {
            return number.value();
        }
        if (key instanceof Bool bool) {
            return bool.truth() ? BigInteger.ONE : BigInteger.ZERO;
        }
        if (key instanceof Real number) {
            double value = number.value();
            boolean whole = value == Math.rint(value) && !Double.isInfinite(value);
            return whole ? new BigDecimal(value).toBigInteger() : (Object) value;
        }
        if (key instanceof Items items && items.kind().tuple()) {
            run.items(items.items().size());
            List<Object> all = new ArrayList<>();
            for (Value item : items.items()) {
                all.add(identity(run, item, depth + 1));
            }
            return all;
        }
        boolean changeable = key instanceof Items items && items.kind() != Items.Kind.RANGE;
        if (changeable || key instanceof Dict) {
            throw Failure.value("a " + key.type() + " cannot be a key (unhashable type)");
        }
        return key instanceof Undefined ? Undefined.class : key;
    }

    @Override
    public String type() {
        return "dict";
    }

    @Override
    public boolean truth() {
        return !entries.isEmpty();
    }
}
