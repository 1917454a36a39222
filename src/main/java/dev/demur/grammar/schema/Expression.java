package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A part of a rule's body. */
sealed interface Expression {

    /** No largest number of times. */
    int UNBOUNDED = -1;

    /** Nothing. */
    Expression NOTHING = new Sequence(List.of());

    /** A literal or a character class, as it is written. */
    record Terminal(String text) implements Expression {}

    /** A rule's name. */
    record Use(String rule) implements Expression {}

    /** One after another. */
    record Sequence(List<Expression> parts) implements Expression {}

    /** Any of these. */
    record Alternatives(List<Expression> parts) implements Expression {}

    /** A part so many times. */
    record Repetition(Expression part, int least, int most) implements Expression {}

    /** What no text matches, and why. */
    record Never(Place place, String why) implements Expression {}

    static Expression literal(String text) {
        return text.isEmpty() ? NOTHING : new Terminal(Gbnf.literal(text));
    }

    static Expression sequence(Expression... parts) {
        return sequence(List.of(parts));
    }

    /** One after another, literals that meet joined. */
    static Expression sequence(List<Expression> parts) {
        List<Expression> flat = new ArrayList<>();
        for (Expression part : parts) {
            for (Expression each : part instanceof Sequence inner ? inner.parts() : List.of(part)) {
                boolean joins = each instanceof Terminal literal
                        && Gbnf.isLiteral(literal.text())
                        && !flat.isEmpty()
                        && flat.get(flat.size() - 1) instanceof Terminal last
                        && Gbnf.isLiteral(last.text());
                if (joins) {
                    String last = ((Terminal) flat.remove(flat.size() - 1)).text();
                    flat.add(new Terminal(Gbnf.joined(last, ((Terminal) each).text())));
                } else {
                    flat.add(each);
                }
            }
        }
        return flat.size() == 1 ? flat.get(0) : new Sequence(List.copyOf(flat));
    }

    static Expression alternatives(Expression... parts) {
        return alternatives(List.of(parts));
    }

    static Expression alternatives(List<Expression> parts) {
        Set<Expression> flat = new LinkedHashSet<>();
        for (Expression part : parts) {
            flat.addAll(part instanceof Alternatives several ? several.parts() : List.of(part));
        }
        return flat.size() == 1 ? flat.iterator().next() : new Alternatives(List.copyOf(flat));
    }

    static Expression optional(Expression part) {
        return repeated(part, 0, 1);
    }

    static Expression repeated(Expression part, int least, int most) {
        if (most == 0 || part.equals(NOTHING)) {
            return NOTHING;
        }
        return least == 1 && most == 1 ? part : new Repetition(part, least, most);
    }
}
