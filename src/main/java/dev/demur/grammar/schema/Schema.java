package dev.demur.grammar.schema;

import dev.demur.json.JsonValue;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A schema within a document: what its keywords say. Equal only to itself. */
final class Schema {

    /** A bound of a number, which is within it or not. */
    record Bound(BigDecimal value, boolean exclusive) {}

    /** Alternatives of which a value must fit any one, or exactly one. Equal only to itself. */
    static final class Choice {

        final Place place;
        final boolean exactlyOne;
        final List<Schema> alternatives;

        Choice(Place place, boolean exactlyOne, List<Schema> alternatives) {
            this.place = place;
            this.exactlyOne = exactlyOne;
            this.alternatives = List.copyOf(alternatives);
        }
    }

    /** What {@code $ref} says, and where. */
    record Reference(String to, Place place) {}

    final Place place;

    /** Whether it is the schema {@code false}, which no value fits. */
    final boolean impossible;

    @Nullable
    Set<Type> types;

    /** The types that its other keywords are about. */
    final Set<Type> implied = EnumSet.noneOf(Type.class);

    /** By {@code enum} and {@code const}. */
    @Nullable
    List<JsonValue> values;

    final Map<String, Schema> properties = new LinkedHashMap<>();
    final Set<String> required = new LinkedHashSet<>();

    @Nullable
    Schema additionalProperties;

    final List<Schema> prefixItems = new ArrayList<>();

    @Nullable
    Schema items;

    int minItems;
    int maxItems = Integer.MAX_VALUE;
    int minLength;
    int maxLength = Integer.MAX_VALUE;

    @Nullable
    Bound minimum;

    @Nullable
    Bound maximum;

    final List<TextPattern> patterns = new ArrayList<>();
    final List<Choice> choices = new ArrayList<>();
    final List<Schema> all = new ArrayList<>();

    @Nullable
    Reference reference;

    Schema(Place place, boolean impossible) {
        this.place = place;
        this.impossible = impossible;
    }

    /** Whether it asks something itself, and not only by what it refers to. */
    boolean asks() {
        return impossible || types != null || values != null || !implied.isEmpty();
    }
}
