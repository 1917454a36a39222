package dev.demur.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What Python's methods of text do, with each character keeping its mark. */
final class TextOperations {

    private TextOperations() {}

    /** The text without these characters at its ends; without white space for null. */
    static Text strip(Run run, Text text, @Nullable Text characters, boolean left, boolean right) {
        run.walk(text.length());
        String string = text.string();
        int from = 0;
        int to = string.length();
        while (left && from < to) {
            int c = string.codePointAt(from);
            if (!isStripped(run, c, characters)) {
                break;
            }
            from += Character.charCount(c);
        }
        while (right && from < to) {
            int c = string.codePointBefore(to);
            if (!isStripped(run, c, characters)) {
                break;
            }
            to -= Character.charCount(c);
        }
        return text.slice(run, from, to);
    }

    private static boolean isStripped(Run run, int c, @Nullable Text characters) {
        if (characters == null) {
            return Characters.isSpace(c);
        }
        run.walk(characters.length());
        return characters.string().indexOf(c) >= 0;
    }

    /** The parts between a separator, at most {@code most} cuts made from the left; all for a negative number. */
    static List<Value> split(Run run, Text text, @Nullable Text separator, int most) {
        if (separator == null) {
            return splitAtSpace(run, text, most);
        }
        requireNotEmpty(separator);
        List<Value> parts = new ArrayList<>();
        Search search = new Search(run, separator.string());
        int from = 0;
        while (most < 0 || parts.size() < most) {
            int found = search.find(text.string(), from);
            if (found < 0) {
                break;
            }
            add(run, parts, text.slice(run, from, found));
            from = found + separator.length();
        }
        add(run, parts, text.slice(run, from, text.length()));
        return parts;
    }

    static void requireNotEmpty(Text separator) {
        if (separator.isEmpty()) {
            throw Failure.value("a text cannot be split at an empty separator");
        }
    }

    private static void add(Run run, List<Value> parts, Text part) {
        run.items(1);
        parts.add(part);
    }

    private static List<Value> splitAtSpace(Run run, Text text, int most) {
        run.walk(text.length());
        List<Value> parts = new ArrayList<>();
        String string = text.string();
        int at = 0;
        while (true) {
            while (at < string.length() && Characters.isSpace(string.charAt(at))) {
                at++;
            }
            if (at == string.length()) {
                return parts;
            }
            if (most >= 0 && parts.size() >= most) {
                add(run, parts, text.slice(run, at, text.length()));
                return parts;
            }
            int from = at;
            while (at < string.length() && !Characters.isSpace(string.charAt(at))) {
                at++;
            }
            add(run, parts, text.slice(run, from, at));
        }
    }

    /** The same with cuts made from the right. */
    static List<Value> splitFromRight(Run run, Text text, @Nullable Text separator, int most) {
        if (most < 0) {
            return split(run, text, separator, most);
        }
        List<Value> parts = new ArrayList<>();
        int to = text.length();
        String string = text.string();
        if (separator != null) {
            requireNotEmpty(separator);
            List<Integer> places = placesFromRight(run, text, separator, most);
            for (int found : places) {
                add(run, parts, text.slice(run, found + separator.length(), to));
                to = found;
            }
            add(run, parts, text.slice(run, 0, to));
            Collections.reverse(parts);
            return parts;
        }
        run.walk(text.length());
        while (true) {
            while (to > 0 && Characters.isSpace(string.charAt(to - 1))) {
                to--;
            }
            if (to > 0 && parts.size() >= most) {
                add(run, parts, text.slice(run, 0, to));
                to = 0;
            }
            if (to == 0) {
                Collections.reverse(parts);
                return parts;
            }
            int end = to;
            while (to > 0 && !Characters.isSpace(string.charAt(to - 1))) {
                to--;
            }
            add(run, parts, text.slice(run, to, end));
        }
    }

