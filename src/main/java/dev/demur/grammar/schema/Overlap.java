package dev.demur.grammar.schema;

import dev.demur.grammar.schema.Schema.Bound;
import dev.demur.json.JsonValue;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a value that is written for one schema may fit another one too. It is said that it may not only where that is
 * certain: by types, listed values, lengths and bounds, and by properties that are missing or differ in these.
 */
final class Overlap {

    /** Properties within properties are compared so deep. */
    private static final int DEEPEST = 4;

    private final SchemaDocument document;

    Overlap(SchemaDocument document) {
        this.document = document;
    }

    /** Whether what is written for one of them may fit the other. */
    boolean isPossible(Conjunction one, Conjunction other) {
        return mayFit(one, other, DEEPEST) || mayFit(other, one, DEEPEST);
    }

    private boolean mayFit(Conjunction written, Conjunction other, int depth) {
        if (written.schemas().isEmpty() || other.schemas().isEmpty()) {
            return true;
        }
        Shape from = new Shape(written.schemas());
        Shape to = new Shape(other.schemas());
        if (from.impossible != null || to.impossible != null) {
            return false;
        }
        if (from.values != null || to.values != null) {
            return listedMayFit(from, to);
        }
        boolean open = !written.choices().isEmpty(); // it may write more than is known here
        for (Type type : from.shared(to)) {
            boolean may = switch (type) {
                case STRING -> from.minLength <= to.maxLength && to.minLength <= from.maxLength;
                case NUMBER, INTEGER -> meet(from.minimum, to.maximum) && meet(to.minimum, from.maximum);
                case OBJECT -> objectMayFit(from, to, open, depth);
                case ARRAY -> from.minItems <= to.maxItems && to.minItems <= from.maxItems;
                case BOOLEAN, NULL -> true;
            };
            if (may) {
                return true;
            }
        }
        return false;
    }

    private static boolean meet(@Nullable Bound low, @Nullable Bound high) {
        if (low == null || high == null) {
            return true;
        }
        int order = low.value().compareTo(high.value());
        return order < 0 || order == 0 && !low.exclusive() && !high.exclusive();
    }

    private static boolean listedMayFit(Shape from, Shape to) {
        if (from.values == null) {
            return to.admitted().stream().anyMatch(from::admits);
        }
        List<JsonValue> written = from.admitted();
        if (to.values == null) {
            return written.stream().anyMatch(to::admits);
        }
        Set<String> fitting = new HashSet<>();
        to.admitted().forEach(value -> fitting.add(SchemaValues.canonical(value)));
        return written.stream().anyMatch(value -> fitting.contains(SchemaValues.canonical(value)));
    }

    private boolean objectMayFit(Shape from, Shape to, boolean open, int depth) {
        if (!open && from.otherProperties() == null && !from.names.containsAll(to.required)) {
            return false; // it lacks a property
        }
        for (String name : from.required) {
            Conjunction property = Conjunction.of(document, from.property(name));
            Conjunction other = Conjunction.of(document, to.property(name));
            if (depth > 0 && !mayFit(property, other, depth - 1)) {
                return false;
            }
        }
        return true;
    }
}
