package dev.demur.gguf;

import java.nio.charset.StandardCharsets;

/**
 * The tokens of a model as the file spells them: id, text, type.
 *
 * <p>Texts are decoded when asked for, and looked up through a hash table of token ids. All are different: llama.cpp
 * ends the process over a repeated one.
 */
final class Vocabulary {

    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final String SCORES = "tokenizer.ggml.scores";

    /** The hash is a polynomial modulo this prime. */
    private static final long PRIME = (1L << 31) - 1;

    private final String file;
    private final byte[] bytes;
    /** Where each token's text begins; its length stands before it. */
    private final int[] starts;
    /** Where the types begin; 0 where the file has none. */
    private final int types;
    /** Token ids + 1 by the hash of their text, 0 for a free slot; a power of two long. */
    private final int[] slots;
    /** Drawn anew for every file, so that nobody can choose tokens that all hash alike. */
    private final long multiplier;

    private Vocabulary(String file, byte[] bytes, int[] starts, int types) {
        this.file = file;
        this.bytes = bytes;
        this.starts = starts;
        this.types = types;
        this.slots = new int[Math.max(2, Integer.highestOneBit(starts.length) << 2)];
        this.multiplier = ((System.nanoTime() * 0x9e37_79b9_7f4a_7c15L) >>> 34) | (1 << 20);
    }

    /** Reads and checks the vocabulary's arrays; a file without tokens has an empty vocabulary. */
    static Vocabulary read(GgufContents contents) {
        Metadata metadata = contents.metadata();
        MetadataEntry tokens = metadata.entry(TOKENS);
        if (tokens == null) {
            return new Vocabulary(contents.file(), metadata.bytes(), new int[0], 0);
        }
        if (!tokens.isArrayOf(ValueType.STRING)) {
            throw metadata.wrongType(tokens, "an array of strings");
        }
        if (tokens.count() == 0) {
            throw GgufException.damaged(contents.file(), TOKENS + " is empty");
        }
        checkParallel(contents, SCORES, tokens.count(), ValueType.F32, ValueType.F32);
        checkParallel(contents, TYPES, tokens.count(), ValueType.I32, ValueType.U32);
        MetadataEntry types = metadata.entry(TYPES);
        Vocabulary vocabulary = new Vocabulary(
                contents.file(), metadata.bytes(), starts(metadata, tokens), types == null ? 0 : types.position());
        vocabulary.checkTypes();
        vocabulary.fillSlots();
        return vocabulary;
    }

    private static void checkParallel(GgufContents contents, String key, int count, ValueType one, ValueType other) {
        MetadataEntry entry = contents.metadata().entry(key);
        if (entry == null) {
            return;
        }
        if (!entry.isArrayOf(one) && !entry.isArrayOf(other)) {
            throw contents.metadata().wrongType(entry, "an array of " + one.label);
        }
        if (entry.count() != count) {
            throw GgufException.damaged(
                    contents.file(), key + " has " + entry.count() + " elements for " + count + " tokens");
        }
    }

    private static int[] starts(Metadata metadata, MetadataEntry tokens) {
        byte[] bytes = metadata.bytes();
        int[] starts = new int[tokens.count()];
        int at = tokens.position();
        for (int i = 0; i < starts.length; i++) {
            starts[i] = at + 8;
            at += 8 + FileBytes.int32(bytes, at);
        }
        return starts;
    }

    private void checkTypes() {
        if (types == 0) {
            return;
        }
        for (int token = 0; token < starts.length; token++) {
            int at = types + 4 * token;
            if (bytes[at] < 1
                    || bytes[at] > TokenType.LAST_ID
                    || (bytes[at + 1] | bytes[at + 2] | bytes[at + 3]) != 0) {
                int type = FileBytes.int32(bytes, at);
                throw GgufException.damaged(
                        file, TYPES + " says that token " + token + " is of type " + type + ", which does not exist");
            }
        }
    }

    private void fillSlots() {
        boolean hasEmpty = false;
        for (int token = 0; token < starts.length; token++) {
            int start = starts[token];
            int length = length(token);
            if (length == 0) {
                hasEmpty = true;
                continue;
            }
            int slot = slot(bytes, start, length);
            if (slots[slot] != 0) {
                throw GgufException.unusable(
                        file, "tokens " + (slots[slot] - 1) + " and " + token + " are both \"" + text(token) + "\"");
            }
            if (!Utf8.isValid(bytes, start, length)) {
                throw GgufException.damaged(file, "token " + token + " of " + TOKENS + " is not UTF-8");
            }
            slots[slot] = token + 1;
        }
        if (hasEmpty) {
            checkEmpty();
        }
    }

    /** An empty token is renamed by llama.cpp; the new name must be free as well. */
    private void checkEmpty() {
        for (int token = 0; token < starts.length; token++) {
            String name = "[EMPTY_" + token + "]";
            if (length(token) == 0 && find(name) >= 0) {
                throw GgufException.unusable(
                        file, "token " + token + " is empty, and token " + find(name) + " is \"" + name + "\"");
            }
        }
    }

    int count() {
        return starts.length;
    }

    String text(int token) {
        requireToken(token);
        return Utf8.decode(bytes, starts[token], length(token));
    }

    /** The length of a token's text in the file. */
    int textBytes(int token) {
        requireToken(token);
        return length(token);
    }

    TokenType type(int token) {
        requireToken(token);
        return types == 0 ? TokenType.NORMAL : TokenType.of(FileBytes.int32(bytes, types + 4 * token));
    }

    /** The id of the token that is spelled exactly so, or -1. */
    int find(String text) {
        if (text.isEmpty()) {
            return -1;
        }
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        return slots[slot(wanted, 0, wanted.length)] - 1;
    }

    private void requireToken(int token) {
        if (token < 0 || token >= starts.length) {
            throw new IllegalArgumentException(
                    "token " + token + " is not in the vocabulary of " + file + ", which has " + starts.length);
        }
    }

    private int length(int token) {
        return FileBytes.int32(bytes, starts[token] - 8);
    }

    /** The slot that holds this text, or the free one where it belongs. */
    private int slot(byte[] text, int from, int length) {
        long hash = length;
        int end = from + length;
        int i = from;
        for (; i + 2 < end; i += 3) {
            hash = hash * multiplier + (((text[i] & 0xff) << 16) | ((text[i + 1] & 0xff) << 8) | (text[i + 2] & 0xff));
            hash = (hash & PRIME) + (hash >>> 31);
        }
        for (; i < end; i++) {
            hash = hash * multiplier + (text[i] & 0xff);
            hash = (hash & PRIME) + (hash >>> 31);
        }
        int mask = slots.length - 1;
        int slot = (int) (hash % PRIME) & mask;
        while (slots[slot] != 0 && !isText(slots[slot] - 1, text, from, length)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private boolean isText(int token, byte[] text, int from, int length) {
        if (length(token) != length) {
            return false;
        }
        int start = starts[token];
        for (int i = 0; i < length; i++) {
            if (bytes[start + i] != text[from + i]) {
                return false;
            }
        }
        return true;
    }
}
