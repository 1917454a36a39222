package dev.demur.readout.words.internal;

import dev.demur.DemurException;
import dev.demur.json.ForeignText;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A frame's own text with places in it, written {@code {{name}}}. Immutable.
 *
 * @param parts in order: a {@code String} is the frame's own text, a {@link Place} what is put there
 */
record FrameText(List<Object> parts) {

    /** What may be put into a frame's text. */
    enum Place {
        /** The user's last message. */
        LAST,
        /** The whole conversation, each message as the frame writes turns. */
        CONVERSATION,
        /** The assistant's reply that is judged: the last message. */
        REPLY,
        /** A message, in the form of a turn. */
        TEXT,
        /** What a category means, in a frame that asks for one category at a time. */
        DEFINITION,
        /** What a category is called, likewise. */
        NAME;

        /** How a frame names it. */
        String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether a message's text is put there. */
        boolean isForeign() {
            return this == LAST || this == CONVERSATION || this == REPLY || this == TEXT;
        }
    }

    private static final String OPEN = "{{";
    private static final String CLOSE = "}}";

    FrameText {
        parts = List.copyOf(parts);
    }

    /**
     * Reads a text.
     *
     * @throws DemurException if it has a place that is not among these
     */
    static FrameText parse(String text, Set<Place> allowed) {
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, from)) {
            int close = text.indexOf(CLOSE, open);
            if (close < 0) {
                throw new DemurException("a place that begins with {{ does not end with }}");
            }
            if (open > from) {
                parts.add(text.substring(from, open));
            }
            parts.add(place(text.substring(open + OPEN.length(), close).strip(), allowed));
            from = close + CLOSE.length();
        }
        if (from < text.length()) {
            parts.add(text.substring(from));
        }
        return new FrameText(parts);
    }

    private static Place place(String name, Set<Place> allowed) {
        List<String> names = new ArrayList<>();
        for (Place place : allowed) {
            if (place.id().equals(name)) {
                return place;
            }
            names.add(OPEN + place.id() + CLOSE);
        }
        throw new DemurException("there is no place " + OPEN + ForeignText.escaped(name) + CLOSE
                + " here: places are "
                + String.join(", ", names));
    }

    /** The places in it. */
    Set<Place> places() {
        Set<Place> places = EnumSet.noneOf(Place.class);
        for (Object part : parts) {
            if (part instanceof Place place) {
                places.add(place);
            }
        }
        return places;
    }
}
