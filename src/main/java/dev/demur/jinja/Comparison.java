package dev.demur.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;

/** Python's comparisons: equality of any values, order of values of a kind, and containment. */
final class Comparison {

    private Comparison() {}

    static boolean apply(Run run, String operator, Value a, Value b) {
        switch (operator) {
            case "==":
                return equal(run, a, b);
            case "!=":
                return !equal(run, a, b);
            case "in":
                return contains(run, b, a);
            case "not in":
                return !contains(run, b, a);
            default:
                break;
        }
        if (a instanceof Undefined missing) {
            throw missing.failure();
        }
        if (b instanceof Undefined missing) {
            throw missing.failure();
        }
        if (isNaN(a) || isNaN(b)) {
            requireOrdered(operator, a, b);
            return false;
        }
        int order = order(run, operator, a, b, 0);
        switch (operator) {
            case "<":
                return order < 0;
            case "<=":
                return order <= 0;
            case ">":
                return order > 0;
            case ">=":
                return order >= 0;
            default:
                throw new IllegalStateException(operator);
        }
    }

    private static boolean isNaN(Value value) {
        return value instanceof Real real && Double.isNaN(real.value());
    }

    private static void requireOrdered(String operator, Value a, Value b) {
        if (!Numbers.isNumber(a) || !Numbers.isNumber(b)) {
            throw unordered(operator, a, b);
        }
    }

    private static Failure unordered(String operator, Value a, Value b) {
        return Failure.value("a " + a.type() + " and a " + b.type() + " have no order (" + operator + ")");
    }

    static boolean equal(Run run, Value a, Value b) {
        return equal(run, a, b, 0);
    }

    private static boolean equal(Run run, Value a, Value b, int depth) {
        Run.checkDepth(depth);
        run.steps(1);
        if (a instanceof Text left && b instanceof Text right) {
            run.walk(Math.min(left.length(), right.length()));
            return left.string().equals(right.string());
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            countLong(run, a, b);
            return !isNaN(a) && !isNaN(b) && compare(a, b) == 0;
        }
        if (a instanceof Undefined && b instanceof Undefined) {
            return true;
        }
        if (a == b) {
            return true;
        }
        if (a instanceof Items left && b instanceof Items right) {
            boolean sameKind = left.kind() == right.kind()
                    || (left.kind().tuple() && right.kind().tuple());
            return sameKind && equal(run, left.items(), right.items(), depth);
        }
        if (a instanceof Dict left && b instanceof Dict right) {
            return left.size() == right.size() && equal(run, left, right, depth);
        }
        return false;
    }

    private static boolean equal(Run run, List<Value> a, List<Value> b, int depth) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!equal(run, a.get(i), b.get(i), depth + 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean equal(Run run, Dict a, Dict b, int depth) {
        for (Value key : a.keys(run)) {
            Value other = b.get(run, key);
            if (other == null || !equal(run, Objects.requireNonNull(a.get(run, key)), other, depth + 1)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a container has an item: a text a part, a mapping a key. */
    static boolean contains(Run run, Value container, Value item) {
        if (container instanceof Text text) {
            if (item instanceof Text part) {
                return new Search(run, part.string()).find(text.string(), 0) >= 0;
            }
            throw Failure.value("only a text can be part of a text, and not a " + item.type());
        }
        if (container instanceof Dict dict) {
            return dict.get(run, item) != null;
        }
        List<Value> items = Iteration.over(run, container);
        for (Value candidate : items) {
            if (equal(run, candidate, item, 0)) {
                return true;
            }
        }
        return false;
    }

    /** How two values of a kind are ordered, for sorting; an error for others. */
    static int order(Run run, Value a, Value b) {
        return order(run, "<", a, b, 0);
    }

    private static int order(Run run, String operator, Value a, Value b, int depth) {
        Run.checkDepth(depth);
        run.steps(1);
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            countLong(run, a, b);
            return compare(a, b);
        }
        if (a instanceof Text left && b instanceof Text right) {
            run.walk(Math.min(left.length(), right.length()));
            return compare(left.string(), right.string());
        }
        if (a instanceof Items left && b instanceof Items right) {
            boolean lists = left.kind() == Items.Kind.LIST && right.kind() == Items.Kind.LIST;
            if (lists || (left.kind().tuple() && right.kind().tuple())) {
                int common = Math.min(left.items().size(), right.items().size());
                for (int i = 0; i < common; i++) {
                    Value x = left.items().get(i);
                    Value y = right.items().get(i);
                    if (!equal(run, x, y, depth)) {
                        return order(run, operator, x, y, depth + 1);
                    }
                }
                return Integer.compare(left.items().size(), right.items().size());
            }
        }
        if (a instanceof Undefined missing) {
            throw missing.failure();
        }
        if (b instanceof Undefined missing) {
            throw missing.failure();
        }
        throw unordered(operator, a, b);
    }

    private static void countLong(Run run, Value a, Value b) {
        if (a instanceof Real || b instanceof Real) {
            run.longArithmetic();
        }
    }

    private static int compare(Value a, Value b) {
        if (Numbers.isWhole(a) && Numbers.isWhole(b)) {
            return Numbers.whole(a).compareTo(Numbers.whole(b));
        }
        if (isInfinite(a) || isInfinite(b) || isNaN(a) || isNaN(b)) {
            return Double.compare(Numbers.real(a), Numbers.real(b));
        }
        return decimal(a).compareTo(decimal(b));
    }

    private static boolean isInfinite(Value value) {
        return value instanceof Real real && Double.isInfinite(real.value());
    }

    private static BigDecimal decimal(Value value) {
        return value instanceof Real real ? new BigDecimal(real.value()) : new BigDecimal(Numbers.whole(value));
    }

    /** Python's order of texts, by characters and not by UTF-16. */
    static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean surrogateX = Character.isSurrogate(x);
                boolean surrogateY = Character.isSurrogate(y);
                return surrogateX == surrogateY ? Character.compare(x, y) : surrogateX ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
