package dev.demur.jinja;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Python's {@code text.format(values)}, one format string being filled in. */
final class BraceFormat {

    private final Run run;
    private final Arguments arguments;
    private final boolean markup;
    private int automatic;

    private BraceFormat(Run run, Arguments arguments, boolean markup) {
        this.run = run;
        this.arguments = arguments;
        this.markup = markup;
    }

    static Value format(Run run, Text format, Arguments arguments) {
        return new BraceFormat(run, arguments, format.markup())
                .fill(format, true)
                .asMarkup(format.markup());
    }

    private Text fill(Text format, boolean outermost) {
        TextBuilder out = new TextBuilder(run);
        String string = format.string();
        int at = 0;
        while (at < string.length()) {
            char c = string.charAt(at);
            if ((c == '{' || c == '}') && at + 1 < string.length() && string.charAt(at + 1) == c && outermost) {
                out.append(format, at, at + 1);
                at += 2;
            } else if (c == '{') {
                int end = closing(string, at);
                out.appendChosen(field(format, at + 1, end, outermost), format.markWithin(at, end + 1));
                at = end + 1;
            } else if (c == '}') {
                throw Failure.value("a format has a } without its {");
            } else {
                int next = at;
                while (next < string.length() && string.charAt(next) != '{' && string.charAt(next) != '}') {
                    next++;
                }
                out.append(format, at, next);
                at = next;
            }
        }
        return out.text();
    }

