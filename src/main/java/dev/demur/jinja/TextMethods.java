package dev.demur.jinja;

import dev.demur.jinja.Methods.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods of text that give texts, lists and numbers. */
final class TextMethods {

    private TextMethods() {}

    static void addTo(Map<String, Method<Text>> methods) {
        methods.put("strip", (run, text, arguments) -> strip(run, text, arguments, true, true));
        methods.put("lstrip", (run, text, arguments) -> strip(run, text, arguments, true, false));
        methods.put("rstrip", (run, text, arguments) -> strip(run, text, arguments, false, true));
        methods.put("split", (run, text, arguments) -> {
            Arguments.Bound bound = arguments.bind(0, "sep", "maxsplit");
            return parts(text, TextOperations.split(run, text, optional(bound, 0), bound.integer(1, -1)));
        });
        methods.put("rsplit", (run, text, arguments) -> {
            Arguments.Bound bound = arguments.bind(0, "sep", "maxsplit");
            return parts(text, TextOperations.splitFromRight(run, text, optional(bound, 0), bound.integer(1, -1)));
        });
        methods.put(
                "splitlines",
                (run, text, arguments) -> Items.list(TextOperations.lines(
                        run, text, arguments.bind(0, "keepends").flag(0))));
        methods.put("partition", TextMethods::partition);
        methods.put("rpartition", TextMethods::partitionFromRight);
        methods.put(
                "join",
                (run, text, arguments) -> TextOperations.join(
                        run,
                        text,
                        Iteration.over(run, arguments.bind(1, "iterable").get(0))));
        methods.put("replace", TextMethods::replace);
        methods.put("removeprefix", (run, text, arguments) -> {
            Text prefix = arguments.bind(1, "prefix").text(0);
            boolean there = text.string().startsWith(prefix.string());
            return there ? text.slice(run, prefix.length(), text.length()) : text;
        });
        methods.put("removesuffix", (run, text, arguments) -> {
            Text suffix = arguments.bind(1, "suffix").text(0);
            boolean there = text.string().endsWith(suffix.string());
            return there ? text.slice(run, 0, text.length() - suffix.length()) : text;
        });
        methods.put("format", BraceFormat::format);
        addCases(methods);
        addPadding(methods);
        addSearches(methods);
    }

    private static void addCases(Map<String, Method<Text>> methods) {
        methods.put("upper", (run, text, arguments) -> {
            arguments.bind(0);
            return TextOperations.changeCase(run, text, string -> string.toUpperCase(Locale.ROOT));
        });
        methods.put("lower", (run, text, arguments) -> {
            arguments.bind(0);
            return TextOperations.changeCase(run, text, string -> string.toLowerCase(Locale.ROOT));
        });
        methods.put("casefold", (run, text, arguments) -> {
            arguments.bind(0);
            return TextOperations.changeCase(
                    run,
                    text,
                    string -> Characters.lower(Characters.lower(string).toUpperCase(Locale.ROOT)));
        });
        methods.put("title", (run, text, arguments) -> {
            arguments.bind(0);
            return TextOperations.title(run, text);
        });
        methods.put("capitalize", (run, text, arguments) -> {
            arguments.bind(0);
            return TextOperations.capitalized(run, text);
        });
        methods.put("swapcase", (run, text, arguments) -> {
            arguments.bind(0);
            return TextOperations.swapped(run, text);
        });
    }

    private static void addPadding(Map<String, Method<Text>> methods) {
        methods.put("center", (run, text, arguments) -> {
            Arguments.Bound bound = arguments.bind(1, "width", "fillchar");
            return TextOperations.centered(run, text, bound.integer(0, 0), fill(bound));
        });
        methods.put("ljust", (run, text, arguments) -> {
            Arguments.Bound bound = arguments.bind(1, "width", "fillchar");
            return TextOperations.padded(run, text, fill(bound), 0, bound.integer(0, 0) - text.points());
        });
        methods.put("rjust", (run, text, arguments) -> {
            Arguments.Bound bound = arguments.bind(1, "width", "fillchar");
            return TextOperations.padded(run, text, fill(bound), bound.integer(0, 0) - text.points(), 0);
        });
        methods.put("zfill", (run, text, arguments) -> {
            int missing = arguments.bind(1, "width").integer(0, 0) - text.points();
            boolean signed = text.string().startsWith("-") || text.string().startsWith("+");
            Text sign = text.slice(run, 0, signed ? 1 : 0);
            Text digits = text.slice(run, sign.length(), text.length());
            TextBuilder out = new TextBuilder(run);
            out.append(sign);
            out.append(TextOperations.padded(run, digits, Text.of("0"), missing, 0));
            return out.text();
        });
        methods.put("expandtabs", TextMethods::expandTabs);
    }

    private static Text fill(Arguments.Bound bound) {
        Text fill = bound.text(1, Text.of(" "));
        if (fill.points() != 1) {
            throw Failure.value(bound.function() + " fills with one character");
        }
        return fill;
    }

    private static Value strip(Run run, Text text, Arguments arguments, boolean left, boolean right) {
        return TextOperations.strip(run, text, optional(arguments.bind(0, "chars"), 0), left, right);
    }

    private static @Nullable Text optional(Arguments.Bound bound, int i) {
        return bound.given(i) ? bound.text(i) : null;
    }

    private static Items parts(Text text, List<Value> parts) {
        if (text.markup()) {
            parts.replaceAll(part -> part instanceof Text each ? each.asMarkup(true) : part);
        }
        return Items.list(parts);
    }

