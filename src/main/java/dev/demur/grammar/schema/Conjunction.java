package dev.demur.grammar.schema;

import dev.demur.grammar.schema.Schema.Choice;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Schemas that a value must fit at once, with all that they refer to, and the choices that are not made yet. Equal to
 * another one of the same schemas and choices. Immutable.
 */
final class Conjunction {

    /** References, and schemas of {@code allOf}, are followed by recursion. */
    private static final int LONGEST_CHAIN = 200;

    private static final int MOST_SCHEMAS = 1_000;

    private final Set<Schema> schemas;
    private final Set<Choice> choices;

    private Conjunction(Set<Schema> schemas, Set<Choice> choices) {
        this.schemas = schemas;
        this.choices = choices;
    }

    static Conjunction of(SchemaDocument document, Collection<Schema> schemas) {
        Gathering gathering = new Gathering(document, new LinkedHashSet<>(), new LinkedHashSet<>());
        schemas.forEach(gathering::add);
        return new Conjunction(gathering.schemas, gathering.choices);
    }

    /** This without {@code choice}, but with one of its alternatives. */
    Conjunction choosing(SchemaDocument document, Choice choice, Schema alternative) {
        Set<Choice> left = new LinkedHashSet<>(choices);
        left.remove(choice);
        Gathering gathering = new Gathering(document, new LinkedHashSet<>(schemas), left);
        gathering.add(alternative);
        return new Conjunction(gathering.schemas, gathering.choices);
    }

    List<Schema> schemas() {
        return new ArrayList<>(schemas);
    }

    /** Whether nothing is asked, so that any value fits. */
    boolean isEmpty() {
        return schemas.isEmpty() && choices.isEmpty();
    }

    /** Where the first part of it stands; it has one. */
    Place place() {
        return schemas.isEmpty()
                ? choices.iterator().next().place
                : schemas.iterator().next().place;
    }

    List<Choice> choices() {
        return new ArrayList<>(choices);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Conjunction that && schemas.equals(that.schemas) && choices.equals(that.choices);
    }

    @Override
    public int hashCode() {
        return Objects.hash(schemas, choices);
    }

    /** Adds schemas and follows what they refer to. */
    private static final class Gathering {

        private final SchemaDocument document;
        private final Set<Schema> schemas;
        private final Set<Choice> choices;
        private final Set<Schema> followed = new LinkedHashSet<>();
        private final Set<Schema> underWay = new LinkedHashSet<>();

        Gathering(SchemaDocument document, Set<Schema> schemas, Set<Choice> choices) {
            this.document = document;
            this.schemas = schemas;
            this.choices = choices;
        }

        void add(Schema schema) {
            if (!underWay.add(schema)) {
                throw document.problem(schema.place, "this refers to itself before a value begins");
            }
            if (underWay.size() > LONGEST_CHAIN) {
                throw document.problem(
                        schema.place, "more than " + LONGEST_CHAIN + " schemas refer to one another in a row");
            }
            if (followed.add(schema)) {
                if (schema.asks()) {
                    schemas.add(schema);
                }
                choices.addAll(schema.choices);
                if (schemas.size() + choices.size() > MOST_SCHEMAS) {
                    throw document.problem(
                            schema.place, "a value must fit more than " + MOST_SCHEMAS + " schemas at once");
                }
                if (schema.reference != null) {
                    add(document.resolve(schema.reference));
                }
                schema.all.forEach(this::add);
            }
            underWay.remove(schema);
        }
    }
}
