package dev.demur.gguf;

import java.util.Set;

/**
 * What the numbers of rotary position embeddings must keep. The threads that compute assert it, which ends the process, or
 * loop for ever: so the numbers are worked out as llama.cpp does, with what stands in for missing ones.
 */
final class RotationRules {

    private static final Set<String> SCALINGS = Set.of("none", "linear", "yarn", "longrope");

    /** Those that know of positions by other means, or of none. */
    private static final Set<String> DO_NOT_ROTATE = Set.of(
            "gpt2",
            "gptj",
            "mpt",
            "refact",
            "bloom",
            "mamba",
            "mamba2",
            "jamba",
            "jina-bert-v2",
            "t5",
            "t5encoder",
            "jais",
            "rwkv6",
            "rwkv6qwen2",
            "rwkv7",
            "arwkv7",
            "wavtokenizer-dec",
            "nemotron_h",
            "nemotron_h_moe",
            "kimi-linear",
            "kimi-k3",
            "glm5-next");

    private static final String WIDTH = "embedding_length";

    /** The sizes of heads of which some models rotate the end, which must begin with a pair. */
    private static final String[] SIZES = {
        "attention.key_length", "attention.key_length_mla", "attention.key_length_swa", "attention.indexer.key_length"
    };

    private final String file;
    private final Metadata metadata;
    private final String prefix;

    private RotationRules(GgufContents contents, String architecture) {
        this.file = contents.file();
        this.metadata = contents.metadata();
        this.prefix = architecture.concat(".");
    }

    static void check(GgufContents contents, String architecture) {
        RotationRules rules = new RotationRules(contents, architecture);
        rules.checkScaling();
        if (!DO_NOT_ROTATE.contains(architecture)) {
            rules.checkHeads();
        }
    }

    private void checkScaling() {
        String key = prefix.concat("rope.scaling.type");
        String scaling = metadata.string(key);
        if (scaling != null && !SCALINGS.contains(scaling)) {
            throw GgufException.unusable(file, key + " is \"" + scaling + "\", not none, linear, yarn or longrope");
        }
    }

    private void checkHeads() {
        long heads = firstHeads();
        if (heads == 0 || !metadata.has(prefix.concat(WIDTH))) {
            return; // llama.cpp refuses a model without a width, and blocks with attention need heads
        }
        for (String size : SIZES) {
            requireEven(prefix.concat(size), "so that not all of a head's dimensions are in pairs");
        }
        String key = prefix.concat("rope.dimension_count");
        Size head = headSize(heads);
        long rotated = check(key, head.value(), head);
        Size windowed = named("attention.key_length_swa", head);
        check(key.concat("_swa"), rotated, windowed);
        checkSections(head);
    }

    /** A head's dimensions, and the key or keys that say how many there are. */
    private record Size(String key, long value) {}

    /** The heads of the first block, by which llama.cpp divides the width. */
    private long firstHeads() {
        MetadataEntry heads = metadata.entry(prefix.concat("attention.head_count"));
        return heads == null || heads.count() == 0 ? 0 : metadata.integerAt(heads, 0);
    }

    private Size headSize(long heads) {
        String width = prefix.concat(WIDTH);
        long size = metadata.integer(width).orElse(0) / heads;
        return named("attention.key_length", new Size(width + " divided by " + prefix + "attention.head_count", size));
    }

    private Size named(String name, Size otherwise) {
        String key = prefix.concat(name);
        return metadata.has(key) ? new Size(key, metadata.integer(key).orElse(0)) : otherwise;
    }

    private void requireEven(String key, String consequence) {
        long value = metadata.integer(key).orElse(0);
        if (value % 2 != 0) {
            throw GgufException.unusable(file, key + " is " + value + ", an odd number, " + consequence);
        }
    }

    /**
     * Some pairs of a head's dimensions are rotated: over none llama.cpp loops for ever.
     *
     * @param otherwise how many are rotated where the file does not say
     * @return how many are rotated
     */
    private long check(String key, long otherwise, Size head) {
        requireEven(key, "but dimensions are rotated in pairs");
        boolean named = metadata.has(key);
        long rotated = metadata.integer(key).orElse(otherwise);
        if (rotated == 0) {
            throw GgufException.unusable(
                    file,
                    named
                            ? key + " is 0, so that no dimension of a head is rotated: it must be from 2 to "
                                    + head.value()
                            : head.key() + " is 0: a head needs at least 2 dimensions that are rotated");
        }
        if (rotated % 2 != 0) {
            throw GgufException.unusable(
                    file,
                    head.key() + " is " + rotated + ", an odd number, but dimensions are rotated in pairs, all where "
                            + key + " is missing");
        }
        if (rotated > head.value()) {
            throw GgufException.unusable(
                    file,
                    key + (named ? " is " : " is missing, and so ") + rotated + ", more than a head's " + head.value()
                            + " dimensions (" + head.key() + ")");
        }
        return rotated;
    }

    /** Sections are of the dimensions in time, height, width and one more, which no model has alone. */
    private void checkSections(Size head) {
        String key = prefix.concat("rope.dimension_sections");
        MetadataEntry entry = metadata.entry(key);
        if (entry == null || entry.elementType() == null || entry.count() == 0) {
            return;
        }
        long sum = 0;
        long used = 0;
        for (int i = 0; i < entry.count(); i++) {
            long section = metadata.integerAt(entry, i);
            sum += section;
            used += i < 3 ? section : 0;
        }
        if (used == 0) {
            throw GgufException.unusable(file, key + " are 0, at least one of the first three must not be");
        }
        if (sum > head.value()) {
            throw GgufException.unusable(
                    file,
                    key + " are " + sum + " together, more than a head's " + head.value() + " dimensions (" + head.key()
                            + ")");
        }
    }
}
