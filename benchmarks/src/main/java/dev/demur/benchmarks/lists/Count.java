package dev.demur.benchmarks.lists;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** So many of so many, and which. */
final class Count {

    private final List<String> which = new ArrayList<>();
    private int of;

    /** Another one, which counts or does not. */
    void add(boolean counts, String id) {
        of++;
        if (counts) {
            which.add(id);
        }
    }

    int count() {
        return which.size();
    }

    int of() {
        return of;
    }

    /** The count of a group; new ones are made. */
    static Count in(Map<String, Count> groups, String group) {
        return groups.computeIfAbsent(group, name -> new Count());
    }

    static Map<String, Count> groups() {
        return new TreeMap<>();
    }

    JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("count", which.size());
        json.addProperty("of", of);
        JsonArray ids = new JsonArray();
        which.forEach(ids::add);
        json.add("ids", ids);
        return json;
    }

    static JsonObject json(Map<String, Count> groups) {
        JsonObject json = new JsonObject();
        groups.forEach((group, count) -> json.add(group, count.json()));
        return json;
    }

    /** Such as {@code 4 of 366 (1.1 %)}. */
    @Override
    public String toString() {
        return of == 0
                ? "0 of 0"
                : String.format(Locale.ROOT, "%d of %d (%.1f %%)", which.size(), of, 100.0 * which.size() / of);
    }

    /** Such as {@code safety 3 of 16, unsupported 1 of 16}; groups without any are left out. */
    static String line(Map<String, Count> groups) {
        List<String> parts = new ArrayList<>();
        groups.forEach((group, count) -> {
            if (count.count() > 0) {
                parts.add(group + " " + count.count() + " of " + count.of());
            }
        });
        return parts.isEmpty() ? "none" : String.join(", ", parts);
    }
}
