package dev.demur.grammar.schema;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A place in a schema: the index of its first character in the text, and the way to it. */
final class Place {

    /** A way is shown to people: of a very long one the end is enough. */
    private static final int LONGEST = 200;

    private final int at;
    private final @Nullable Place above;
    private final String name;

    private Place(int at, @Nullable Place above, String name) {
        this.at = at;
        this.above = above;
        this.name = name;
    }

    /** The whole text's. */
    static Place root(int at) {
        return new Place(at, null, "#");
    }

    /** The place within this one that has this name and begins at this index. */
    Place below(String member, int index) {
        return new Place(index, this, member);
    }

    int at() {
        return at;
    }

    /** The place that this one is in; null for the root. */
    @Nullable
    Place above() {
        return above;
    }

    /** What the place is called within the one above it. */
    String name() {
        return name;
    }

    /** The way as a JSON pointer behind {@code #}; where it is long, its end. */
    @Override
    public String toString() {
        Deque<String> parts = new ArrayDeque<>();
        int length = 0;
        Place place = this;
        while (place != null && length <= LONGEST) {
            String part = place.name.length() > LONGEST ? place.name.substring(0, LONGEST) + "…" : place.name;
            parts.push(
                    place.above == null ? part : "/" + part.replace("~", "~0").replace("/", "~1"));
            length += part.length() + 1;
            place = place.above;
        }
        return (place == null ? "" : "…") + String.join("", parts);
    }
}