    private static Value partition(Run run, Text text, Arguments arguments) {
        Text separator = arguments.bind(1, "sep").text(0);
        TextOperations.requireNotEmpty(separator);
        int found = new Search(run, separator.string()).find(text.string(), 0);
        if (found < 0) {
            return Items.tuple(List.of(text, Text.EMPTY, Text.EMPTY));
        }
        return parted(run, text, found, found + separator.length());
    }

    private static Value partitionFromRight(Run run, Text text, Arguments arguments) {
        Text separator = arguments.bind(1, "sep").text(0);
        TextOperations.requireNotEmpty(separator);
        int found = TextOperations.lastIndexOf(run, text, separator);
        if (found < 0) {
            return Items.tuple(List.of(Text.EMPTY, Text.EMPTY, text));
        }
        return parted(run, text, found, found + separator.length());
    }

    private static Value parted(Run run, Text text, int from, int to) {
        return Items.tuple(
                List.of(text.slice(run, 0, from), text.slice(run, from, to), text.slice(run, to, text.length())));
    }

    private static Value replace(Run run, Text text, Arguments arguments) {
        Arguments.Bound bound = arguments.bind(2, "old", "new", "count");
        Text old = bound.text(0);
        Text replacement = bound.text(1);
        if (text.markup()) {
            old = Markup.escaped(run, old);
            replacement = Markup.escaped(run, replacement);
        }
        return TextOperations.replace(run, text, old, replacement, bound.integer(2, -1))
                .asMarkup(text.markup());
    }

    private static Value expandTabs(Run run, Text text, Arguments arguments) {
        int size = arguments.bind(0, "tabsize").integer(0, 8);
        TextBuilder out = new TextBuilder(run);
        int column = 0;
        for (int at = 0; at < text.length(); ) {
            int c = text.string().codePointAt(at);
            int next = at + Character.charCount(c);
            if (c == '\t') {
                int spaces = size <= 0 ? 0 : size - column % size;
                run.text(spaces);
                out.append(" ".repeat(spaces), text.markAt(at));
                column += spaces;
            } else {
                out.append(text, at, next);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
            at = next;
        }
        return out.text();
    }

    private static void addSearches(Map<String, Method<Text>> methods) {
        methods.put("find", (run, text, arguments) -> Int.of(find(run, text, arguments, false)));
        methods.put("rfind", (run, text, arguments) -> Int.of(find(run, text, arguments, true)));
        methods.put("index", (run, text, arguments) -> Int.of(found(find(run, text, arguments, false))));
        methods.put("rindex", (run, text, arguments) -> Int.of(found(find(run, text, arguments, true))));
        methods.put("count", (run, text, arguments) -> {
            Arguments.Bound bound = arguments.bind(1, "sub", "start", "end");
            Text sought = bound.text(0);
            Text within = within(run, text, bound);
            if (within == null) {
                return Int.of(0);
            }
            if (sought.isEmpty()) {
                return Int.of(within.points() + 1L);
            }
            Search search = new Search(run, sought.string());
            long count = 0;
            int at = search.find(within.string(), 0);
            while (at >= 0) {
                count++;
                at = search.find(within.string(), at + sought.length());
            }
            return Int.of(count);
        });
        methods.put("startswith", (run, text, arguments) -> Bool.of(ends(run, text, arguments, true)));
        methods.put("endswith", (run, text, arguments) -> Bool.of(ends(run, text, arguments, false)));
    }

    /** The part between the bounds that a search is given; null where the first lies behind the text. */
    private static @Nullable Text within(Run run, Text text, Arguments.Bound bound) {
        run.walk(text.length());
        if (bound.integer(1, 0) > text.points() && bound.given(1)) {
            return null;
        }
        Value from = bound.get(1, None.NONE);
        Value to = bound.get(2, None.NONE);
        return from == None.NONE && to == None.NONE ? text : (Text) Attributes.slice(run, text, from, to, None.NONE);
    }

    private static int find(Run run, Text text, Arguments arguments, boolean last) {
        Arguments.Bound bound = arguments.bind(1, "sub", "start", "end");
        Text within = within(run, text, bound);
        if (within == null) {
            return -1;
        }
        Text sought = bound.text(0);
        int found = last
                ? TextOperations.lastIndexOf(run, within, sought)
                : new Search(run, sought.string()).find(within.string(), 0);
        if (found < 0) {
            return -1;
        }
        int start = bound.given(1) ? bound.integer(1, 0) : 0;
        int before = start < 0 ? Math.max(0, start + text.points()) : start;
        return before + within.string().codePointCount(0, found);
    }

    private static int found(int at) {
        if (at < 0) {
            throw Failure.value("what index seeks is not in the text");
        }
        return at;
    }

    private static boolean ends(Run run, Text text, Arguments arguments, boolean first) {
        Arguments.Bound bound = arguments.bind(1, "prefix", "start", "end");
        Text within = within(run, text, bound);
        List<Value> candidates = new ArrayList<>();
        if (bound.get(0) instanceof Items items && items.kind().tuple()) {
            candidates.addAll(items.items());
        } else {
            candidates.add(bound.get(0));
        }
        boolean found = false;
        for (Value candidate : candidates) {
            if (!(candidate instanceof Text part)) {
                throw Failure.value(arguments.function() + " needs a text or a tuple of texts and got a "
                        + bound.get(0).type());
            }
            run.walk(part.length());
            found |= within != null
                    && (first
                            ? within.string().startsWith(part.string())
                            : within.string().endsWith(part.string()));
        }
        return found;
    }
}
