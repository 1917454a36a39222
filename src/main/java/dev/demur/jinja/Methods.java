package dev.demur.jinja;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of texts, lists and mappings. */
final class Methods {

    /** A method of values of a type. */
    interface Method<T> {
        Value call(Run run, T self, Arguments arguments);
    }

    private static final Map<String, Method<Text>> TEXT = new HashMap<>();
    private static final Map<String, Method<Dict>> DICT = new HashMap<>();
    private static final Map<String, Method<Items>> ITEMS = new HashMap<>();

    static {
        TextMethods.addTo(TEXT);
        TextTests.addTo(TEXT);
        DICT.put("get", (run, dict, arguments) -> {
            Arguments.Bound bound = arguments.bind(1, "key", "default");
            Value value = dict.get(run, bound.get(0));
            return value == null ? bound.get(1, None.NONE) : value;
        });
        DICT.put("keys", (run, dict, arguments) -> view(arguments, Items.Kind.KEYS, dict.keys(run)));
        DICT.put("values", (run, dict, arguments) -> view(arguments, Items.Kind.VALUES, dict.values(run)));
        DICT.put("items", (run, dict, arguments) -> view(arguments, Items.Kind.PAIRS, dict.pairs(run)));
        DICT.put("copy", (run, dict, arguments) -> {
            arguments.bind(0);
            return dict;
        });
        ITEMS.put("count", (run, items, arguments) -> {
            Value sought = arguments.bind(1, "value").get(0);
            long count = items.items().stream()
                    .filter(item -> Comparison.equal(run, item, sought))
                    .count();
            return Int.of(count);
        });
        ITEMS.put("index", (run, items, arguments) -> {
            Value sought = arguments.bind(1, "value").get(0);
            for (int i = 0; i < items.items().size(); i++) {
                if (Comparison.equal(run, items.items().get(i), sought)) {
                    return Int.of(i);
                }
            }
            throw Failure.value("what index seeks is not in the " + items.type());
        });
        ITEMS.put("copy", (run, items, arguments) -> {
            arguments.bind(0);
            return items;
        });
    }

    private Methods() {}

    private static Value view(Arguments arguments, Items.Kind kind, java.util.List<Value> items) {
        arguments.bind(0);
        return new Items(kind, items, Text.EMPTY);
    }

    /** The method of that name, bound to the value; null where its type has none. */
    static @Nullable Value find(Value value, String name) {
        if (value instanceof Text text) {
            return bound(TEXT.get(name), text, name);
        }
        if (value instanceof Dict dict) {
            return bound(DICT.get(name), dict, name);
        }
        if (value instanceof Items items && items.kind().indexed()) {
            boolean copied = items.kind() == Items.Kind.LIST || !name.equals("copy");
            return copied ? bound(ITEMS.get(name), items, name) : null;
        }
        return null;
    }

    private static <T extends Value> @Nullable Value bound(@Nullable Method<T> method, T self, String name) {
        return method == null
                ? null
                : new Function(self.type() + "." + name, (run, arguments) -> method.call(run, self, arguments));
    }

    /** Whether Python's type has a method of that name, though templates may not call it. */
    static boolean pythonHas(Value value, String name) {
        boolean ofDict = switch (name) {
            case "clear", "pop", "popitem", "setdefault", "update" -> true;
            default -> false;
        };
        boolean ofList = switch (name) {
            case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" -> true;
            default -> false;
        };
        return value instanceof Dict ? ofDict : ofList;
    }
}
