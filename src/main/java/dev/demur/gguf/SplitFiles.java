package dev.demur.gguf;

import java.nio.file.Path;
import java.util.List;

/** The parts of a model that is split into several files, {@code name-00001-of-00003.gguf} and so on. */
final class SplitFiles {

    private static final String NUMBER = "split.no";
    private static final String COUNT = "split.count";
    private static final String SUFFIX = ".gguf";

    private SplitFiles() {}

    /** The part itself and all that belong to it, each checked; only the file itself where it is not split. */
    static List<GgufContents> read(Path path, GgufContents first) {
        long count = number(first, COUNT);
        long number = number(first, NUMBER);
        if (count <= 1) {
            return List.of(first);
        }
        if (number != 0) {
            throw new GgufException(
                    first.file(),
                    "is part " + (number + 1) + " of " + count + " of a split model; name the first part");
        }
        GgufContents[] parts = new GgufContents[(int) count];
        parts[0] = first;
        for (int i = 1; i < count; i++) {
            parts[i] = GgufReader.read(path.resolveSibling(partName(first, i, count)));
            TensorRules.check(parts[i]);
            if (!parts[i].metadata().has(NUMBER) || number(parts[i], NUMBER) != i) {
                throw GgufException.damaged(
                        parts[i].file(),
                        "should be part " + (i + 1) + " of " + first.file() + " by its name, and is not");
            }
        }
        return List.of(parts);
    }

    /** A part's number as the 16 bits that llama.cpp insists on. */
    private static long number(GgufContents part, String key) {
        MetadataEntry entry = part.metadata().entry(key);
        if (entry == null) {
            return 0;
        }
        if (entry.type() != ValueType.U16) {
            throw part.metadata().wrongType(entry, "u16");
        }
        return part.metadata().integerAt(entry, 0);
    }

    private static String partName(GgufContents first, int index, long count) {
        String ending = ending(0, count);
        String name = first.file();
        if (!name.endsWith(ending)) {
            throw new GgufException(
                    name, "is the first of " + count + " parts; give it back its name, which ends in " + ending);
        }
        return name.substring(0, name.length() - ending.length()) + ending(index, count);
    }

    private static String ending(int index, long count) {
        return "-" + fiveDigits(index + 1L) + "-of-" + fiveDigits(count) + SUFFIX;
    }

    private static String fiveDigits(long number) {
        return Long.toString(100_000 + number).substring(1);
    }
}
