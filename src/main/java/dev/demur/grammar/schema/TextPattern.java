package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code pattern} or {@code format} asks of a string.
 *
 * @param place where
 * @param regex what the whole string must be
 */
record TextPattern(Place place, Regex regex) {

    private static final String MONTH_AND_DAY = "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
            + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";

    private static final String LEAP_YEAR =
            "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";

    private static final String DATE = "(?:[0-9]{4}-" + MONTH_AND_DAY + "|" + LEAP_YEAR + "-02-29)";

    private static final String HOUR_AND_MINUTE = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";

    private static final String TIME =
            HOUR_AND_MINUTE + ":[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-]" + HOUR_AND_MINUTE + ")";

    /** RFC 3339's and RFC 9562's, without leap seconds. */
    private static final Map<String, String> FORMATS = Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            DATE + "T" + TIME,
            "uuid",
            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    static TextPattern of(String regex, Place place, SchemaDocument document) {
        return new TextPattern(place, new RegexReader(regex, what -> document.problem(place, what)).read());
    }

    static TextPattern ofFormat(String format, Place place, SchemaDocument document) {
        String regex = FORMATS.get(format);
        if (regex == null) {
            throw document.problem(
                    place,
                    "the format '" + SchemaDocument.shown(format)
                            + "' is not supported: it is one of date, time, date-time and uuid");
        }
        return of("^" + regex + "$", place, document);
    }

    /** The same for strings of {@code least} to {@code most} characters; null where that is not known to be regular here. */
    @Nullable
    Regex ofLength(int least, int most) {
        if (regex.shortest() >= least && regex.longest() <= most) {
            return regex;
        }
        List<Regex> parts = regex instanceof Regex.Sequence sequence ? sequence.parts() : List.of(regex);
        int varying = -1;
        long fixed = 0;
        for (int i = 0; i < parts.size(); i++) {
            Regex part = parts.get(i);
            if (part.shortest() == part.longest()) {
                fixed += part.shortest();
            } else if (varying < 0
                    && part instanceof Regex.Repetition repetition
                    && repetition.part() instanceof Regex.Characters) {
                varying = i;
            } else {
                return null;
            }
        }
        if (varying < 0) {
            return new Regex.Alternatives(List.of()); // one length, and another is asked for
        }
        Regex.Repetition repetition = (Regex.Repetition) parts.get(varying);
        long fewest = Math.max(repetition.least(), least - fixed);
        long largest = most == Integer.MAX_VALUE ? repetition.most() : Math.min(repetition.most(), most - fixed);
        if (largest < fewest) {
            return new Regex.Alternatives(List.of());
        }
        List<Regex> bounded = new ArrayList<>(parts);
        bounded.set(varying, new Regex.Repetition(repetition.part(), (int) fewest, (int) largest));
        return new Regex.Sequence(List.copyOf(bounded));
    }
}
