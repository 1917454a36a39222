package dev.demur.jinja;

import java.util.List;

/** Python's {@code text % values}, one format string being filled in. */
final class PercentFormat {

    private final Run run;
    private final Text format;
    private final String string;
    private final Value values;
    private final List<Value> positional;
    private final TextBuilder out;
    private int at;
    private int used;

    private PercentFormat(Run run, Text format, Value values) {
        this.run = run;
        this.format = format;
        this.string = format.string();
        this.values = values;
        this.positional = values instanceof Items items && items.kind().tuple() ? items.items() : List.of(values);
        this.out = new TextBuilder(run);
    }

    static Value format(Run run, Text format, Value values) {
        PercentFormat filling = new PercentFormat(run, format, values);
        filling.fill();
        return filling.out.text().asMarkup(format.markup());
    }

    private void fill() {
        boolean named = false;
        while (at < string.length()) {
            int percent = string.indexOf('%', at);
            if (percent < 0) {
                break;
            }
            run.walk(percent - at);
            out.append(format, at, percent);
            at = percent + 1;
            named |= field(percent);
        }
        out.append(format, at, string.length());
        boolean container = values instanceof Dict
                || values instanceof Undefined
                || (values instanceof Items items && !items.kind().tuple());
        if (!named && !container && used < positional.size()) {
            throw Failure.value("a format does not use all its values");
        }
    }

    /** Fills in one field; true if it names its value. */
    private boolean field(int percent) {
        Value value = null;
        if (peek() == '(') {
            int end = string.indexOf(')', at);
            if (end < 0 || !(values instanceof Dict dict)) {
                throw Failure.value("a format names its values: %(name)s needs a mapping");
            }
            String name = string.substring(at + 1, end);
            value = dict.get(name);
            if (value == null) {
                throw Failure.value("a format names a value that is not there: " + name);
            }
            at = end + 1;
        }
        int flagsFrom = at;
        while ("-+ 0#".indexOf(peek()) >= 0) {
            at++;
        }
        String flags = string.substring(flagsFrom, at);
        int width = number();
        int precision = -1;
        if (peek() == '.') {
            at++;
            precision = number();
        }
        while ("hlL".indexOf(peek()) >= 0) {
            at++;
        }
        char type = peek();
        at++;
        if (type == '%') {
            out.append("%", format.markAt(percent));
            return false;
        }
        boolean named = value != null;
        Value given = value == null ? next() : value;
        Text shown = shown(type, given, flags, precision, width);
        int missing = width - shown.points();
        boolean left = flags.indexOf('-') >= 0;
        out.appendChosen(
                TextOperations.padded(run, shown, Text.of(" "), left ? 0 : missing, left ? missing : 0),
                format.markWithin(percent, at));
        return named;
    }

    private char peek() {
        if (at >= string.length()) {
            throw Failure.value("a format ends within a field");
        }
        return string.charAt(at);
    }

    private int number() {
        if (peek() == '*') {
            at++;
            return Numbers.index(next(), "a width");
        }
        long number = 0;
        while (peek() >= '0' && peek() <= '9') {
            number = Math.min(number * 10 + (peek() - '0'), Integer.MAX_VALUE);
            at++;
        }
        return (int) number;
    }

    private Value next() {
        if (used >= positional.size()) {
            throw Failure.value("a format has more fields than values");
        }
        return positional.get(used++);
    }

    private Text shown(char type, Value value, String flags, int precision, int width) {
        switch (type) {
            case 's', 'r', 'a':
                Text text = type == 's' ? Repr.soft(run, value) : Repr.repr(run, value);
                text = format.markup() ? Markup.escaped(run, text) : text.asMarkup(false);
                return precision < 0 || precision >= text.points() ? text : text.slice(run, 0, text.offset(precision));
            case 'c':
                return character(value);
            case 'd', 'i', 'u', 'o', 'x', 'X', 'e', 'E', 'f', 'F', 'g', 'G':
                break;
            default:
                throw Failure.value("there is no format '%" + type + "'");
        }
        boolean decimal = "diu".indexOf(type) >= 0;
        boolean whole = decimal || "oxX".indexOf(type) >= 0;
        if (!Numbers.isNumber(value) || (whole && !decimal && value instanceof Real)) {
            throw Failure.value("the format %" + type + " needs a number and got a " + value.type());
        }
        boolean alternate = flags.indexOf('#') >= 0;
        run.longArithmetic();
        String digits = whole
                ? NumberFormat.whole(NumberFormat.truncated(value), decimal ? 'd' : type, alternate)
                : NumberFormat.real(Numbers.real(value), type, precision, alternate);
        boolean negative = whole ? NumberFormat.truncated(value).signum() < 0 : NumberFormat.negative(value);
        String sign = negative ? "-" : flags.indexOf('+') >= 0 ? "+" : flags.indexOf(' ') >= 0 ? " " : "";
        int zeros = whole ? precision - digits.length() : 0;
        if (flags.indexOf('0') >= 0 && flags.indexOf('-') < 0) {
            zeros = Math.max(zeros, width - digits.length() - sign.length());
        }
        run.text(Math.max(0, zeros));
        return Text.of(sign + "0".repeat(Math.max(0, zeros)) + digits, Numbers.mark(value));
    }

    private Text character(Value value) {
        if (Numbers.isWhole(value)) {
            int c = Numbers.index(value, "%c");
            if (!Character.isValidCodePoint(c)) {
                throw Failure.value("%c needs the number of a character");
            }
            return Text.of(Character.toString(c), Numbers.mark(value));
        }
        if (value instanceof Text text && text.points() == 1) {
            return text;
        }
        throw Failure.value("%c needs a character and got a " + value.type());
    }
}
