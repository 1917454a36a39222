package dev.demur.jinja;

import java.util.List;
import java.util.Objects;

/** Values as text: Python's str and repr. */
final class Repr {

    private Repr() {}

    /** The text that a value prints as; a text itself without its being markup. */
    static Text str(Run run, Value value) {
        return soft(run, value).asMarkup(false);
    }

    /** The same, but markup stays markup. */
    static Text soft(Run run, Value value) {
        if (value instanceof Text text) {
            return text;
        }
        if (value instanceof Undefined) {
            return Text.EMPTY;
        }
        return repr(run, value);
    }

    /** The text of a value within others. */
    static Text repr(Run run, Value value) {
        TextBuilder out = new TextBuilder(run);
        write(run, out, value, 0);
        return out.text();
    }

    private static void write(Run run, TextBuilder out, Value value, int depth) {
        Run.checkDepth(depth);
        run.steps(1);
        if (value instanceof Text text) {
            quoted(out, text);
        } else if (value instanceof Int number) {
            out.append(number.value().toString(), number.mark());
        } else if (value instanceof Real number) {
            run.longArithmetic();
            out.append(Numbers.shown(number.value()), number.mark());
        } else if (value instanceof Bool bool) {
            out.append(bool.truth() ? "True" : "False");
        } else if (value instanceof None) {
            out.append("None");
        } else if (value instanceof Undefined) {
            out.append("Undefined");
        } else if (value instanceof Items items) {
            items(run, out, items, depth);
        } else if (value instanceof Dict dict) {
            dict(run, out, dict, depth);
        } else if (value instanceof Namespace namespace) {
            out.append("<Namespace ");
            write(run, out, namespace.names(), depth + 1);
            out.append(">");
        } else if (value instanceof Macro macro) {
            out.append("<Macro '" + macro.name() + "'>");
        } else if (value instanceof Loop loop) {
            out.append("<LoopContext " + loop.index() + "/" + loop.length() + ">");
        } else {
            out.append("<" + value.type() + ">");
        }
    }

    private static void items(Run run, TextBuilder out, Items items, int depth) {
        if (!items.shown().isEmpty()) {
            out.append(items.shown());
            return;
        }
        boolean tuple = items.kind().tuple();
        if (items.kind().view()) {
            out.append(items.type() + "(");
        }
        out.append(tuple ? "(" : "[");
        List<Value> all = items.items();
        for (int i = 0; i < all.size(); i++) {
            out.append(i == 0 ? "" : ", ");
            write(run, out, all.get(i), depth + 1);
        }
        out.append(tuple && all.size() == 1 ? ",)" : tuple ? ")" : "]");
        if (items.kind().view()) {
            out.append(")");
        }
    }

    private static void dict(Run run, TextBuilder out, Dict dict, int depth) {
        out.append("{");
        boolean first = true;
        for (Value key : dict.keys(run)) {
            out.append(first ? "" : ", ");
            first = false;
            write(run, out, key, depth + 1);
            out.append(": ");
            write(run, out, Objects.requireNonNull(dict.get(run, key)), depth + 1);
        }
        out.append("}");
    }

    private static void quoted(TextBuilder out, Text text) {
        String string = text.string();
        char quote = string.indexOf('\'') >= 0 && string.indexOf('"') < 0 ? '"' : '\'';
        if (text.markup()) {
            out.append("Markup(");
        }
        out.append(String.valueOf(quote));
        for (int at = 0; at < string.length(); ) {
            int c = string.codePointAt(at);
            out.append(shown(c, quote), text.markAt(at));
            at += Character.charCount(c);
        }
        out.append(quote + (text.markup() ? ")" : ""));
    }

    private static String shown(int c, char quote) {
        switch (c) {
            case '\n':
                return "\\n";
            case '\r':
                return "\\r";
            case '\t':
                return "\\t";
            case '\\':
                return "\\\\";
            default:
                break;
        }
        if (c == quote) {
            return "\\" + quote;
        }
        if (Characters.isPrintable(c)) {
            return Character.toString(c);
        }
        return c < 0x100 ? hex("\\x", c, 2) : c < 0x10000 ? hex("\\u", c, 4) : hex("\\U", c, 8);
    }

    /** A number in so many hexadecimal digits behind a prefix. */
    static String hex(String prefix, int number, int digits) {
        String hex = Integer.toHexString(number);
        return prefix + "0".repeat(digits - hex.length()) + hex;
    }
}
