package dev.demur.jinja;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes an attribute of an item, for filters that are told which: by {@code name.of.parts}, or by a number. */
final class Getter {

    private static final int LONGEST = 1000;

    private final List<Value> parts;
    private final @Nullable Value otherwise;

    private Getter(List<Value> parts, @Nullable Value otherwise) {
        this.parts = parts;
        this.otherwise = otherwise;
    }

    /** A getter; None stands for the item itself. What is not there is {@code otherwise}, where that is not null. */
    static Getter of(Value attribute, @Nullable Value otherwise) {
        List<Value> parts = new ArrayList<>();
        if (attribute instanceof Text text) {
            if (text.length() > LONGEST) {
                throw Failure.limit("the name of an attribute has more than " + LONGEST + " characters");
            }
            for (String part : text.string().split("\\.", -1)) {
                boolean number =
                        !part.isEmpty() && part.length() < 10 && part.chars().allMatch(c -> c >= '0' && c <= '9');
                parts.add(number ? Int.of(Long.parseLong(part)) : Text.of(part));
            }
        } else if (attribute != None.NONE) {
            parts.add(attribute);
        }
        return new Getter(parts, otherwise);
    }

    Value get(Run run, Value item) {
        Value value = item;
        for (Value part : parts) {
            run.steps(1);
            value = Attributes.item(run, value, part);
            if (value instanceof Undefined && otherwise != null && otherwise != None.NONE) {
                value = otherwise;
            }
        }
        return value;
    }

    /** The value by which items are ordered or told apart: texts without their case, unless that counts. */
    Value key(Run run, Value item, boolean caseSensitive) {
        Value value = get(run, item);
        if (caseSensitive || !(value instanceof Text text)) {
            return value;
        }
        return TextOperations.changeCase(run, text, Characters::lower);
    }
}
