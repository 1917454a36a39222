package dev.demur.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers in the notations of Python's format strings, without sign. */
final class NumberFormat {

    private static final int DEFAULT_PRECISION = 6;

    /** No format string of use asks for more digits. */
    private static final int MOST_DIGITS = 1000;

    private NumberFormat() {}

    /** The size of a number in one of the notations {@code e E f F g G %}. */
    static String real(double value, char type, int precision, boolean alternate) {
        if (precision > MOST_DIGITS) {
            throw Failure.limit("a format asks for more than " + MOST_DIGITS + " digits");
        }
        boolean upper = Character.isUpperCase(type);
        String text;
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            text = Double.isNaN(value) ? "nan" : "inf";
        } else {
            double size = Math.abs(value);
            int digits = precision < 0 ? DEFAULT_PRECISION : precision;
            text = switch (Character.toLowerCase(type)) {
                case 'e' -> scientific(size, digits);
                case 'f' -> fixed(new BigDecimal(size), digits);
                case '%' -> fixed(new BigDecimal(size * 100), digits) + "%";
                case 'g' -> general(size, Math.max(1, digits), alternate);
                default -> throw Failure.value("there is no number format '" + type + "'");
            };
        }
        return upper ? text.toUpperCase(Locale.ROOT) : text;
    }

    private static String fixed(BigDecimal size, int digits) {
        return size.setScale(digits, RoundingMode.HALF_EVEN).toPlainString();
    }

    private static String scientific(double size, int digits) {
        if (size == 0) {
            return fixed(BigDecimal.ZERO, digits) + "e+00";
        }
        BigDecimal rounded = new BigDecimal(size).round(new MathContext(digits + 1, RoundingMode.HALF_EVEN));
        int exponent = rounded.precision() - rounded.scale() - 1;
        return fixed(rounded.scaleByPowerOfTen(-exponent), digits) + "e" + Numbers.exponent(exponent);
    }

    private static String general(double size, int digits, boolean alternate) {
        BigDecimal rounded = new BigDecimal(size).round(new MathContext(digits, RoundingMode.HALF_EVEN));
        int exponent = size == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
        if (exponent >= -4 && exponent < digits) {
            String plain = fixed(rounded, digits - 1 - exponent);
            return alternate ? plain : withoutZeros(plain);
        }
        String full = scientific(size, digits - 1);
        int e = full.indexOf('e');
        return (alternate ? full.substring(0, e) : withoutZeros(full.substring(0, e))) + full.substring(e);
    }

    private static String withoutZeros(String number) {
        if (number.indexOf('.') < 0) {
            return number;
        }
        int end = number.length();
        while (number.charAt(end - 1) == '0') {
            end--;
        }
        return number.substring(0, number.charAt(end - 1) == '.' ? end - 1 : end);
    }

    /** The size of a whole number in one of the notations {@code b d o x X}, with its prefix where that is wanted. */
    static String whole(BigInteger value, char type, boolean prefix) {
        BigInteger size = value.abs();
        return switch (type) {
            case 'b' -> (prefix ? "0b" : "") + size.toString(2);
            case 'd' -> size.toString();
            case 'o' -> (prefix ? "0o" : "") + size.toString(8);
            case 'x' -> (prefix ? "0x" : "") + size.toString(16);
            case 'X' -> (prefix ? "0X" : "") + size.toString(16).toUpperCase(Locale.ROOT);
            default -> throw Failure.value("there is no format '" + type + "' for whole numbers");
        };
    }

    /** The digits before the point in groups of three. */
    static String grouped(String number, char separator) {
        int end = 0;
        while (end < number.length() && Character.isDigit(number.charAt(end))) {
            end++;
        }
        StringBuilder grouped = new StringBuilder(number);
        for (int at = end - 3; at > 0; at -= 3) {
            grouped.insert(at, separator);
        }
        return grouped.toString();
    }

    /** Whether a number is written with a minus sign. */
    static boolean negative(Value number) {
        return number instanceof Real real
                ? real.value() < 0 || (real.value() == 0 && 1 / real.value() < 0)
                : Numbers.whole(number).signum() < 0;
    }

    /** A whole number of what a format takes for one: a floating-point number without its fraction. */
    static BigInteger truncated(Value number) {
        if (number instanceof Real real) {
            if (Double.isNaN(real.value()) || Double.isInfinite(real.value())) {
                throw Failure.value("a format needs a finite number");
            }
            return new BigDecimal(real.value()).toBigInteger();
        }
        return Numbers.whole(number);
    }
}
