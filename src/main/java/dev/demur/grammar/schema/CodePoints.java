package dev.demur.grammar.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A set of characters. Immutable. */
record CodePoints(List<Range> ranges) {

    /** From one to another, both within it. */
    record Range(int low, int high) {}

    static final CodePoints ALL = new CodePoints(List.of(new Range(0, Character.MAX_CODE_POINT)));
    static final CodePoints DIGITS = of('0', '9');
    static final CodePoints WORD = of('a', 'z').with(of('A', 'Z')).with(DIGITS).with(of('_', '_'));

    /** White space as every dialect has it. */
    static final CodePoints SPACE = of('\t', '\r').with(of(' ', ' '));

    /** White space as any dialect has it. */
    static final CodePoints ANY_SPACE = SPACE.with(of(0x1C, 0x1F))
            .with(of(0x85, 0x85))
            .with(of(0xA0, 0xA0))
            .with(of(0x1680, 0x1680))
            .with(of(0x2000, 0x200A))
            .with(of(0x2028, 0x2029))
            .with(of(0x202F, 0x202F))
            .with(of(0x205F, 0x205F))
            .with(of(0x3000, 0x3000))
            .with(of(0xFEFF, 0xFEFF));

    static final CodePoints NO_LINE_END = of('\n', '\n')
            .with(of('\r', '\r'))
            .with(of(0x85, 0x85))
            .with(of(0x2028, 0x2029))
            .complement();

    static CodePoints of(int low, int high) {
        return new CodePoints(List.of(new Range(low, high)));
    }

    CodePoints with(CodePoints more) {
        List<Range> all = new ArrayList<>(ranges);
        all.addAll(more.ranges);
        all.sort(Comparator.comparingInt(Range::low));
        List<Range> merged = new ArrayList<>();
        for (Range range : all) {
            Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
            if (last != null && range.low <= last.high + 1) {
                merged.set(merged.size() - 1, new Range(last.low, Math.max(last.high, range.high)));
            } else {
                merged.add(range);
            }
        }
        return new CodePoints(List.copyOf(merged));
    }

    CodePoints complement() {
        List<Range> gaps = new ArrayList<>();
        int next = 0;
        for (Range range : ranges) {
            if (range.low > next) {
                gaps.add(new Range(next, range.low - 1));
            }
            next = range.high + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            gaps.add(new Range(next, Character.MAX_CODE_POINT));
        }
        return new CodePoints(List.copyOf(gaps));
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /** How many characters it has. */
    int size() {
        return ranges.stream().mapToInt(range -> range.high - range.low + 1).sum();
    }

    private boolean has(int c) {
        return ranges.stream().anyMatch(range -> range.low <= c && c <= range.high);
    }

    /** One of the characters as it stands within a string of JSON; every one is written in one way. */
    Expression inString() {
        if (size() == 1 && !isSurrogate(ranges.get(0).low)) {
            return Expression.literal(JsonText.character(ranges.get(0).low));
        }
        List<Expression> ways = new ArrayList<>();
        CodePoints special = of(0, 0x1F).with(of('"', '"')).with(of('\\', '\\')).with(of(0x7F, 0x7F));
        CodePoints plain = complement()
                .with(special)
                .with(of(Character.MIN_SURROGATE, Character.MAX_SURROGATE))
                .complement();
        if (!plain.ranges.isEmpty()) {
            ways.add(new Expression.Terminal(plain.inGbnf()));
        }
        Map<String, StringBuilder> escapes = new LinkedHashMap<>(); // by what they begin with
        IntStream.rangeClosed(0, 0x7F)
                .filter(c -> has(c) && !JsonText.isPlain(c))
                .forEach(c -> {
                    String escape = JsonText.character(c);
                    int last = escape.length() - 1;
                    escapes.computeIfAbsent(escape.substring(0, last), start -> new StringBuilder())
                            .append(Gbnf.inClass(escape.charAt(last)));
                });
        escapes.forEach((start, ends) ->
                ways.add(Expression.sequence(Expression.literal(start), new Expression.Terminal("[" + ends + "]"))));
        return Expression.alternatives(ways);
    }

    private String inGbnf() {
        StringBuilder text = new StringBuilder("[");
        for (Range range : ranges) {
            text.append(Gbnf.inClass(range.low));
            if (range.high > range.low) {
                text.append(range.high > range.low + 1 ? "-" : "").append(Gbnf.inClass(range.high));
            }
        }
        return text.append(']').toString();
    }
}
