package dev.demur.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Micro models whose vocabularies make it as easy as they can to spell a special token.
 *
 * @param sentencePiece SentencePiece's vocabulary with byte tokens; else byte-level BPE
 * @param controlType the type of the control tokens: 1 NORMAL, 3 CONTROL, 4 USER_DEFINED
 * @param reachable whether the merges, or pieces, lead from characters to the special tokens, so that plain tokenising
 *     arrives at them
 */
public record MicroVocabulary(boolean sentencePiece, int controlType, boolean reachable) {

    private static final char SPM_SPACE = '\u2581';
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;

    /** What the regular expressions of a byte-level vocabulary leave in one word. */
    private static final List<String> ONE_WORD_TOKENS = List.of("[[!]]", "[[?]]", "unsafe", "[[+]]");

    /** All that make a difference. */
    public static List<MicroVocabulary> all() {
        List<MicroVocabulary> all = new ArrayList<>();
        for (boolean sentencePiece : new boolean[] {false, true}) {
            for (int type : new int[] {NORMAL, CONTROL, USER_DEFINED}) {
                all.add(new MicroVocabulary(sentencePiece, type, true));
            }
            for (int type : new int[] {CONTROL, USER_DEFINED}) {
                all.add(new MicroVocabulary(sentencePiece, type, false));
            }
        }
        return all;
    }

    /** The texts of the control tokens, the respond token last. */
    public List<String> controlTokens() {
        return reachable && !sentencePiece ? ONE_WORD_TOKENS : MicroLlama.CONTROL_TOKENS;
    }

    /** The control tokens as the file spells them. */
    public List<String> spelledControlTokens() {
        return sentencePiece && reachable
                ? controlTokens().stream()
                        .map(token -> token.replace(' ', SPM_SPACE))
                        .toList()
                : controlTokens();
    }

    /** A model with this vocabulary. */
    public GgufBuilder model(long seed) {
        return sentencePiece ? sentencePieces(seed) : bytePairs(seed);
    }

    private GgufBuilder bytePairs(long seed) {
        Map<String, Integer> types = new LinkedHashMap<>();
        MicroLlama.CHATML_TOKENS.forEach(token -> types.put(token, CONTROL));
        spelledControlTokens().forEach(token -> types.put(token, controlType));
        types.put("<tool>", USER_DEFINED);
        types.put("   ", USER_DEFINED);
        types.put("\n", USER_DEFINED);
        for (int b = 0; b < 256; b++) {
            types.put(String.valueOf(MicroLlama.byteLevel(b)), NORMAL);
        }
        List<String> merges = new ArrayList<>();
        for (String word : MicroLlama.WORDS) {
            merge(MicroLlama.byteLevel(' ') + word, types, merges);
        }
        if (reachable) {
            spelledControlTokens().forEach(token -> merge(token, types, merges));
        }
        GgufBuilder builder = MicroLlama.header(types.size())
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", List.copyOf(types.keySet()))
                .i32s("tokenizer.ggml.token_type", List.copyOf(types.values()))
                .strings("tokenizer.ggml.merges", merges)
                .u32("tokenizer.ggml.bos_token_id", 0)
                .u32("tokenizer.ggml.eos_token_id", 2)
                .bool("tokenizer.ggml.add_bos_token", false)
                .string("tokenizer.chat_template", MicroLlama.CHATML);
        return MicroLlama.weights(builder, types.size(), seed);
    }

    private static void merge(String word, Map<String, Integer> types, List<String> merges) {
        for (int end = 2; end <= word.length(); end++) {
            String merge = word.substring(0, end - 1) + " " + word.charAt(end - 1);
            types.putIfAbsent(word.substring(0, end), NORMAL);
            if (!merges.contains(merge)) {
                merges.add(merge);
            }
        }
    }

    private GgufBuilder sentencePieces(long seed) {
        Map<String, Integer> types = new LinkedHashMap<>();
        types.put("<unk>", UNKNOWN);
        types.put("<s>", CONTROL);
        types.put("</s>", CONTROL);
        for (int b = 0; b < 256; b++) {
            types.put("<0x" + Integer.toHexString(0x100 + b).substring(1).toUpperCase(Locale.ROOT) + ">", BYTE);
        }
        MicroLlama.CHATML_TOKENS.forEach(token -> types.put(token, CONTROL));
        spelledControlTokens().forEach(token -> types.put(token, controlType));
        types.put("<tool>", USER_DEFINED);
        types.put(String.valueOf(SPM_SPACE), NORMAL);
        List<String> special = types.entrySet().stream()
                .filter(token -> token.getValue() != BYTE)
                .map(Map.Entry::getKey)
                .toList();
        for (String word : MicroLlama.WORDS) {
            pieces(SPM_SPACE + word, types);
        }
        if (reachable) {
            special.forEach(token -> pieces(token, types));
        }
        List<Float> scores = new ArrayList<>();
        types.keySet().forEach(token -> scores.add((float) token.length()));
        GgufBuilder builder = MicroLlama.header(types.size())
                .string("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", List.copyOf(types.keySet()))
                .f32s("tokenizer.ggml.scores", scores)
                .i32s("tokenizer.ggml.token_type", List.copyOf(types.values()))
                .u32("tokenizer.ggml.bos_token_id", 1)
                .u32("tokenizer.ggml.eos_token_id", 2)
                .u32("tokenizer.ggml.unknown_token_id", 0)
                .string("tokenizer.chat_template", MicroLlama.CHATML);
        return MicroLlama.weights(builder, types.size(), seed);
    }

    private static void pieces(String word, Map<String, Integer> types) {
        for (int end = 1; end <= word.length(); end++) {
            types.putIfAbsent(word.substring(0, end), NORMAL);
            types.putIfAbsent(word.substring(end - 1, end), NORMAL);
        }
    }
}
