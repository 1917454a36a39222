package dev.demur.jinja;

import java.util.List;

/**
 * What a template rendered, as the segments that it consists of.
 *
 * @param segments in order; none is empty, and no two that follow one another have the same mark
 */
public record Rendering(List<Segment> segments) {

    /**
     * A part of the rendered text.
     *
     * @param text not empty
     * @param mark 0 where the text is the template's own or came from unmarked values, else the mark of the value from which it
     *     came, wholly or in part
     */
    public record Segment(String text, int mark) {

        /** Whether the text came from a marked value. */
        public boolean marked() {
            return mark != 0;
        }
    }

    public Rendering {
        segments = List.copyOf(segments);
    }

    /** The whole text. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Segment segment : segments) {
            text.append(segment.text());
        }
        return text.toString();
    }
}
