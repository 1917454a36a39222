package dev.demur.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes values of what a caller gives, and counts how much that is. */
final class Conversion {

    private final Run run;
    private long characters;
    private long items;

    Conversion(Run run) {
        this.run = run;
    }

    /** Characters of all texts converted. */
    long characters() {
        return characters;
    }

    /** Items of all lists and mappings converted. */
    long items() {
        return items;
    }

    Value value(@Nullable Object value) {
        return value(value, 0, 0);
    }

    private Value value(@Nullable Object value, int mark, int depth) {
        Run.checkDepth(depth);
        if (value == null) {
            return None.NONE;
        }
        if (value instanceof Marked marked) {
            return value(marked.value(), marked.mark(), depth + 1);
        }
        if (value instanceof String string) {
            characters += string.length();
            return Text.of(string, mark);
        }
        if (value instanceof Boolean bool) {
            return Bool.of(bool);
        }
        if (value instanceof Number number) {
            return number(number, mark);
        }
        if (value instanceof List<?> list) {
            items += list.size();
            List<Value> all = new ArrayList<>(list.size());
            for (Object item : list) {
                all.add(value(item, mark, depth + 1));
            }
            return Items.list(all);
        }
        if (value instanceof Map<?, ?> map) {
            items += map.size();
            run.allowForInput(0, (long) Limits.LARGE_ITEM * map.size());
            Dict dict = new Dict();
            map.forEach((key, item) -> dict.put(run, value(key, mark, depth + 1), value(item, mark, depth + 1)));
            return dict;
        }
        throw new IllegalArgumentException(
                "a template takes no " + value.getClass().getName() + " as a variable");
    }

    private static Value number(Number number, int mark) {
        if (number instanceof BigInteger whole) {
            return new Int(whole, mark);
        }
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
            return new Int(BigInteger.valueOf(number.longValue()), mark);
        }
        if (number instanceof Double || number instanceof Float || number instanceof BigDecimal) {
            return new Real(number.doubleValue(), mark);
        }
        throw new IllegalArgumentException(
                "a template takes no " + number.getClass().getName() + " as a variable");
    }
}
