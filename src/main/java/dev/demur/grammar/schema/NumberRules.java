package dev.demur.grammar.schema;

import dev.demur.grammar.schema.Schema.Bound;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Numbers between bounds, digit by digit, so that the texts are exactly those of the numbers in between that have at most
 * fifteen digits before the point and as many behind it. Those survive as doubles.
 */
final class NumberRules {

    static final int DIGITS = 15;

    private static final int MOST_BOUND_DIGITS = 30;
    private static final BigInteger LARGEST = BigInteger.TEN.pow(DIGITS).subtract(BigInteger.ONE);
    private static final BigDecimal LIMIT = new BigDecimal(LARGEST.add(BigInteger.ONE));
    private static final Expression DIGIT = new Expression.Terminal("[0-9]");

    private final SchemaDocument document;

    NumberRules(SchemaDocument document) {
        this.document = document;
    }

    /** Integers between these bounds. */
    Expression integer(@Nullable Bound minimum, @Nullable Bound maximum, Place place) {
        BigInteger low = LARGEST.negate();
        if (minimum != null && minimum.value().compareTo(LIMIT.negate()) > 0) {
            BigDecimal least = minimum.value().min(LIMIT);
            low = least.setScale(0, RoundingMode.CEILING).toBigInteger();
            boolean itself = least.compareTo(new BigDecimal(low)) == 0;
            low = itself && minimum.exclusive() ? low.add(BigInteger.ONE) : low;
        }
        BigInteger high = LARGEST;
        if (maximum != null && maximum.value().compareTo(LIMIT) < 0) {
            BigDecimal most = maximum.value().max(LIMIT.negate());
            high = most.setScale(0, RoundingMode.FLOOR).toBigInteger();
            boolean itself = most.compareTo(new BigDecimal(high)) == 0;
            high = itself && maximum.exclusive() ? high.subtract(BigInteger.ONE) : high;
        }
        low = low.max(LARGEST.negate());
        high = high.min(LARGEST);
        if (low.compareTo(high) > 0) {
            return none("integer", place);
        }
        return integers(low, high);
    }

    private static Expression none(String what, Place place) {
        return new Expression.Never(
                place, "there is no " + what + " of at most " + DIGITS + " digits between its bounds");
    }

    private static Expression integers(BigInteger low, BigInteger high) {
        List<Expression> ways = new ArrayList<>();
        if (low.signum() <= 0 && high.signum() >= 0) {
            ways.add(Expression.literal("0"));
        }
        ways.addAll(positive(low, high));
        List<Expression> negative = positive(high.negate(), low.negate());
        if (!negative.isEmpty()) {
            ways.add(Expression.sequence(Expression.literal("-"), Expression.alternatives(negative)));
        }
        return Expression.alternatives(ways);
    }

    /** Integers from 1 on between these. */
    private static List<Expression> positive(BigInteger from, BigInteger to) {
        BigInteger low = from.max(BigInteger.ONE);
        List<Expression> ways = new ArrayList<>();
        int whole = -1; // the length from which on all numbers are within
        while (low.compareTo(to) <= 0) {
            int length = low.toString().length();
            BigInteger first = BigInteger.TEN.pow(length - 1);
            BigInteger last = first.multiply(BigInteger.TEN).subtract(BigInteger.ONE);
            if (low.equals(first) && last.compareTo(to) <= 0) {
                whole = whole < 0 ? length : whole;
            } else {
                addWhole(ways, whole, length - 1);
                whole = -1;
                ways.add(between(low.toString(), last.min(to).toString()));
            }
            low = last.add(BigInteger.ONE);
        }
        addWhole(ways, whole, low.toString().length() - 1);
        return ways;
    }

    /** All numbers of these lengths, if there are such. */
    private static void addWhole(List<Expression> ways, int shortest, int longest) {
        if (shortest > 0) {
            ways.add(Expression.sequence(
                    new Expression.Terminal("[1-9]"), Expression.repeated(DIGIT, shortest - 1, longest - 1)));
        }
    }

