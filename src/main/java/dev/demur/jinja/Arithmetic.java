package dev.demur.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Python's operators on two values, or one. */
final class Arithmetic {

    private Arithmetic() {}

    static Value apply(Run run, String operator, Value a, Value b) {
        if (operator.equals("%") && a instanceof Text format) {
            return PercentFormat.format(run, format, b);
        }
        if (a instanceof Undefined missing) {
            throw missing.failure();
        }
        if (b instanceof Undefined missing) {
            throw missing.failure();
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            if (isLong(a) || isLong(b)) {
                run.longArithmetic();
            }
            return numbers(operator, a, b);
        }
        if (operator.equals("+")) {
            return added(run, a, b);
        }
        if (operator.equals("*")) {
            if (Numbers.isWhole(b)) {
                return repeated(run, a, b);
            }
            if (Numbers.isWhole(a)) {
                return repeated(run, b, a);
            }
        }
        throw unsupported(operator, a, b);
    }

    private static boolean isLong(Value number) {
        return Numbers.isWhole(number) && Numbers.whole(number).bitLength() >= Long.SIZE;
    }

    private static Failure unsupported(String operator, Value a, Value b) {
        return Failure.value("the operator " + operator + " does not take a " + a.type() + " and a " + b.type());
    }

    private static Value added(Run run, Value a, Value b) {
        if (a instanceof Text left && b instanceof Text right) {
            boolean markup = left.markup() || right.markup();
            TextBuilder sum = new TextBuilder(run);
            sum.append(markup ? Markup.escaped(run, left) : left);
            sum.append(markup ? Markup.escaped(run, right) : right);
            return sum.text().asMarkup(markup);
        }
        if (a instanceof Items left && b instanceof Items right) {
            boolean lists = left.kind() == Items.Kind.LIST && right.kind() == Items.Kind.LIST;
            boolean tuples = left.kind().tuple() && right.kind().tuple();
            if (lists || tuples) {
                run.items((long) left.items().size() + right.items().size());
                List<Value> all = new ArrayList<>(left.items());
                all.addAll(right.items());
                return lists ? Items.list(all) : Items.tuple(all);
            }
        }
        throw unsupported("+", a, b);
    }

    private static Value repeated(Run run, Value value, Value times) {
        int count = Math.max(0, Numbers.index(times, "*"));
        if (value instanceof Text text) {
            run.text((long) text.length() * count);
            TextBuilder all = new TextBuilder(run);
            for (int i = 0; i < count && !text.isEmpty(); i++) {
                all.append(text);
            }
            return all.text().asMarkup(text.markup());
        }
        if (value instanceof Items items
                && (items.kind() == Items.Kind.LIST || items.kind().tuple())) {
            run.items((long) items.items().size() * count);
            List<Value> all = new ArrayList<>();
            for (int i = 0; i < count && !items.items().isEmpty(); i++) {
                all.addAll(items.items());
            }
            return items.kind() == Items.Kind.LIST ? Items.list(all) : Items.tuple(all);
        }
        throw unsupported("*", value, times);
    }

    private static Value numbers(String operator, Value a, Value b) {
        int mark = Numbers.mark(a) != 0 ? Numbers.mark(a) : Numbers.mark(b);
        if (Numbers.isWhole(a) && Numbers.isWhole(b)) {
            return whole(operator, Numbers.whole(a), Numbers.whole(b), mark);
        }
        return new Real(real(operator, Numbers.real(a), Numbers.real(b)), mark);
    }

    private static Value whole(String operator, BigInteger a, BigInteger b, int mark) {
        switch (operator) {
            case "+":
                return new Int(a.add(b), mark);
            case "-":
                return new Int(a.subtract(b), mark);
            case "*":
                return new Int(a.multiply(b), mark);
            case "**":
                return power(a, b, mark);
            case "/":
                requireDivisor(b.signum() != 0);
                return new Real(Numbers.quotient(a, b), mark);
            case "//":
                requireDivisor(b.signum() != 0);
                return new Int(floored(a, b)[0], mark);
            case "%":
                requireDivisor(b.signum() != 0);
                return new Int(floored(a, b)[1], mark);
            default:
                throw new IllegalStateException(operator);
        }
    }

    private static BigInteger[] floored(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        if (parts[1].signum() != 0 && parts[1].signum() != b.signum()) {
            parts[0] = parts[0].subtract(BigInteger.ONE);
            parts[1] = parts[1].add(b);
        }
        return parts;
    }

    private static Value power(BigInteger base, BigInteger exponent, int mark) {
        if (exponent.signum() < 0) {
            requireDivisor(base.signum() != 0);
            return new Real(Math.pow(base.doubleValue(), exponent.doubleValue()), mark);
        }
        if (base.bitLength() <= 1 && base.signum() >= 0) {
            return new Int(exponent.signum() == 0 ? BigInteger.ONE : base, mark);
        }
        boolean small = exponent.bitLength() < Short.SIZE;
        if (!small || (long) (base.bitLength() - 1) * exponent.intValue() > Int.MOST_BITS) {
            throw Failure.limit("a power has more than " + Int.MOST_BITS + " bits");
        }
        return new Int(base.pow(exponent.intValue()), mark);
    }

    private static double real(String operator, double a, double b) {
        switch (operator) {
            case "+":
                return a + b;
            case "-":
                return a - b;
            case "*":
                return a * b;
            case "**":
                return power(a, b);
            case "/":
                requireDivisor(b != 0);
                return a / b;
            case "//":
                requireDivisor(b != 0);
                return Math.floor((a - remainder(a, b)) / b + 0.5);
            case "%":
                requireDivisor(b != 0);
                return remainder(a, b);
            default:
                throw new IllegalStateException(operator);
        }
    }

    private static double power(double a, double b) {
        requireDivisor(a != 0 || b >= 0);
        double power = Math.pow(a, b);
        if (Double.isNaN(power) && !Double.isNaN(a) && !Double.isNaN(b)) {
            throw Failure.value("a power of a negative number is no real number");
        }
        if (Double.isInfinite(power) && !Double.isInfinite(a) && !Double.isInfinite(b)) {
            throw Failure.value("a power is too large for a floating-point number");
        }
        return power;
    }

    private static double remainder(double a, double b) {
        double remainder = a % b;
        if (remainder == 0) {
            return Math.copySign(0.0, b);
        }
        return remainder < 0 != b < 0 ? remainder + b : remainder;
    }

    private static void requireDivisor(boolean there) {
        if (!there) {
            throw Failure.value("division by zero");
        }
    }

    static Value negated(Value value) {
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        if (Numbers.isWhole(value)) {
            return new Int(Numbers.whole(value).negate(), Numbers.mark(value));
        }
        if (value instanceof Real real) {
            return new Real(-real.value(), real.mark());
        }
        throw Failure.value("a " + value.type() + " has no negative");
    }

    static Value positive(Value value) {
        return value instanceof Real ? value : negated(negated(value));
    }
}
