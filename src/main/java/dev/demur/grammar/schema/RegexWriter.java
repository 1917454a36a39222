package dev.demur.grammar.schema;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Writes a regular expression as a grammar for what stands within a string of JSON. */
final class RegexWriter {

    private final Rules rules;
    private final Repetitions repetitions;

    /** Parts that are repeated have names. */
    private final Map<Regex, Expression> named = new HashMap<>();

    RegexWriter(Rules rules, Repetitions repetitions) {
        this.rules = rules;
        this.repetitions = repetitions;
    }

    Expression write(Regex regex, Place place) {
        if (regex instanceof Regex.Characters characters) {
            Expression character = characters.set().inString();
            return character.equals(Expression.alternatives()) ? none(place) : character;
        }
        if (regex instanceof Regex.Sequence sequence) {
            return Expression.sequence(
                    sequence.parts().stream().map(part -> write(part, place)).toList());
        }
        if (regex instanceof Regex.Alternatives several) {
            List<Expression> parts =
                    several.parts().stream().map(part -> write(part, place)).toList();
            return parts.isEmpty() ? none(place) : Expression.alternatives(parts);
        }
        return repetition((Regex.Repetition) regex, place);
    }

    private static Expression none(Place place) {
        return new Expression.Never(place, "there is no such string");
    }

    /** What may be empty must not be repeated in a grammar: what is not empty is, or nothing. */
    private Expression repetition(Regex.Repetition repetition, Place place) {
        Regex part = repetition.part().nonEmpty();
        if (part == null || repetition.most() == 0) {
            return Expression.NOTHING;
        }
        int least = repetition.part().shortest() == 0 ? 0 : repetition.least();
        Expression once = named.get(part);
        if (once == null) {
            Expression written = write(part, place);
            boolean isShort = written instanceof Expression.Terminal || written instanceof Expression.Use;
            once = isShort ? written : rules.add("part", place, written);
            named.put(part, once);
        }
        return repetitions.of(once, least, repetition.most(), place, "some");
    }
}
