package dev.demur.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;

/** The filters that make a number. */
final class NumberFilters {

    private static final int MOST_DIGITS = 300;

    private NumberFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("int", NumberFilters::whole);
        filters.put("float", NumberFilters::real);
        filters.put("abs", (run, value, arguments) -> {
            arguments.bind(0);
            requireNumber("abs", value);
            return NumberFormat.negative(value) ? Arithmetic.negated(value) : Arithmetic.positive(value);
        });
        filters.put("round", NumberFilters::round);
    }

    private static void requireNumber(String filter, Value value) {
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        if (!Numbers.isNumber(value)) {
            throw Failure.value(filter + " needs a number and got a " + value.type());
        }
    }

    private static Value whole(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "default", "base");
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        Value otherwise = bound.get(0, Int.of(0));
        if (value instanceof Real real) {
            boolean finite = !Double.isNaN(real.value()) && !Double.isInfinite(real.value());
            return finite ? new Int(NumberFormat.truncated(real), real.mark()) : otherwise;
        }
        if (Numbers.isWhole(value)) {
            return new Int(Numbers.whole(value), Numbers.mark(value));
        }
        if (!(value instanceof Text text)) {
            return otherwise;
        }
        run.walk(text.length());
        run.longArithmetic();
        int base = bound.integer(1, 10);
        if (base != 0 && (base < 2 || base > 36)) {
            throw Failure.value("the base of a number is 0 or from 2 to 36");
        }
        BigInteger number = Numbers.parseWhole(text.string(), base);
        if (number != null) {
            return new Int(number, text.anyMark());
        }
        Double real = Numbers.parseReal(text.string());
        if (real == null || Double.isNaN(real) || Double.isInfinite(real)) {
            return otherwise;
        }
        return new Int(new BigDecimal(real).toBigInteger(), text.anyMark());
    }

    private static Value real(Run run, Value value, Arguments arguments) {
        Value otherwise = arguments.bind(0, "default").get(0, new Real(0, 0));
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        if (Numbers.isNumber(value)) {
            return new Real(Numbers.real(value), Numbers.mark(value));
        }
        if (value instanceof Text text) {
            run.walk(text.length());
            Double number = Numbers.parseReal(text.string());
            return number == null ? otherwise : new Real(number, text.anyMark());
        }
        return otherwise;
    }

    private static Value round(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "precision", "method");
        String method = bound.text(1, Text.of("common")).string();
        int precision = bound.integer(0, 0);
        requireNumber("round", value);
        run.longArithmetic();
        if (Math.abs((long) precision) > MOST_DIGITS) {
            throw Failure.limit("round takes a precision of at most " + MOST_DIGITS + " digits");
        }
        int mark = Numbers.mark(value);
        if (method.equals("common")) {
            if (Numbers.isWhole(value)) {
                BigDecimal number = new BigDecimal(Numbers.whole(value));
                BigDecimal rounded = precision >= 0 ? number : number.setScale(precision, RoundingMode.HALF_EVEN);
                return new Int(rounded.toBigInteger(), mark);
            }
            double real = Numbers.real(value);
            if (Double.isNaN(real) || Double.isInfinite(real)) {
                return value;
            }
            double rounded = new BigDecimal(real)
                    .setScale(precision, RoundingMode.HALF_EVEN)
                    .doubleValue();
            return new Real(Math.copySign(rounded, real), mark);
        }
        double power = Math.pow(10, precision);
        double scaled = Numbers.real(value) * power;
        return switch (method) {
            case "floor" -> new Real(Math.floor(scaled) / power, mark);
            case "ceil" -> new Real(Math.ceil(scaled) / power, mark);
            default -> throw Failure.value("round knows the methods common, ceil and floor");
        };
    }
}
