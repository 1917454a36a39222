package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.List;

/**
 * What may stand behind a number's whole part, compared with a bound's fraction: a point and digits, or nothing.
 *
 * @param digits those of the bound behind the point, without zeros at the end
 * @param exclusive whether the bound itself is left out
 */
record Fractions(String digits, boolean exclusive) {

    private static final Expression DIGIT = new Expression.Terminal("[0-9]");
    private static final Expression ZERO = Expression.literal("0");
    private static final Expression NEVER = Expression.alternatives();

    /** Behind the digits of a bound as many may follow. */
    private static final int MORE = NumberRules.DIGITS;

    static Expression any() {
        return Expression.optional(Expression.sequence(Expression.literal("."), some(1)));
    }

    /** Fractions from the bound on. */
    Expression atLeast() {
        boolean orNone = digits.isEmpty() && !exclusive;
        return behindPoint(least(digits, 1), orNone);
    }

    /** Fractions up to the bound. */
    Expression atMost() {
        boolean orNone = !digits.isEmpty() || !exclusive;
        return behindPoint(most(digits, 1), orNone);
    }

    static Expression between(Fractions low, Fractions high) {
        boolean orNone = low.digits.isEmpty() && !low.exclusive && (!high.digits.isEmpty() || !high.exclusive);
        return behindPoint(both(low.digits, low.exclusive, high, 1), orNone);
    }

    private static Expression behindPoint(Expression behind, boolean orNone) {
        Expression fraction = Expression.sequence(Expression.literal("."), behind);
        return orNone ? Expression.optional(fraction) : fraction;
    }

    private static Expression some(int least) {
        return Expression.repeated(DIGIT, least, MORE);
    }

    /** Rows of at least {@code fewest} digits that are not below {@code bound}. */
    private Expression least(String bound, int fewest) {
        if (bound.isEmpty()) {
            return exclusive ? aboveZero() : some(fewest);
        }
        char first = bound.charAt(0);
        return Expression.alternatives(
                Expression.sequence(digit(first + 1, '9'), some(0)),
                Expression.sequence(digit(first, first), least(bound.substring(1), 0)));
    }

    /** Digits of which one is not zero. */
    private static Expression aboveZero() {
        return Expression.sequence(Expression.repeated(ZERO, 0, MORE - 1), new Expression.Terminal("[1-9]"), some(0));
    }

    /** Rows of at least {@code fewest} digits that are not above {@code bound}. */
    private Expression most(String bound, int fewest) {
        if (bound.isEmpty()) {
            return exclusive ? NEVER : Expression.repeated(ZERO, fewest, MORE);
        }
        char first = bound.charAt(0);
        List<Expression> ways = new ArrayList<>(List.of(
                Expression.sequence(digit('0', first - 1), some(0)),
                Expression.sequence(digit(first, first), most(bound.substring(1), 0))));
        if (fewest == 0) {
            ways.add(Expression.NOTHING); // as zeros
        }
        return Expression.alternatives(ways);
    }

    private static Expression both(String low, boolean lowExclusive, Fractions high, int fewest) {
        if (low.isEmpty() && !lowExclusive) {
            return high.most(high.digits, fewest);
        }
        if (high.digits.isEmpty()) {
            boolean only = low.isEmpty() && !lowExclusive && !high.exclusive;
            return only ? Expression.repeated(ZERO, fewest, MORE) : NEVER;
        }
        char a = low.isEmpty() ? '0' : low.charAt(0);
        char b = high.digits.charAt(0);
        String lowRest = low.isEmpty() ? "" : low.substring(1);
        Fractions highRest = new Fractions(high.digits.substring(1), high.exclusive);
        if (a == b) {
            return Expression.sequence(digit(a, a), both(lowRest, lowExclusive, highRest, 0));
        }
        return Expression.alternatives(
                Expression.sequence(digit(a, a), new Fractions(lowRest, lowExclusive).least(lowRest, 0)),
                Expression.sequence(digit(a + 1, b - 1), some(0)),
                Expression.sequence(digit(b, b), high.most(highRest.digits, 0)));
    }

    private static Expression digit(int low, int high) {
        if (low > high) {
            return NEVER;
        }
        return low == high
                ? Expression.literal(Character.toString(low))
                : new Expression.Terminal("[" + (char) low + "-" + (char) high + "]");
    }
}
