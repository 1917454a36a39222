package dev.demur.hostile;

import dev.demur.hostile.ModelSketch.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Every number of an architecture, one after the other, set to what llama.cpp could divide by, take memory for or count to;
 * and every key left out.
 */
final class HyperparameterSweep {

    /**
     * One change of a model.
     *
     * @param key what is set, or the name of the tensor that is left out
     * @param value null where it is left out
     * @param what becomes of it, for the report
     */
    record Change(String key, @Nullable Value value, String what) {

        ModelSketch apply(ModelSketch model) {
            ModelSketch changed = model.copy();
            if (value != null) {
                changed.values.put(key, value);
            } else if (changed.values.remove(key) == null) {
                changed.tensors.removeIf(tensor -> tensor.name().equals(key));
            }
            return changed;
        }

        /** Whether what is left out would be put back by growing the model. */
        boolean isTensor() {
            return value == null && what.equals("no tensor");
        }
    }

    private static final long[] MORE = {1, 3, 1 << 20, 0xffff_ffffL};

    /** What a key is called in a complaint about its value, by Demur's rules or by llama.cpp. */
    private static final Pattern COMPLAINT = Pattern.compile(
            "(?:key |model: |: |^)([a-z0-9_-]+\\.[a-z0-9_.]+)(?: is of type| has wrong type|;|\\)|\\s|$)");

    private HyperparameterSweep() {}

    /**
     * The keys among {@code names} that llama.cpp reads of such a model, found by what it says about texts in their place.
     *
     * @param ask opens a model and returns what is said about it
     */
    static List<String> read(ModelSketch model, List<String> names, Function<ModelSketch, String> ask) {
        String prefix = model.architecture() + ".";
        ModelSketch strange = model.copy();
        for (String name : names) {
            if (!model.values.containsKey(prefix + name) && !name.equals("rope.scaling.type")) {
                strange.values.put(prefix + name, Value.string("x"));
            }
        }
        List<String> read = new ArrayList<>();
        for (String complaint = ask.apply(strange); ; complaint = ask.apply(strange)) {
            Matcher named = COMPLAINT.matcher(complaint);
            String found = null;
            while (found == null && named.find()) {
                String key = named.group(1);
                found = strange.values.containsKey(key) && !model.values.containsKey(key) ? key : null;
            }
            if (found == null) {
                return read;
            }
            strange.values.remove(found);
            read.add(found);
        }
    }

    /** The changes of a model that could make a zero of a number, in the same order each time. */
    static List<Change> zeros(ModelSketch model, List<String> read) {
        List<Change> changes = new ArrayList<>();
        for (String key : keys(model, read)) {
            if (model.values.containsKey(key)) {
                changes.add(new Change(key, null, "missing"));
            }
            changes.add(new Change(key, Value.u32(0), "0"));
            changes.add(new Change(key, Value.integers(List.of(0, 0)), "zeros"));
            changes.add(new Change(key, Value.integers(List.of(0, 4)), "0 and 4"));
        }
        return changes;
    }

    /** Those that make it another number. */
    static List<Change> others(ModelSketch model, List<String> read) {
        List<Change> changes = new ArrayList<>();
        for (String key : keys(model, read)) {
            for (long value : MORE) {
                changes.add(new Change(key, Value.u32(value), String.valueOf(value)));
            }
            changes.add(new Change(key, Value.f32(0), "0.0"));
            changes.add(new Change(key, Value.f32(Float.NaN), "NaN"));
            changes.add(new Change(key, Value.integers(List.of()), "no integers"));
            changes.add(new Change(key, Value.integers(List.of(1, -1, 3)), "integers"));
        }
        return changes;
    }

    /** Those that leave out a tensor. */
    static List<Change> withoutTensors(ModelSketch model) {
        return model.tensors.stream()
                .map(tensor -> new Change(tensor.name(), null, "no tensor"))
                .toList();
    }

    private static List<String> keys(ModelSketch model, List<String> read) {
        TreeSet<String> keys = new TreeSet<>(read);
        model.values.keySet().stream()
                .filter(key -> key.startsWith(model.architecture() + "."))
                .forEach(keys::add);
        return List.copyOf(keys);
    }
}