    private static List<Integer> placesFromRight(Run run, Text text, Text separator, int most) {
        String string = text.string();
        run.text(2L * string.length());
        String mirrored = mirrored(string);
        Search search = new Search(run, mirrored(separator.string()));
        List<Integer> places = new ArrayList<>();
        int from = 0;
        while (places.size() < most) {
            int found = search.find(mirrored, from);
            if (found < 0) {
                break;
            }
            run.items(1);
            places.add(string.length() - found - separator.length());
            from = found + separator.length();
        }
        return places;
    }

    /** The UTF-16 of a text backwards; StringBuilder's own way keeps surrogate pairs as they are. */
    private static String mirrored(String string) {
        char[] mirrored = new char[string.length()];
        for (int i = 0; i < mirrored.length; i++) {
            mirrored[i] = string.charAt(mirrored.length - 1 - i);
        }
        return new String(mirrored);
    }

    /** The last position where a text stands; -1 where there is none. */
    static int lastIndexOf(Run run, Text text, Text sought) {
        if (sought.isEmpty()) {
            return text.length();
        }
        List<Integer> places = placesFromRight(run, text, sought, 1);
        return places.isEmpty() ? -1 : places.get(0);
    }

    /**
     * The text with the first {@code most} occurrences replaced, all for a negative number. A replacement for marked text is
     * marked, too: whether and where it stands was for a message to say.
     */
    static Text replace(Run run, Text text, Text old, Text replacement, int most) {
        TextBuilder replaced = new TextBuilder(run);
        if (old.isEmpty()) {
            insertEverywhere(replaced, text, replacement, most);
            return replaced.text();
        }
        Search search = new Search(run, old.string());
        int from = 0;
        for (int count = 0; most < 0 || count < most; count++) {
            int found = search.find(text.string(), from);
            if (found < 0) {
                break;
            }
            replaced.append(text, from, found);
            replaced.appendChosen(replacement, text.markWithin(found, found + old.length()));
            from = found + old.length();
        }
        replaced.append(text, from, text.length());
        return replaced.text();
    }

    private static void insertEverywhere(TextBuilder out, Text text, Text inserted, int most) {
        int at = 0;
        for (int count = 0; most < 0 || count < most; count++) {
            int next = at < text.length() ? text.string().offsetByCodePoints(at, 1) : at;
            int mark = text.markWithin(Math.max(0, at - 1), next);
            out.appendChosen(inserted, mark);
            out.append(text, at, next);
            if (at == text.length()) {
                return;
            }
            at = next;
        }
        out.append(text, at, text.length());
    }

    /** The lines, with their ends where those are kept. */
    static List<Value> lines(Run run, Text text, boolean keepEnds) {
        run.walk(text.length());
        List<Value> lines = new ArrayList<>();
        String string = text.string();
        int from = 0;
        while (from < string.length()) {
            int end = from;
            while (end < string.length() && !Characters.isLineEnd(string.charAt(end))) {
                end++;
            }
            int next = end;
            if (end < string.length()) {
                next += string.startsWith("\r\n", end) ? 2 : 1;
            }
            add(run, lines, text.slice(run, from, keepEnds ? next : end));
            from = next;
        }
        return lines;
    }

    /** The texts with a separator between them. */
    static Text join(Run run, Text separator, List<Value> texts) {
        TextBuilder joined = new TextBuilder(run);
        boolean first = true;
        for (Value value : texts) {
            if (!(value instanceof Text text)) {
                throw Failure.value("only texts can be joined, and not a " + value.type());
            }
            if (!first) {
                joined.append(separator);
            }
            first = false;
            joined.append(separator.markup() ? Markup.escaped(run, text) : text);
        }
        return joined.text().asMarkup(separator.markup());
    }

