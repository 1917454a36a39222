package dev.demur.grammar.schema;

import dev.demur.grammar.schema.Schema.Bound;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the schemas of a conjunction ask of a value together, but for the choices among them. */
final class Shape {

    final Place place;

    /** The types of values that are written. */
    final Set<Type> types;

    /** The types of values that fit: those of which nothing is asked do, too. */
    private final Set<Type> fitting;

    @Nullable
    List<JsonValue> values;

    int minItems;
    int maxItems = Integer.MAX_VALUE;
    int minLength;
    int maxLength = Integer.MAX_VALUE;

    @Nullable
    Bound minimum;

    @Nullable
    Bound maximum;

    final List<TextPattern> patterns = new ArrayList<>();

    /** The names of properties that a value may have: those that are declared, then others that are required. */
    final Set<String> names = new LinkedHashSet<>();

    final Set<String> required = new LinkedHashSet<>();
    final int prefix;

    /** The schema {@code false}, where it is among them. */
    @Nullable
    Schema impossible;

    private final List<Schema> schemas;

    Shape(List<Schema> schemas) {
        this.schemas = schemas;
        this.place = schemas.get(0).place;
        this.fitting = EnumSet.allOf(Type.class);
        Set<Type> implied = EnumSet.noneOf(Type.class);
        boolean asked = false;
        int longest = 0;
        for (Schema schema : schemas) {
            if (schema.impossible) {
                impossible = schema;
            }
            implied.addAll(schema.implied);
            if (schema.types != null) {
                asked = true;
                fitting.retainAll(schema.types);
            }
            if (schema.values != null) {
                values = SchemaValues.both(values, schema.values);
            }
            minItems = Math.max(minItems, schema.minItems);
            maxItems = Math.min(maxItems, schema.maxItems);
            minLength = Math.max(minLength, schema.minLength);
            maxLength = Math.min(maxLength, schema.maxLength);
            if (schema.minimum != null) {
                minimum = higher(minimum, schema.minimum);
            }
            if (schema.maximum != null) {
                maximum = lower(maximum, schema.maximum);
            }
            patterns.addAll(schema.patterns);
            names.addAll(schema.properties.keySet());
            required.addAll(schema.required);
            longest = Math.max(longest, schema.prefixItems.size());
        }
        names.addAll(required);
        this.prefix = longest;
        this.types = asked || values != null || implied.isEmpty() ? fitting : implied;
    }

    /** The bound from below that asks for more. */
    static Bound higher(@Nullable Bound one, Bound other) {
        if (one == null) {
            return other;
        }
        int order = one.value().compareTo(other.value());
        return order > 0 || order == 0 && one.exclusive() ? one : other;
    }

    /** The bound from above that asks for more. */
    static Bound lower(@Nullable Bound one, Bound other) {
        if (one == null) {
            return other;
        }
        int order = one.value().compareTo(other.value());
        return order < 0 || order == 0 && one.exclusive() ? one : other;
    }

    /** The schemas that the property of this name must fit. */
    List<Schema> property(String name) {
        List<Schema> all = new ArrayList<>();
        for (Schema schema : schemas) {
            Schema declared = schema.properties.get(name);
            Schema property = declared != null ? declared : schema.additionalProperties;
            if (property != null) {
                all.add(property);
            }
        }
        return all;
    }

    /**
     * The schemas that a property of another name must fit; null where none is written: none where one schema forbids
     * them, and where properties are named and none says what others are like.
     */
    @Nullable
    List<Schema> otherProperties() {
        List<Schema> all = new ArrayList<>();
        for (Schema schema : schemas) {
            if (schema.additionalProperties != null) {
                if (schema.additionalProperties.impossible) {
                    return null;
                }
                all.add(schema.additionalProperties);
            }
        }
        return all.isEmpty() && !names.isEmpty() ? null : all;
    }

    /** The schemas that the item with this index must fit; from {@link #prefix} on they are the same. */
    List<Schema> item(int index) {
        List<Schema> all = new ArrayList<>();
        for (Schema schema : schemas) {
            Schema item = index < schema.prefixItems.size() ? schema.prefixItems.get(index) : schema.items;
            if (item != null) {
                all.add(item);
            }
        }
        return all;
    }

    /** Whether there are items behind the first ones that have schemas of their own: if a schema or the least number says so. */
    boolean hasOtherItems() {
        return prefix == 0 || minItems > prefix || schemas.stream().anyMatch(schema -> schema.items != null);
    }

    /** Whether nothing is asked of an object but to be one. */
    boolean isAnyObject() {
        List<Schema> others = otherProperties();
        return names.isEmpty() && others != null && others.isEmpty();
    }

    boolean isAnyArray() {
        return prefix == 0 && minItems == 0 && maxItems == Integer.MAX_VALUE && item(0).isEmpty();
    }

    /** The types that a value written by this has, which others accept as well. */
    Set<Type> shared(Shape other) {
        Set<Type> shared = EnumSet.copyOf(types);
        shared.retainAll(other.fitting);
        return shared;
    }

    /** The listed values that fit what is asked besides. */
    List<JsonValue> admitted() {
        return values == null ? List.of() : values.stream().filter(this::admits).toList();
    }

    /** Whether a value fits what is asked besides a list of them, as far as it is no object, array or pattern. */
    boolean admits(JsonValue value) {
        if (SchemaValues.types(value).stream().noneMatch(fitting::contains)) {
            return false;
        }
        if (value instanceof JsonString string) {
            int length = string.value().codePointCount(0, string.value().length());
            return length >= minLength && length <= maxLength;
        }
        if (value instanceof JsonNumber number) {
            int low = minimum == null ? 1 : number.value().compareTo(minimum.value());
            int high = maximum == null ? -1 : number.value().compareTo(maximum.value());
            return (low > 0 || low == 0 && minimum != null && !minimum.exclusive())
                    && (high < 0 || high == 0 && maximum != null && !maximum.exclusive());
        }
        return true;
    }

    /** What about a listed value cannot be told here: the place of a keyword. */
    @Nullable
    Place untold() {
        for (Schema schema : schemas) {
            boolean within = !schema.properties.isEmpty()
                    || !schema.required.isEmpty()
                    || schema.additionalProperties != null
                    || !schema.prefixItems.isEmpty()
                    || schema.items != null
                    || schema.minItems > 0
                    || schema.maxItems < Integer.MAX_VALUE;
            if (within || !schema.patterns.isEmpty()) {
                return schema.patterns.isEmpty()
                        ? schema.place
                        : schema.patterns.get(0).place();
            }
        }
        return null;
    }
}
