package dev.demur.grammar.schema;

import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.json.JsonValue.JsonBoolean;
import dev.demur.json.JsonValue.JsonNumber;
import dev.demur.json.JsonValue.JsonObject;
import dev.demur.json.JsonValue.JsonString;
import dev.demur.json.JsonValue.Member;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the schemas of a document, each once, and refuses every keyword that it does not know. */
final class SchemaReader {

    private static final BigDecimal LARGEST_COUNT = BigDecimal.valueOf(Integer.MAX_VALUE);

    private final SchemaDocument document;
    private final Map<JsonValue, Schema> known = new IdentityHashMap<>();

    SchemaReader(SchemaDocument document) {
        this.document = document;
    }

    /** The schema that {@code value} is. */
    Schema read(JsonValue value, Place place) {
        Schema schema = known.get(value);
        if (schema == null) {
            if (value instanceof JsonBoolean all) {
                schema = new Schema(place, !all.value());
            } else if (value instanceof JsonObject) {
                schema = new Schema(place, false);
            } else {
                throw document.problem(place, "a schema is an object, true or false");
            }
            known.put(value, schema);
            if (value instanceof JsonObject object) {
                readKeywords(object, schema);
            }
        }
        return schema;
    }

    private void readKeywords(JsonObject object, Schema schema) {
        for (Member member : object.members().values()) {
            keyword(schema, object, member, schema.place.below(member.name(), member.at()));
        }
    }

    private void keyword(Schema schema, JsonObject object, Member member, Place place) {
        JsonValue value = member.value();
        switch (member.name()) {
            case "type" -> schema.types = types(value, place);
            case "enum" -> schema.values = SchemaValues.both(schema.values, array(value, place), place, document);
            case "const" -> schema.values = SchemaValues.both(schema.values, List.of(value), place, document);
            case "properties" -> {
                schema.implied.add(Type.OBJECT);
                for (Member property : object(value, place).members().values()) {
                    schema.properties.put(
                            property.name(), read(property.value(), place.below(property.name(), property.at())));
                }
            }
            case "required" -> {
                schema.implied.add(Type.OBJECT);
                for (JsonValue name : array(value, place)) {
                    schema.required.add(string(name, place));
                }
            }
            case "additionalProperties" -> {
                schema.implied.add(Type.OBJECT);
                schema.additionalProperties = read(value, place);
            }
            case "prefixItems" -> {
                schema.implied.add(Type.ARRAY);
                schema.prefixItems.addAll(schemas(value, place));
            }
            case "items" -> {
                schema.implied.add(Type.ARRAY);
                items(schema, object, value, place);
            }
            case "additionalItems" -> readAdditionalItems(schema, object, value, place);
            case "minItems" -> {
                schema.implied.add(Type.ARRAY);
                schema.minItems = count(value, place);
            }
            case "maxItems" -> {
                schema.implied.add(Type.ARRAY);
                schema.maxItems = count(value, place);
            }
            case "minLength" -> {
                schema.implied.add(Type.STRING);
                schema.minLength = count(value, place);
            }
            case "maxLength" -> {
                schema.implied.add(Type.STRING);
                schema.maxLength = count(value, place);
            }
            case "pattern" -> {
                schema.implied.add(Type.STRING);
                schema.patterns.add(TextPattern.of(string(value, place), place, document));
            }
            case "format" -> {
                schema.implied.add(Type.STRING);
                schema.patterns.add(TextPattern.ofFormat(string(value, place), place, document));
            }
            case "minimum" -> lower(schema, number(value, place), false);
            case "exclusiveMinimum" -> lower(schema, number(value, place), true);
            case "maximum" -> upper(schema, number(value, place), false);
            case "exclusiveMaximum" -> upper(schema, number(value, place), true);
            case "anyOf" -> schema.choices.add(new Schema.Choice(place, false, schemas(value, place)));
            case "oneOf" -> schema.choices.add(new Schema.Choice(place, true, schemas(value, place)));
            case "allOf" -> schema.all.addAll(schemas(value, place));
            case "$ref" -> schema.reference = new Schema.Reference(string(value, place), place);
            case "uniqueItems" -> {
                if (!(value instanceof JsonBoolean unique) || unique.value()) {
                    throw unsupported(member, place);
                }
            }
            case "$id" -> {
                if (schema.place.above() != null) {
                    throw document.problem(place, "$id is supported at the root of a schema alone");
                }
            }
            default -> {
                if (!isAnnotation(member.name())) {
                    throw unsupported(member, place);
                }
            }
        }
    }