    /** Rows of digits between two of the same length. */
    private static Expression between(String low, String high) {
        if (low.isEmpty()) {
            return Expression.NOTHING;
        }
        char a = low.charAt(0);
        char b = high.charAt(0);
        String lowRest = low.substring(1);
        String highRest = high.substring(1);
        if (a == b) {
            return Expression.sequence(digits(a, a), between(lowRest, highRest));
        }
        boolean wholeLow = lowRest.chars().allMatch(c -> c == '0');
        boolean wholeHigh = highRest.chars().allMatch(c -> c == '9');
        Expression any = Expression.repeated(DIGIT, lowRest.length(), lowRest.length());
        List<Expression> ways = new ArrayList<>();
        if (!wholeLow) {
            ways.add(Expression.sequence(digits(a, a), between(lowRest, "9".repeat(lowRest.length()))));
        }
        ways.add(Expression.sequence(digits((char) (wholeLow ? a : a + 1), (char) (wholeHigh ? b : b - 1)), any));
        if (!wholeHigh) {
            ways.add(Expression.sequence(digits(b, b), between("0".repeat(lowRest.length()), highRest)));
        }
        return Expression.alternatives(ways);
    }

    /** A digit from one to another; none where they are the wrong way round. */
    private static Expression digits(char low, char high) {
        if (low > high) {
            return Expression.alternatives();
        }
        return low == high
                ? Expression.literal(String.valueOf(low))
                : new Expression.Terminal("[" + low + "-" + high + "]");
    }

    /** Numbers between these bounds, of which there is at least one, without an exponent. */
    Expression number(@Nullable Bound minimum, @Nullable Bound maximum, Place place) {
        Bound limit = new Bound(LIMIT, true);
        Bound low = Shape.higher(minimum, new Bound(LIMIT.negate(), true));
        Bound high = Shape.lower(maximum, limit);
        int order = low.value().compareTo(high.value());
        if (order > 0 || order == 0 && (low.exclusive() || high.exclusive())) {
            return none("number", place);
        }
        requireFewDigits(low, place);
        requireFewDigits(high, place);
        Bound zero = new Bound(BigDecimal.ZERO, false);
        List<Expression> ways = new ArrayList<>();
        if (high.value().signum() >= 0) {
            ways.add(fromZero(Shape.higher(low, zero), high));
        }
        if (low.value().signum() < 0) {
            Bound most = new Bound(low.value().negate(), low.exclusive());
            Bound least = new Bound(high.value().negate(), high.exclusive());
            ways.add(Expression.sequence(Expression.literal("-"), fromZero(Shape.higher(least, zero), most)));
        }
        return Expression.alternatives(ways);
    }

    private void requireFewDigits(Bound bound, Place place) {
        if (fraction(bound.value()).length() > MOST_BOUND_DIGITS) {
            throw document.problem(
                    place, "a bound has more than " + MOST_BOUND_DIGITS + " digits behind the point: round it");
        }
    }

    private static String fraction(BigDecimal value) {
        BigDecimal normal = value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros();
        if (normal.scale() <= 0) {
            return "";
        }
        String text = normal.abs().toPlainString();
        return text.substring(text.indexOf('.') + 1);
    }

    /** Numbers between two that are not negative. */
    private static Expression fromZero(Bound low, Bound high) {
        BigInteger first = low.value().toBigInteger();
        BigInteger last = high.value().toBigInteger();
        Fractions from = new Fractions(fraction(low.value()), low.exclusive());
        Fractions to = new Fractions(fraction(high.value()), high.exclusive());
        if (first.equals(last)) {
            return Expression.sequence(Expression.literal(first.toString()), Fractions.between(from, to));
        }
        List<Expression> ways = new ArrayList<>();
        ways.add(Expression.sequence(Expression.literal(first.toString()), from.atLeast()));
        BigInteger next = first.add(BigInteger.ONE);
        BigInteger before = last.subtract(BigInteger.ONE);
        if (next.compareTo(before) <= 0) {
            ways.add(Expression.sequence(integers(next, before), Fractions.any()));
        }
        ways.add(Expression.sequence(Expression.literal(last.toString()), to.atMost()));
        return Expression.alternatives(ways);
    }
}
