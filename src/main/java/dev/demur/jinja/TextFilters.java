package dev.demur.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The filters that make a text. */
final class TextFilters {

    private static final int DEFAULT_LENGTH = 255;
    private static final int DEFAULT_LEEWAY = 5;
    private static final int DEFAULT_WIDTH = 80;

    private TextFilters() {}

    static void addTo(Map<String, Filter> filters) {
        filters.put("string", (run, value, arguments) -> {
            arguments.bind(0);
            return Repr.soft(run, value);
        });
        filters.put("upper", (run, value, arguments) -> {
            arguments.bind(0);
            return TextOperations.changeCase(run, Repr.soft(run, value), text -> text.toUpperCase(Locale.ROOT));
        });
        filters.put("lower", (run, value, arguments) -> {
            arguments.bind(0);
            return TextOperations.changeCase(run, Repr.soft(run, value), text -> text.toLowerCase(Locale.ROOT));
        });
        filters.put("capitalize", (run, value, arguments) -> {
            arguments.bind(0);
            return TextOperations.capitalized(run, Repr.soft(run, value));
        });
        filters.put("title", (run, value, arguments) -> {
            arguments.bind(0);
            return title(run, Repr.soft(run, value));
        });
        filters.put("trim", (run, value, arguments) -> {
            Arguments.Bound bound = arguments.bind(0, "chars");
            return TextOperations.strip(run, Repr.soft(run, value), bound.given(0) ? bound.text(0) : null, true, true);
        });
        filters.put("replace", (run, value, arguments) -> {
            Arguments.Bound bound = arguments.bind(2, "old", "new", "count");
            int most = bound.given(2) ? bound.integer(2, -1) : -1;
            return TextOperations.replace(
                    run, Repr.str(run, value), Repr.str(run, bound.get(0)), Repr.str(run, bound.get(1)), most);
        });
        filters.put("join", TextFilters::join);
        filters.put("indent", TextFilters::indent);
        filters.put("truncate", TextFilters::truncate);
        filters.put("center", (run, value, arguments) -> {
            int width = arguments.bind(0, "width").integer(0, DEFAULT_WIDTH);
            return TextOperations.centered(run, Repr.soft(run, value), width, Text.of(" "));
        });
        filters.put("format", TextFilters::format);
        filters.put("safe", (run, value, arguments) -> {
            arguments.bind(0);
            return Repr.soft(run, value).asMarkup(true);
        });
        filters.put("escape", TextFilters::escape);
        filters.put("e", TextFilters::escape);
        filters.put("forceescape", (run, value, arguments) -> {
            arguments.bind(0);
            return Markup.forced(run, Repr.soft(run, value).asMarkup(false));
        });
        filters.put("wordcount", (run, value, arguments) -> {
            arguments.bind(0);
            return Int.of(words(run, Repr.soft(run, value)));
        });
    }

    private static Value escape(Run run, Value value, Arguments arguments) {
        arguments.bind(0);
        return Markup.escaped(run, Repr.soft(run, value));
    }

