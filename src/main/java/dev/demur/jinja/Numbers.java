package dev.demur.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/** Python's numbers: what counts as one, how they print, and how text is read as one. */
final class Numbers {

    /** So many decimal digits tell any two doubles apart. */
    private static final int MOST_DIGITS = 17;

    private static final MathContext QUOTIENT = new MathContext(40);

    private Numbers() {}

    static boolean isNumber(Value value) {
        return value instanceof Int || value instanceof Real || value instanceof Bool;
    }

    static boolean isWhole(Value value) {
        return value instanceof Int || value instanceof Bool;
    }

    static BigInteger whole(Value value) {
        if (value instanceof Bool bool) {
            return bool.truth() ? BigInteger.ONE : BigInteger.ZERO;
        }
        return ((Int) value).value();
    }

    /** The number as a double. */
    static double real(Value value) {
        if (value instanceof Real real) {
            return real.value();
        }
        double converted = whole(value).doubleValue();
        if (Double.isInfinite(converted)) {
            throw Failure.value("a whole number is too large for a floating-point number");
        }
        return converted;
    }

    static int mark(Value value) {
        if (value instanceof Int number) {
            return number.mark();
        }
        return value instanceof Real number ? number.mark() : 0;
    }

    /** An index or a count, brought into the range of an int, which no text or list leaves. */
    static int index(Value value, String function) {
        if (!isWhole(value)) {
            throw Failure.value(function + " needs a whole number and got a " + value.type());
        }
        BigInteger number = whole(value);
        if (number.bitLength() < Integer.SIZE) {
            return number.intValue();
        }
        return number.signum() < 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
    }

    /** The quotient as a double, exactly rounded but for numbers beyond 40 digits. */
    static double quotient(BigInteger a, BigInteger b) {
        if (a.bitLength() <= Double.MAX_EXPONENT && b.bitLength() <= 53 && a.bitLength() <= 53) {
            return a.doubleValue() / b.doubleValue();
        }
        double quotient = new BigDecimal(a).divide(new BigDecimal(b), QUOTIENT).doubleValue();
        if (Double.isInfinite(quotient)) {
            throw Failure.value("the quotient of two whole numbers is too large for a floating-point number");
        }
        return quotient;
    }

    /** The shortest decimal number that reads back as the same double, as Python writes it. */
    static String shown(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value < 0 ? "-0.0" : "0.0";
        }
        BigDecimal shortest = shortest(value);
        String digits = shortest.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        String sign = value < 0 ? "-" : "";
        if (exponent >= 16 || exponent < -4) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return sign + digits.charAt(0) + fraction + "e" + exponent(exponent);
        }
        String plain = shortest.abs().toPlainString();
        return sign + (plain.indexOf('.') < 0 ? plain + ".0" : plain);
    }

    /** An exponent with its sign and at least two digits. */
    static String exponent(int exponent) {
        int size = Math.abs(exponent);
        return (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < MOST_DIGITS; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return stripped(rounded);
            }
        }
        return stripped(exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN)));
    }

    private static BigDecimal stripped(BigDecimal number) {
        return number.stripTrailingZeros();
    }

    /** The whole number that a text spells in a base from 2 to 36, or 0 for what its prefix says; null where it spells none. */
    static @Nullable BigInteger parseWhole(String text, int base) {
        String digits = Characters.strip(text);
        boolean negative = digits.startsWith("-");
        if (negative || digits.startsWith("+")) {
            digits = digits.substring(1);
        }
        int radix = base;
        int prefixed = prefixBase(digits);
        if (prefixed != 0 && (base == 0 || base == prefixed)) {
            digits = digits.substring(2);
            digits = digits.startsWith("_") ? digits.substring(1) : digits;
            radix = prefixed;
        } else if (base == 0) {
            radix = 10;
            if (digits.startsWith("0") && !digits.replace("_", "").matches("0+")) {
                return null;
            }
        }
        if (digits.isEmpty() || digits.length() > Int.MOST_BITS) {
            return null;
        }
        StringBuilder plain = new StringBuilder();
        for (int at = 0; at < digits.length(); ) {
            int c = digits.codePointAt(at);
            at += Character.charCount(c);
            if (c == '_' && plain.length() > 0 && at < digits.length() && digits.charAt(at) != '_') {
                continue;
            }
            int digit = Character.digit(c, radix);
            if (digit < 0) {
                return null;
            }
            plain.append(Character.forDigit(digit, radix));
        }
        BigInteger value = new BigInteger(plain.toString(), radix);
        return negative ? value.negate() : value;
    }

    private static int prefixBase(String digits) {
        if (digits.length() < 3 || digits.charAt(0) != '0') {
            return 0;
        }
        return switch (digits.charAt(1)) {
            case 'x', 'X' -> 16;
            case 'o', 'O' -> 8;
            case 'b', 'B' -> 2;
            default -> 0;
        };
    }

    /** The number that a text spells, as Python's float reads it; null where it spells none. */
    static @Nullable Double parseReal(String text) {
        String number = Characters.strip(text);
        String unsigned = number.startsWith("-") || number.startsWith("+") ? number.substring(1) : number;
        double sign = number.startsWith("-") ? -1 : 1;
        switch (unsigned.length() > 8 ? "" : Characters.lower(unsigned)) {
            case "inf", "infinity":
                return sign * Double.POSITIVE_INFINITY;
            case "nan":
                return Double.NaN;
            default:
                break;
        }
        StringBuilder plain = new StringBuilder();
        for (int at = 0; at < unsigned.length(); ) {
            int c = unsigned.codePointAt(at);
            int next = at + Character.charCount(c);
            if (c == '_') {
                boolean between = at > 0
                        && next < unsigned.length()
                        && Character.isDigit(unsigned.codePointBefore(at))
                        && Character.isDigit(unsigned.codePointAt(next));
                if (!between) {
                    return null;
                }
            } else if (Character.isDigit(c)) {
                plain.append(Character.digit(c, 10));
            } else if ("+-.eE".indexOf(c) >= 0) {
                plain.append((char) c);
            } else {
                return null;
            }
            at = next;
        }
        try {
            return sign * Double.parseDouble(plain.toString());
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
