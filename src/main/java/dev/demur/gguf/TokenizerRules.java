package dev.demur.gguf;

import java.util.OptionalLong;
import java.util.Set;

/** What {@code tokenizer.*} must keep, besides the arrays that {@link Vocabulary} reads. */
final class TokenizerRules {

    private static final String PREFIX = "tokenizer.ggml.";

    /** The ids without which a conversation neither begins nor ends. */
    private static final String[] REQUIRED_IN_RANGE = {"bos_token_id", "eos_token_id", "eot_token_id", "eom_token_id"};

    /** The tokens that llama.cpp takes where the file names none of such a vocabulary; -1 for none. */
    private record Defaults(String model, int bos, int eos, int unknown, int separator, int padding, int mask) {}

    private static final Defaults NONE = new Defaults("", -1, -1, -1, -1, -1, -1);

    private static final Defaults[] DEFAULTS = {
        new Defaults("llama", 1, 2, 0, -1, -1, -1),
        new Defaults("gpt2", 11, 11, -1, -1, -1, -1),
        new Defaults("whitespace", 11, 11, -1, -1, -1, -1),
        new Defaults("hybriddna", 11, 11, -1, -1, -1, -1),
        new Defaults("bert", 101, -1, 100, 102, 0, 103),
        new Defaults("t5", -1, 1, 2, -1, 0, -1),
        new Defaults("plamo2", 1, 2, 0, -1, 3, -1),
    };

    /**
     * The most bytes of a token's text. Several times what the longest tokens in use have, which are runs of some hundred
     * spaces.
     */
    private static final int MOST_TEXT = 4096;

    /**
     * The same where llama.cpp puts the texts into a tree with a level for each byte, and walks it by recursion: a thread with
     * the smallest stack that Java gives lives through some 900. A tokenizer that is not known here may do so too.
     */
    private static final int MOST_TREE_TEXT = 512;

    private static final Set<String> WITHOUT_TREE = Set.of("llama", "gpt2", "bert", "gemma4");

    /** The most bytes that tokens may be written out in; llama.cpp makes up to three copies of them. */
    private static final long MOST_WRITTEN = 1 << 26;

    /** The most characters that may be compared, which takes some seconds. */
    private static final long MOST_COMPARED = 1 << 28;

    private final String file;
    private final Metadata metadata;
    private final int tokens;

    private TokenizerRules(GgufContents contents, Vocabulary vocabulary) {
        this.file = contents.file();
        this.metadata = contents.metadata();
        this.tokens = vocabulary.count();
    }

    static void check(GgufContents contents, Vocabulary vocabulary) {
        TokenizerRules rules = new TokenizerRules(contents, vocabulary);
        rules.checkTypes();
        if (vocabulary.count() > 0) {
            rules.checkIds();
            rules.checkTexts(vocabulary);
            rules.checkBytes(vocabulary);
        }
    }

    private void checkTypes() {
        requireType(PREFIX + "merges", ValueType.STRING, ValueType.STRING);
        requireType(PREFIX + "precompiled_charsmap", ValueType.U8, ValueType.I8);
        String model = metadata.string(PREFIX + "model");
        if ("none".equals(model) || "no_vocab".equals(model)) {
            throw GgufException.unusable(file, PREFIX + "model is " + model + ", so it has no text to work on");
        }
        metadata.string(PREFIX + "pre");
        metadata.string("tokenizer.chat_template");
        metadata.bool(PREFIX + "add_bos_token");
        metadata.bool(PREFIX + "add_eos_token");
    }

    private void requireType(String key, ValueType one, ValueType other) {
        MetadataEntry entry = metadata.entry(key);
        if (entry != null && !entry.isArrayOf(one) && !entry.isArrayOf(other)) {
            throw metadata.wrongType(entry, "an array of " + one.label);
        }
    }

    private void checkTexts(Vocabulary vocabulary) {
        String model = String.valueOf(metadata.string(PREFIX + "model"));
        int most = WITHOUT_TREE.contains(model) ? MOST_TEXT : MOST_TREE_TEXT;
        long squares = 0;
        for (int token = 0; token < tokens; token++) {
            int bytes = vocabulary.textBytes(token);
            if (bytes > most) {
                throw GgufException.unusable(
                        file,
                        "token " + token + " is a text of " + bytes + " bytes, more than the " + most
                                + " that a vocabulary of type " + model + " may have");
            }
            squares += (long) bytes * bytes;
        }
        if (model.equals("gpt2") && squares > MOST_WRITTEN) {
            checkWritten(vocabulary);
        } else if (model.equals("plamo2")) {
            checkCompared(vocabulary);
        }
    }