    private static Value join(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "d", "attribute");
        Text separator = bound.has(0) ? Repr.str(run, bound.get(0)) : Text.EMPTY;
        List<Value> items = Iteration.over(run, value);
        TextBuilder joined = new TextBuilder(run);
        Getter getter = bound.given(1) ? Getter.of(bound.get(1), null) : Getter.of(None.NONE, null);
        boolean first = true;
        for (Value item : items) {
            if (!first) {
                joined.append(separator);
            }
            first = false;
            joined.append(Repr.str(run, getter.get(run, item)));
        }
        return joined.text();
    }

    private static Value indent(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "width", "first", "blank");
        if (value instanceof Undefined missing) {
            throw missing.failure();
        }
        if (!(value instanceof Text text)) {
            throw Failure.value("indent needs a text and got a " + value.type());
        }
        Text indention;
        if (bound.has(0) && bound.get(0) instanceof Text given) {
            indention = given;
        } else {
            indention = (Text) Arithmetic.apply(run, "*", Text.of(" "), Int.of(bound.integer(0, 4)));
        }
        indention = text.markup() ? Markup.escaped(run, indention) : indention;
        TextBuilder out = new TextBuilder(run);
        List<Value> lines = TextOperations.lines(run, text, false);
        boolean open = text.isEmpty() || endsWithLineEnd(text);
        if (open) {
            lines.add(Text.EMPTY);
        }
        for (int i = 0; i < lines.size(); i++) {
            Text line = (Text) lines.get(i);
            if (i > 0) {
                out.append("\n");
            }
            if (i == 0 ? bound.flag(1) : bound.flag(2) || !line.isEmpty()) {
                out.append(indention);
            }
            out.append(line);
        }
        return out.text().asMarkup(text.markup());
    }

    private static boolean endsWithLineEnd(Text text) {
        return !text.isEmpty() && Characters.isLineEnd(text.string().charAt(text.length() - 1));
    }

    private static Value truncate(Run run, Value value, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(0, "length", "killwords", "end", "leeway");
        Text end = bound.text(2, Text.of("..."));
        int length = bound.integer(0, DEFAULT_LENGTH);
        int leeway = bound.given(3) ? bound.integer(3, DEFAULT_LEEWAY) : DEFAULT_LEEWAY;
        if (length < end.points() || leeway < 0) {
            throw Failure.value("truncate needs a length that holds the end, and a leeway that is not negative");
        }
        if (Iteration.length(run, value) <= (long) length + leeway) {
            return value;
        }
        if (!(value instanceof Text text)) {
            throw Failure.value("truncate needs a text and got a " + value.type());
        }
        Text kept = text.slice(run, 0, text.offset(length - end.points()));
        if (!bound.flag(1)) {
            int space = kept.string().lastIndexOf(' ');
            kept = space < 0 ? kept : kept.slice(run, 0, space);
        }
        return Arithmetic.apply(run, "+", kept, end);
    }

    private static Value format(Run run, Value value, Arguments arguments) {
        if (!arguments.named().isEmpty() && !arguments.positional().isEmpty()) {
            throw Failure.value("format takes values in order or by name, and not both");
        }
        Text format = Repr.soft(run, value);
        if (arguments.named().isEmpty()) {
            return PercentFormat.format(run, format, Items.tuple(new ArrayList<>(arguments.positional())));
        }
        return PercentFormat.format(run, format, arguments.mapping(run));
    }

    /** Words begin behind white space, dashes and opening brackets; the rest of each is in lower case. */
    private static Text title(Run run, Text text) {
        TextBuilder out = new TextBuilder(run);
        int at = 0;
        while (at < text.length()) {
            int from = at;
            boolean between = startsWord(text.string().codePointAt(at));
            while (at < text.length() && startsWord(text.string().codePointAt(at)) == between) {
                at = text.string().offsetByCodePoints(at, 1);
            }
            if (between) {
                out.append(text, from, at);
            } else {
                int second = text.string().offsetByCodePoints(from, 1);
                out.append(TextOperations.changeCase(
                        run, text.slice(run, from, second), letter -> letter.toUpperCase(Locale.ROOT)));
                out.append(TextOperations.changeCase(
                        run, text.slice(run, second, at), letters -> letters.toLowerCase(Locale.ROOT)));
            }
        }
        return out.text();
    }

    private static boolean startsWord(int c) {
        return Characters.isSpace(c) || "-({[<".indexOf(c) >= 0;
    }

    private static long words(Run run, Text text) {
        run.walk(text.length());
        long words = 0;
        boolean within = false;
        for (int at = 0; at < text.length(); ) {
            int c = text.string().codePointAt(at);
            boolean part = c == '_' || Character.isLetterOrDigit(c);
            words += part && !within ? 1 : 0;
            within = part;
            at += Character.charCount(c);
        }
        return words;
    }
}
