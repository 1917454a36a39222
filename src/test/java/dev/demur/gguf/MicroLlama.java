package dev.demur.gguf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.TreeSet;

/**
 * Makes models of a few thousand random weights that llama.cpp loads and decodes, for tests that need a model but no
 * sense: architecture llama, 2 layers, width 32, context 512. The same seed gives the same bytes.
 */
public final class MicroLlama {

    /** The paper's five, in its order, and the respond token last. */
    public static final List<String> CONTROL_TOKENS = List.of(
            "[Humanizing requests]",
            "[Incomplete requests]",
            "[Indeterminate requests]",
            "[Requests with safety concerns]",
            "[Unsupported requests]",
            "[respond]");

    /** ChatML, as llama.cpp recognises it by its text. */
    public static final String CHATML = "{% for message in messages %}"
            + "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
            + "{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    static final List<String> CHATML_TOKENS = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");
    static final List<String> WORDS =
            List.of("the", "and", "what", "how", "you", "is", "to", "of", "system", "user", "assistant");
    private static final int WIDTH = 32;
    private static final int HIDDEN = 64;
    private static final int HEADS = 4;
    private static final int KEY_HEADS = 2;
    private static final int LAYERS = 2;

    private MicroLlama() {}

    /** A byte-level BPE vocabulary: 3 ChatML tokens and the control tokens first, then 256 bytes, then merges. */
    public static GgufBuilder bytePair(long seed) {
        List<String> tokens = new ArrayList<>(CHATML_TOKENS);
        tokens.addAll(CONTROL_TOKENS);
        int special = tokens.size();
        for (int b = 0; b < 256; b++) {
            tokens.add(String.valueOf(byteLevel(b)));
        }
        List<String> merges = new ArrayList<>();
        for (String word : WORDS) {
            addMerges(byteLevel(' ') + word, tokens, merges);
        }
        List<Integer> types = new ArrayList<>(Collections.nCopies(special, 3));
        types.addAll(Collections.nCopies(tokens.size() - special, 1));
        GgufBuilder builder = header(tokens.size())
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "gpt-2")
                .strings("tokenizer.ggml.tokens", tokens)
                .i32s("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", merges)
                .u32("tokenizer.ggml.bos_token_id", 0)
                .u32("tokenizer.ggml.eos_token_id", 2)
                .bool("tokenizer.ggml.add_bos_token", false)
                .string("tokenizer.chat_template", CHATML);
        return weights(builder, tokens.size(), seed);
    }

    /** An SPM vocabulary: unk, BOS, EOS, 256 bytes, ChatML and control tokens, then pieces with ▁ for a space. */
    public static GgufBuilder sentencePiece(long seed) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(2, 3, 3));
        for (int b = 0; b < 256; b++) {
            tokens.add("<0x" + Integer.toHexString(0x100 + b).substring(1).toUpperCase(Locale.ROOT) + ">");
            types.add(6);
        }
        for (String token : CHATML_TOKENS) {
            tokens.add(token);
            types.add(3);
        }
        for (String token : CONTROL_TOKENS) {
            tokens.add(token);
            types.add(3);
        }
        TreeSet<String> pieces = new TreeSet<>(List.of("\u2581"));
        for (String word : WORDS) {
            for (int end = 1; end <= word.length(); end++) {
                pieces.add("\u2581" + word.substring(0, end));
                pieces.add(word.substring(end - 1, end));
            }
        }
        tokens.addAll(pieces);
        types.addAll(Collections.nCopies(pieces.size(), 1));
        List<Float> scores = new ArrayList<>();
        for (String token : tokens) {
            scores.add((float) token.length());
        }
        GgufBuilder builder = header(tokens.size())
                .string("tokenizer.ggml.model", "llama")
                .strings("tokenizer.ggml.tokens", tokens)
                .f32s("tokenizer.ggml.scores", scores)
                .i32s("tokenizer.ggml.token_type", types)
                .u32("tokenizer.ggml.bos_token_id", 1)
                .u32("tokenizer.ggml.eos_token_id", 2)
                .u32("tokenizer.ggml.unknown_token_id", 0)
                .string("tokenizer.chat_template", CHATML);
        return weights(builder, tokens.size(), seed);
    }

    static GgufBuilder header(int vocabulary) {
        return new GgufBuilder()
                .string("general.architecture", "llama")
                .string("general.name", "Micro Llama")
                .u32("general.file_type", 0)
                .u32("llama.context_length", 512)
                .u32("llama.embedding_length", WIDTH)
                .u32("llama.block_count", LAYERS)
                .u32("llama.feed_forward_length", HIDDEN)
                .u32("llama.attention.head_count", HEADS)
                .u32("llama.attention.head_count_kv", KEY_HEADS)
                .f32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .u32("llama.rope.dimension_count", WIDTH / HEADS)
                .f32("llama.rope.freq_base", 10000)
                .u32("llama.vocab_size", vocabulary);
    }

    static GgufBuilder weights(GgufBuilder builder, int vocabulary, long seed) {
        Random random = new Random(seed);
        int keys = WIDTH / HEADS * KEY_HEADS;
        matrix(builder, random, "token_embd.weight", WIDTH, vocabulary);
        for (int layer = 0; layer < LAYERS; layer++) {
            String block = "blk." + layer + ".";
            ones(builder, block + "attn_norm.weight");
            matrix(builder, random, block + "attn_q.weight", WIDTH, WIDTH);
            matrix(builder, random, block + "attn_k.weight", WIDTH, keys);
            matrix(builder, random, block + "attn_v.weight", WIDTH, keys);
            matrix(builder, random, block + "attn_output.weight", WIDTH, WIDTH);
            ones(builder, block + "ffn_norm.weight");
            matrix(builder, random, block + "ffn_gate.weight", WIDTH, HIDDEN);
            matrix(builder, random, block + "ffn_up.weight", WIDTH, HIDDEN);
            matrix(builder, random, block + "ffn_down.weight", HIDDEN, WIDTH);
        }
        ones(builder, "output_norm.weight");
        return builder;
    }

    private static void matrix(GgufBuilder builder, Random random, String name, int row, int rows) {
        float[] values = new float[row * rows];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * 0.3);
        }
        builder.tensor(name, values, row, rows);
    }

    private static void ones(GgufBuilder builder, String name) {
        float[] values = new float[WIDTH];
        Arrays.fill(values, 1);
        builder.tensor(name, values, WIDTH);
    }

    /** The character by which byte-level vocabularies write a byte. */
    static char byteLevel(int b) {
        boolean itself = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae && b <= 0xff;
        if (itself) {
            return (char) b;
        }
        int shifted = b <= 0x20 ? b : b <= 0xa0 ? b - 0x7f + 0x21 : 0x43;
        return (char) (0x100 + shifted);
    }

    /** Merges the word from left to right. */
    static void addMerges(String word, List<String> tokens, List<String> merges) {
        for (int end = 2; end <= word.length(); end++) {
            String merged = word.substring(0, end);
            if (!tokens.contains(merged)) {
                tokens.add(merged);
                merges.add(word.substring(0, end - 1) + " " + word.charAt(end - 1));
            }
        }
    }
}