    /** The text with its case changed as a whole, because some letters depend on those around them; none changes its length so. */
    static Text changeCase(Run run, Text text, UnaryOperator<String> change) {
        run.text(text.length());
        String changed = change.apply(text.string());
        if (text.runs() <= 1) {
            return Text.of(changed, text.anyMark()).asMarkup(text.markup());
        }
        TextBuilder out = new TextBuilder(run);
        int from = 0;
        for (int at = 0; at < text.length(); ) {
            int next = text.string().offsetByCodePoints(at, 1);
            int length = change.apply(text.string().substring(at, next)).length();
            int to = next == text.length() ? changed.length() : Math.min(from + length, changed.length());
            out.append(changed.substring(from, to), text.markAt(at));
            from = to;
            at = next;
        }
        return out.text().asMarkup(text.markup());
    }

    /** Each letter behind another one in lower case, the others as in a title. */
    static Text title(Run run, Text text) {
        TextBuilder out = new TextBuilder(run);
        boolean within = false;
        for (int at = 0; at < text.length(); ) {
            int c = text.string().codePointAt(at);
            out.append(within ? lower(c) : titled(c), text.markAt(at));
            within = Characters.isCased(c);
            at += Character.charCount(c);
        }
        return out.text().asMarkup(text.markup());
    }

    /** The first character as in a title, the others in lower case. */
    static Text capitalized(Run run, Text text) {
        if (text.isEmpty()) {
            return text;
        }
        int next = text.string().offsetByCodePoints(0, 1);
        TextBuilder out = new TextBuilder(run);
        out.append(titled(text.string().codePointAt(0)), text.markAt(0));
        out.append(changeCase(run, text.slice(run, next, text.length()), Characters::lower));
        return out.text().asMarkup(text.markup());
    }

    static Text swapped(Run run, Text text) {
        TextBuilder out = new TextBuilder(run);
        for (int at = 0; at < text.length(); ) {
            int c = text.string().codePointAt(at);
            String swapped = Character.isUpperCase(c)
                    ? lower(c)
                    : Character.isLowerCase(c) ? Character.toString(c).toUpperCase(Locale.ROOT) : Character.toString(c);
            out.append(swapped, text.markAt(at));
            at += Character.charCount(c);
        }
        return out.text().asMarkup(text.markup());
    }

    private static String lower(int c) {
        return Characters.lower(Character.toString(c));
    }

    private static String titled(int c) {
        int title = Character.toTitleCase(c);
        if (title != c) {
            return Character.toString(title);
        }
        String upper = Character.toString(c).toUpperCase(Locale.ROOT);
        int first = upper.codePointAt(0);
        return Character.toString(first) + Characters.lower(upper.substring(Character.charCount(first)));
    }

    /** The text with {@code fill} so many times before and behind it. */
    static Text padded(Run run, Text text, Text fill, int before, int behind) {
        TextBuilder out = new TextBuilder(run);
        run.text((long) fill.length() * ((long) Math.max(0, before) + Math.max(0, behind)));
        for (int i = 0; i < before; i++) {
            out.append(fill);
        }
        out.append(text);
        for (int i = 0; i < behind; i++) {
            out.append(fill);
        }
        return out.text().asMarkup(text.markup());
    }

    static Text centered(Run run, Text text, int width, Text fill) {
        int missing = Math.max(0, width - text.points());
        int before = missing / 2 + (missing & width & 1);
        return padded(run, text, fill, before, missing - before);
    }

    /** The text read backwards. */
    static Text reversed(Run run, Text text) {
        TextBuilder out = new TextBuilder(run);
        for (int at = text.length(); at > 0; ) {
            int before = text.string().offsetByCodePoints(at, -1);
            out.append(text, before, at);
            at = before;
        }
        return out.text().asMarkup(text.markup());
    }

    /** Whether the text has a character, and all pass. */
    static boolean all(Run run, Text text, IntPredicate test) {
        run.walk(text.length());
        return !text.isEmpty() && text.string().codePoints().allMatch(test);
    }

    /** Whether some character passes. */
    static boolean any(Run run, Text text, IntPredicate test) {
        run.walk(text.length());
        return text.string().codePoints().anyMatch(test);
    }
}