    /** Whether a keyword asks nothing of a value. */
    private static boolean isAnnotation(String name) {
        return switch (name) {
            case "title",
                    "description",
                    "default",
                    "example",
                    "examples",
                    "deprecated",
                    "readOnly",
                    "writeOnly",
                    "contentEncoding",
                    "contentMediaType",
                    "discriminator",
                    "definitions",
                    "$defs",
                    "$schema",
                    "$comment",
                    "$anchor" -> true;
            default -> name.startsWith("x-");
        };
    }

    private JsonSchemaException unsupported(Member member, Place place) {
        return document.problem(place, "the keyword '" + SchemaDocument.shown(member.name()) + "' is not supported");
    }

    private Set<Type> types(JsonValue value, Place place) {
        Set<Type> types = EnumSet.noneOf(Type.class);
        List<JsonValue> names = value instanceof JsonArray several ? several.values() : List.of(value);
        for (JsonValue each : names) {
            String name = string(each, place);
            Set<Type> type = Type.named(name);
            if (type == null) {
                throw document.problem(place, "there is no type '" + SchemaDocument.shown(name) + "'");
            }
            types.addAll(type);
        }
        return types;
    }

    /** Until 2019 a list of items was what {@code prefixItems} is now. */
    private void items(Schema schema, JsonObject object, JsonValue value, Place place) {
        if (!(value instanceof JsonArray)) {
            schema.items = read(value, place);
        } else if (object.members().containsKey("prefixItems")) {
            throw document.problem(place, "beside prefixItems items is one schema");
        } else {
            schema.prefixItems.addAll(schemas(value, place));
        }
    }

    private void readAdditionalItems(Schema schema, JsonObject object, JsonValue value, Place place) {
        Member items = object.members().get("items");
        if (items != null && items.value() instanceof JsonArray) {
            schema.items = read(value, place);
        } // else it says nothing
    }

    private static void lower(Schema schema, BigDecimal value, boolean exclusive) {
        schema.implied.addAll(EnumSet.of(Type.NUMBER, Type.INTEGER));
        schema.minimum = Shape.higher(schema.minimum, new Schema.Bound(value, exclusive));
    }

    private static void upper(Schema schema, BigDecimal value, boolean exclusive) {
        schema.implied.addAll(EnumSet.of(Type.NUMBER, Type.INTEGER));
        schema.maximum = Shape.lower(schema.maximum, new Schema.Bound(value, exclusive));
    }

    private List<Schema> schemas(JsonValue value, Place place) {
        List<Schema> schemas = new ArrayList<>();
        for (JsonValue each : array(value, place)) {
            schemas.add(read(each, place.below(String.valueOf(schemas.size()), each.at())));
        }
        if (schemas.isEmpty()) {
            throw document.problem(place, "the list is empty");
        }
        return schemas;
    }

    private int count(JsonValue value, Place place) {
        BigDecimal count = number(value, place);
        if (count.signum() < 0 || count.stripTrailingZeros().scale() > 0) {
            throw document.problem(place, "this must be a whole number from 0 on");
        }
        return count.min(LARGEST_COUNT).intValueExact();
    }

    private BigDecimal number(JsonValue value, Place place) {
        if (value instanceof JsonNumber number) {
            return number.value();
        }
        throw document.problem(place, "this must be a number");
    }

    private String string(@Nullable JsonValue value, Place place) {
        if (value instanceof JsonString string) {
            return string.value();
        }
        throw document.problem(place, "this must be a string");
    }

    private List<JsonValue> array(JsonValue value, Place place) {
        if (value instanceof JsonArray array) {
            return array.values();
        }
        throw document.problem(place, "this must be a list");
    }

    private JsonObject object(JsonValue value, Place place) {
        if (value instanceof JsonObject object) {
            return object;
        }
        throw document.problem(place, "this must be an object");
    }
}