    private static int closing(String string, int open) {
        int depth = 0;
        for (int at = open; at < string.length(); at++) {
            char c = string.charAt(at);
            depth += c == '{' ? 1 : c == '}' ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        throw Failure.value("a format has a { without its }");
    }

    private Text field(Text format, int from, int to, boolean outermost) {
        String string = format.string();
        int nameEnd = from;
        boolean brackets = false;
        while (nameEnd < to && (brackets || (string.charAt(nameEnd) != '!' && string.charAt(nameEnd) != ':'))) {
            brackets = string.charAt(nameEnd) == '[' || (brackets && string.charAt(nameEnd) != ']');
            nameEnd++;
        }
        Value value = value(string.substring(from, nameEnd));
        int specFrom = nameEnd;
        if (specFrom < to && string.charAt(specFrom) == '!') {
            char conversion = specFrom + 1 < to ? string.charAt(specFrom + 1) : '\0';
            value = switch (conversion) {
                case 'r', 'a' -> Repr.repr(run, value);
                case 's' -> Repr.str(run, value);
                default -> throw Failure.value("there is no conversion '!" + conversion + "' in formats");
            };
            specFrom += 2;
        }
        if (specFrom >= to) {
            return shown(value);
        }
        if (string.charAt(specFrom) != ':' || (!outermost && string.indexOf('{', specFrom) >= 0)) {
            throw Failure.value("a field of a format is written {name!r:spec}");
        }
        Text spec = fill(format.slice(run, specFrom + 1, to), false);
        if (spec.isEmpty()) {
            return shown(value);
        }
        TextBuilder out = new TextBuilder(run);
        out.appendChosen(specified(value, spec.string()), spec.anyMark());
        return out.text();
    }

    private Text shown(Value value) {
        Text text = Repr.soft(run, value);
        return markup ? Markup.escaped(run, text) : text.asMarkup(false);
    }

    private Value value(String name) {
        int end = 0;
        while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
            end++;
        }
        Value value = argument(name.substring(0, end));
        while (end < name.length()) {
            int from = end + 1;
            if (name.charAt(end) == '.') {
                end = from;
                while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
                    end++;
                }
                value = Attributes.attribute(run, value, name.substring(from, end));
            } else {
                int close = name.indexOf(']', from);
                if (close < 0) {
                    throw Failure.value("a format has a [ without its ]");
                }
                String key = name.substring(from, close);
                Integer index = index(key);
                value = Attributes.item(run, value, index == null ? Text.of(key) : Int.of(index));
                end = close + 1;
            }
        }
        return value;
    }

    private Value argument(String name) {
        Integer index = name.isEmpty() ? Integer.valueOf(automatic++) : index(name);
        if (index == null) {
            Value value = arguments.named().get(name);
            if (value == null) {
                throw Failure.value("a format names a value that is not there: " + name);
            }
            return value;
        }
        if (!name.isEmpty() && automatic > 0) {
            throw Failure.value("a format numbers some of its fields and not others");
        }
        if (index >= arguments.positional().size()) {
            throw Failure.value("a format has more fields than values");
        }
        return arguments.positional().get(index);
    }

    private static @Nullable Integer index(String digits) {
        if (digits.isEmpty() || digits.length() > 9 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        return Integer.valueOf(digits);
    }

    /** A format specification: what stands behind the colon. */
    private record Spec(
            int fill, char align, char sign, boolean alternate, int width, char group, int precision, char type) {

        static Spec parse(String spec) {
            int at = 0;
            int fill = ' ';
            char align = '\0';
            int second = spec.offsetByCodePoints(0, 1);
            if (second < spec.length() && "<>^=".indexOf(spec.charAt(second)) >= 0) {
                fill = spec.codePointAt(0);
                align = spec.charAt(second);
                at = second + 1;
            } else if ("<>^=".indexOf(spec.charAt(0)) >= 0) {
                align = spec.charAt(0);
                at = 1;
            }
            char sign = '-';
            if (at < spec.length() && "+- ".indexOf(spec.charAt(at)) >= 0) {
                sign = spec.charAt(at++);
            }
            boolean alternate = at < spec.length() && spec.charAt(at) == '#';
            at += alternate ? 1 : 0;
            if (at < spec.length() && spec.charAt(at) == '0' && align == '\0') {
                fill = '0';
                align = '=';
                at++;
            }
            int[] width = number(spec, at);
            at = width[1];
            char group = '\0';
            if (at < spec.length() && (spec.charAt(at) == ',' || spec.charAt(at) == '_')) {
                group = spec.charAt(at++);
            }
            int precision = -1;
            if (at < spec.length() && spec.charAt(at) == '.') {
                int[] digits = number(spec, at + 1);
                precision = digits[0];
                at = digits[1];
            }
            char type = at < spec.length() ? spec.charAt(at++) : '\0';
            if (at < spec.length()) {
                throw Failure.value("a format has a specification that cannot be read: " + spec);
            }
            return new Spec(fill, align, sign, alternate, width[0], group, precision, type);
        }

        private static int[] number(String spec, int from) {
            long number = 0;
            int at = from;
            while (at < spec.length() && spec.charAt(at) >= '0' && spec.charAt(at) <= '9') {
                number = Math.min(number * 10 + (spec.charAt(at) - '0'), Integer.MAX_VALUE);
                at++;
            }
            return new int[] {(int) number, at};
        }
    }

    private Text specified(Value value, String written) {
        Spec spec = Spec.parse(written);
        if (value instanceof Text text) {
            if (spec.type != '\0' && spec.type != 's') {
                throw Failure.value("there is no format '" + spec.type + "' for texts");
            }
            boolean cut = spec.precision >= 0 && spec.precision < text.points();
            return aligned(Text.EMPTY, cut ? text.slice(run, 0, text.offset(spec.precision)) : text, spec, '<');
        }
        boolean plainBool = value instanceof Bool && spec.type == '\0';
        if (!Numbers.isNumber(value) || plainBool) {
            throw Failure.value("a " + value.type() + " takes no format specification");
        }
        run.longArithmetic();
        String digits = digits(value, spec);
        digits = spec.group == '\0' ? digits : NumberFormat.grouped(digits, spec.group);
        String sign = NumberFormat.negative(value) ? "-" : spec.sign == '-' ? "" : String.valueOf(spec.sign);
        int mark = Numbers.mark(value);
        return aligned(Text.of(sign, mark), Text.of(digits, mark), spec, '>');
    }

    private static String digits(Value value, Spec spec) {
        if (Numbers.isWhole(value) && (spec.type == '\0' || "bdnoxX".indexOf(spec.type) >= 0)) {
            BigInteger number = Numbers.whole(value);
            char type = spec.type == '\0' || spec.type == 'n' ? 'd' : spec.type;
            return NumberFormat.whole(number, type, spec.alternate);
        }
        double number = Numbers.real(value);
        if (spec.type == '\0' && spec.precision < 0) {
            return Numbers.shown(Math.abs(number));
        }
        char type = spec.type == '\0' || spec.type == 'n' ? 'g' : spec.type;
        return NumberFormat.real(number, type, spec.precision, spec.alternate);
    }

    private Text aligned(Text sign, Text text, Spec spec, char natural) {
        Text fill = Text.of(Character.toString(spec.fill));
        int missing = Math.max(0, spec.width - sign.points() - text.points());
        char align = spec.align == '\0' ? natural : spec.align;
        int before = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
        TextBuilder out = new TextBuilder(run);
        if (align == '=') {
            out.append(sign);
            out.append(TextOperations.padded(run, text, fill, missing, 0));
            return out.text();
        }
        out.append(sign);
        out.append(text);
        return TextOperations.padded(run, out.text(), fill, before, missing - before);
    }
}
