package dev.demur.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values as JSON, as Python's json.dumps writes it. */
final class Json {

    private final Run run;
    private final TextBuilder out;
    private final boolean ascii;
    private final boolean sorted;
    private final @Nullable Text indent;
    private final Text betweenItems;
    private final Text betweenKeyAndValue;

    private Json(
            Run run, boolean ascii, boolean sorted, @Nullable Text indent, Text betweenItems, Text betweenKeyAndValue) {
        this.run = run;
        this.out = new TextBuilder(run);
        this.ascii = ascii;
        this.sorted = sorted;
        this.indent = indent;
        this.betweenItems = betweenItems;
        this.betweenKeyAndValue = betweenKeyAndValue;
    }

    /** The filter tojson, with the arguments that transformers gives it. */
    static Value filter(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "ensure_ascii", "indent", "separators", "sort_keys");
        Text indent = null;
        if (bound.given(1)) {
            indent = bound.get(1) instanceof Text text
                    ? text
                    : spaces(run, Numbers.index(bound.get(1), "the indent of tojson"));
        }
        Text betweenItems = Text.of(indent == null ? ", " : ",");
        Text betweenKeyAndValue = Text.of(": ");
        if (bound.given(2)) {
            List<Value> separators = Iteration.over(run, bound.get(2));
            if (separators.size() != 2
                    || !(separators.get(0) instanceof Text first)
                    || !(separators.get(1) instanceof Text second)) {
                throw Failure.value("the separators of tojson are two texts");
            }
            betweenItems = first;
            betweenKeyAndValue = second;
        }
        Json json = new Json(run, bound.flag(0), bound.flag(3), indent, betweenItems, betweenKeyAndValue);
        json.write(value, 0);
        return json.out.text();
    }

    private static Text spaces(Run run, int count) {
        run.text(Math.max(0, count));
        return Text.of(" ".repeat(Math.max(0, count)));
    }

    private void write(Value value, int depth) {
        Run.checkDepth(depth);
        run.steps(1);
        if (value instanceof Text text) {
            quoted(text);
        } else if (value instanceof Items items
                && (items.kind() == Items.Kind.LIST || items.kind().tuple())) {
            items(items.items(), depth);
        } else if (value instanceof Dict dict) {
            dict(dict, depth);
        } else {
            if (value instanceof Real) {
                run.longArithmetic();
            }
            String scalar = scalar(value);
            if (scalar == null) {
                throw Failure.value("JSON cannot hold a " + value.type());
            }
            out.append(scalar, Numbers.mark(value));
        }
    }

    private static @Nullable String scalar(Value value) {
        if (value instanceof None) {
            return "null";
        }
        if (value instanceof Bool bool) {
            return bool.truth() ? "true" : "false";
        }
        if (value instanceof Int number) {
            return number.value().toString();
        }
        if (value instanceof Real number) {
            double real = number.value();
            if (Double.isNaN(real)) {
                return "NaN";
            }
            return Double.isInfinite(real) ? (real > 0 ? "Infinity" : "-Infinity") : Numbers.shown(real);
        }
        return null;
    }

    private void items(List<Value> items, int depth) {
        if (items.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append("[");
        for (int i = 0; i < items.size(); i++) {
            if (i > 0) {
                out.append(betweenItems);
            }
            newLine(depth + 1);
            write(items.get(i), depth + 1);
        }
        newLine(depth);
        out.append("]");
    }

    private void dict(Dict dict, int depth) {
        if (dict.size() == 0) {
            out.append("{}");
            return;
        }
        List<Value> keys = new ArrayList<>(dict.keys(run));
        if (sorted) {
            keys.sort((a, b) -> Comparison.order(run, a, b));
        }
        out.append("{");
        boolean first = true;
        for (Value key : keys) {
            if (!first) {
                out.append(betweenItems);
            }
            first = false;
            newLine(depth + 1);
            key(key);
            out.append(betweenKeyAndValue);
            write(Objects.requireNonNull(dict.get(run, key)), depth + 1);
        }
        newLine(depth);
        out.append("}");
    }

    private void key(Value key) {
        if (key instanceof Text text) {
            quoted(text);
            return;
        }
        String scalar = scalar(key);
        if (scalar == null) {
            throw Failure.value("a key of JSON cannot be a " + key.type());
        }
        out.append("\"");
        out.append(scalar, Numbers.mark(key));
        out.append("\"");
    }

    private void newLine(int depth) {
        if (indent != null) {
            out.append("\n");
            for (int i = 0; i < depth; i++) {
                out.append(indent);
            }
        }
    }

    private void quoted(Text text) {
        String string = text.string();
        out.append("\"");
        int from = 0;
        for (int at = 0; at < string.length(); at++) {
            String escaped = escaped(string.charAt(at));
            if (escaped != null) {
                out.append(text, from, at);
                out.append(escaped, text.markAt(at));
                from = at + 1;
            }
        }
        out.append(text, from, string.length());
        out.append("\"");
    }

    private @Nullable String escaped(char c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\f' -> "\\f";
            case '\b' -> "\\b";
            default -> c < ' ' || (ascii && c > '~') ? Repr.hex("\\u", c, 4) : null;
        };
    }
}