    /** For each character that stands for no byte, a byte-level vocabulary writes the whole text once more. */
    private void checkWritten(Vocabulary vocabulary) {
        long written = 0;
        for (int token = 0; token < tokens; token++) {
            int others = 0;
            String text = vocabulary.text(token);
            for (int i = 0; i < text.length(); i++) {
                others += isByteLevel(text.charAt(i)) ? 0 : 1;
            }
            written += (long) others * vocabulary.textBytes(token);
        }
        if (written > MOST_WRITTEN) {
            throw GgufException.unusable(
                    file,
                    "its tokens have so many characters that stand for no byte that they take " + written + " bytes");
        }
    }

    /** This tokenizer compares everything that a text ends in with everything that it begins with. */
    private void checkCompared(Vocabulary vocabulary) {
        long compared = 0;
        for (int token = 0; token < tokens; token++) {
            long characters = vocabulary.text(token).length();
            compared += characters * characters * characters;
        }
        if (compared > MOST_COMPARED) {
            throw GgufException.unusable(
                    file, "its tokens are so long that " + compared + " characters have to be compared to load them");
        }
    }

    /** Whether a byte-level vocabulary writes some byte by this character. */
    private static boolean isByteLevel(char c) {
        return c > ' ' && c < 0x7f || c > 0xa0 && c < 0x144 && c != 0xad;
    }

    private void checkBytes(Vocabulary vocabulary) {
        String model = metadata.string(PREFIX + "model");
        if ("bert".equals(model)) {
            checkHasNoBytes(vocabulary);
        } else if ("rwkv".equals(model)) {
            checkHasAllBytes(vocabulary);
        }
    }

    /** llama.cpp ends the process when it is to write a byte of such a vocabulary. */
    private void checkHasNoBytes(Vocabulary vocabulary) {
        for (int token = 0; token < tokens; token++) {
            if (vocabulary.type(token) == TokenType.BYTE) {
                throw GgufException.unusable(file, "token " + token + " is of type BYTE in a vocabulary of type bert");
            }
        }
    }

    /** llama.cpp looks for the longest token that fits, without end where there is not even one of a single byte. */
    private void checkHasAllBytes(Vocabulary vocabulary) {
        for (int b = 0; b < 256; b++) {
            String character = String.valueOf((char) b);
            String hex = Integer.toHexString(0x100 + b).substring(1);
            String named = b == '\t' ? "\\t" : b == '\n' ? "\\n" : b == '\r' ? "\\r" : "\\".concat(character);
            boolean literal = b < 0x80 && b != '\\' && vocabulary.find(character) >= 0;
            if (!literal && vocabulary.find("\\x".concat(hex)) < 0 && vocabulary.find(named) < 0) {
                throw GgufException.unusable(
                        file, "the byte 0x" + hex + " has no token, which a vocabulary of type rwkv needs");
            }
        }
    }

    private void checkIds() {
        for (String name : REQUIRED_IN_RANGE) {
            String key = PREFIX.concat(name);
            long id = metadata.integer(key).orElse(0);
            if (id < 0 || id >= tokens) {
                throw GgufException.damaged(file, key + " is " + id + ", but there are " + tokens + " tokens");
            }
        }
        String model = metadata.string(PREFIX + "model");
        Defaults defaults = NONE;
        for (Defaults candidate : DEFAULTS) {
            if (candidate.model().equals(model)) {
                defaults = candidate;
            }
        }
        requireToken("bos_token_id", defaults.bos());
        requireToken("eos_token_id", defaults.eos());
        requireToken("unknown_token_id", defaults.unknown());
        requireToken("seperator_token_id", defaults.separator()); // so it is spelt
        requireToken("padding_token_id", defaults.padding());
        requireToken("mask_token_id", defaults.mask());
        if (defaults.bos() < 0 || defaults.model().equals("gpt2")) {
            requireToAdd("add_bos_token", "bos_token_id");
        }
        if (defaults.eos() < 0) {
            requireToAdd("add_eos_token", "eos_token_id");
        }
    }

    /** llama.cpp reads the text of a token that stands in for a missing one, or for one beyond the vocabulary, unseen. */
    private void requireToken(String name, int standIn) {
        if (standIn < tokens) {
            return;
        }
        String key = PREFIX.concat(name);
        OptionalLong id = metadata.integer(key);
        if (id.isEmpty() || id.getAsLong() < 0 || id.getAsLong() >= tokens) {
            throw GgufException.unusable(
                    file,
                    key + " is " + (id.isEmpty() ? "missing" : id.getAsLong()) + ", and the token " + standIn
                            + " that stands in for it is beyond the " + tokens + " tokens");
        }
    }

    /** llama.cpp asserts that a token exists which it is told to add to every prompt. */
    private void requireToAdd(String add, String token) {
        if (Boolean.TRUE.equals(metadata.bool(PREFIX.concat(add))) && !metadata.has(PREFIX.concat(token))) {
            throw GgufException.unusable(file, PREFIX + add + " is true, but " + PREFIX + token + " is missing");
        }
    }
}
