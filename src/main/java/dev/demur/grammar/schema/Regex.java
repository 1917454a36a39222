package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A regular expression, without anchors: what the whole text must be. */
sealed interface Regex {

    /** No largest length or number of times. */
    int UNBOUNDED = Integer.MAX_VALUE;

    /** Nothing. */
    Regex EMPTY = new Sequence(List.of());

    /** One of some characters. */
    record Characters(CodePoints set) implements Regex {}

    /** One after another. */
    record Sequence(List<Regex> parts) implements Regex {}

    /** Any of these. */
    record Alternatives(List<Regex> parts) implements Regex {}

    /** A part so many times. */
    record Repetition(Regex part, int least, int most) implements Regex {}

    /** The least number of characters. */
    default int shortest() {
        if (this instanceof Sequence sequence) {
            return (int) Math.min(
                    UNBOUNDED,
                    sequence.parts().stream().mapToLong(Regex::shortest).sum());
        }
        if (this instanceof Alternatives several) {
            return several.parts().stream().mapToInt(Regex::shortest).min().orElse(0);
        }
        if (this instanceof Repetition repetition) {
            return (int) Math.min(
                    UNBOUNDED, (long) repetition.least() * repetition.part().shortest());
        }
        return 1;
    }

    /** The largest number of characters. */
    default int longest() {
        if (this instanceof Sequence sequence) {
            return (int) Math.min(
                    UNBOUNDED,
                    sequence.parts().stream().mapToLong(Regex::longest).sum());
        }
        if (this instanceof Alternatives several) {
            return several.parts().stream().mapToInt(Regex::longest).max().orElse(0);
        }
        if (this instanceof Repetition repetition) {
            return (int) Math.min(
                    UNBOUNDED, (long) repetition.most() * repetition.part().longest());
        }
        return 1;
    }

    /** What it matches but for nothing; null where that is all. */
    default @Nullable Regex nonEmpty() {
        if (shortest() > 0) {
            return this;
        }
        List<Regex> ways = new ArrayList<>();
        if (this instanceof Alternatives several) {
            several.parts().forEach(part -> addTo(ways, part.nonEmpty()));
        } else if (this instanceof Repetition repetition) {
            Regex once = repetition.part().nonEmpty();
            if (once != null && repetition.most() > 0) {
                ways.add(new Repetition(once, 1, repetition.most()));
            }
        } else if (this instanceof Sequence sequence) {
            // The first part that is not empty, each in its turn, and all behind it.
            List<Regex> parts = sequence.parts();
            for (int i = 0; i < parts.size(); i++) {
                Regex first = parts.get(i).nonEmpty();
                if (first != null) {
                    List<Regex> rest = new ArrayList<>(List.of(first));
                    rest.addAll(parts.subList(i + 1, parts.size()));
                    ways.add(new Sequence(List.copyOf(rest)));
                }
            }
        }
        return ways.isEmpty() ? null : ways.size() == 1 ? ways.get(0) : new Alternatives(List.copyOf(ways));
    }

    private static void addTo(List<Regex> ways, @Nullable Regex way) {
        if (way != null) {
            ways.add(way);
        }
    }
}
