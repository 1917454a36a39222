package dev.demur.gguf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes models whose next token depends on the last one alone, with probabilities that are chosen: what a guard model
 * answers, at which position, can be written down. Architecture llama, one block that does nothing, byte-level BPE.
 *
 * <p>After a token of which nothing is said every token is as likely as any other.
 */
public final class MicroBigram {

    private static final int WIDTH = 32;
    private static final int HIDDEN = 32;

    /** The logit of a token with probability 1; of a few hundred tokens the others then have next to nothing together. */
    private static final double SURE = 16;

    private final List<String> special = new ArrayList<>();
    private final Set<String> words = new LinkedHashSet<>();
    private final Map<String, Map<String, Double>> after = new LinkedHashMap<>();
    private String template = MicroLlama.CHATML;
    private String expressions = "llama-bpe";

    /** With these control tokens. */
    public MicroBigram special(String... tokens) {
        special.addAll(List.of(tokens));
        return this;
    }

    /** With a token for each of these texts; its bytes are merged from the left. */
    public MicroBigram words(String... texts) {
        words.addAll(List.of(texts));
        return this;
    }

    /** With a chat template. */
    public MicroBigram template(String jinja) {
        template = jinja;
        return this;
    }

    /** With the regular expressions that cut texts into words. */
    public MicroBigram expressions(String pre) {
        expressions = pre;
        return this;
    }

    /**
     * What follows a token.
     *
     * @param next texts of tokens, and their probabilities
     */
    public MicroBigram after(String token, Map<String, Double> next) {
        after.put(token, next);
        return this;
    }

    /** The model. */
    public GgufBuilder model() {
        List<String> tokens = new ArrayList<>(List.of("<|endoftext|>"));
        tokens.addAll(special);
        int specials = tokens.size();
        for (int b = 0; b < 256; b++) {
            tokens.add(String.valueOf(MicroLlama.byteLevel(b)));
        }
        List<String> merges = new ArrayList<>();
        for (String word : words) {
            MicroLlama.addMerges(spelled(word), tokens, merges);
        }
        List<Integer> types = new ArrayList<>(Collections.nCopies(specials, 3));
        types.addAll(Collections.nCopies(tokens.size() - specials, 1));
        GgufBuilder builder = new GgufBuilder()
                .string("general.architecture", "llama")
                .string("general.name", "Micro Bigram")
                .u32("general.file_type", 0)
                .u32("llama.context_length", 1024)
                .u32("llama.embedding_length", WIDTH)
                .u32("llama.block_count", 1)
                .u32("llama.feed_forward_length", HIDDEN)
                .u32("llama.attention.head_count", 4)
                .u32("llama.attention.head_count_kv", 4)
                .f32("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .u32("llama.rope.dimension_count", WIDTH / 4)
                .f32("llama.rope.freq_base", 10000)
                .u32("llama.vocab_size", tokens.size())
                .string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", expressions)
                .strings("tokenizer.ggml.tokens", tokens)
                .i32s("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", merges)
                .u32("tokenizer.ggml.bos_token_id", 0)
                .u32("tokenizer.ggml.eos_token_id", 0)
                .bool("tokenizer.ggml.add_bos_token", false)
                .string("tokenizer.chat_template", template);
        return weights(builder, tokens);
    }

    private GgufBuilder weights(GgufBuilder builder, List<String> tokens) {
        if (after.size() >= WIDTH) {
            throw new IllegalStateException("only " + (WIDTH - 1) + " tokens can have something follow them");
        }
        float[] embeddings = new float[WIDTH * tokens.size()];
        float[] output = new float[WIDTH * tokens.size()];
        for (int token = 0; token < tokens.size(); token++) {
            embeddings[token * WIDTH + WIDTH - 1] = 1;
        }
        int place = 0;
        for (Map.Entry<String, Map<String, Double>> entry : after.entrySet()) {
            int last = token(tokens, entry.getKey());
            embeddings[last * WIDTH + WIDTH - 1] = 0;
            embeddings[last * WIDTH + place] = 1;
            for (Map.Entry<String, Double> next : entry.getValue().entrySet()) {
                double logit = SURE + Math.log(next.getValue());
                output[token(tokens, next.getKey()) * WIDTH + place] = (float) (logit / Math.sqrt(WIDTH));
            }
            place++;
        }
        builder.tensor("token_embd.weight", embeddings, WIDTH, tokens.size());
        builder.tensor("output.weight", output, WIDTH, tokens.size());
        for (String norm : List.of("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm")) {
            float[] ones = new float[WIDTH];
            Arrays.fill(ones, 1);
            builder.tensor(norm + ".weight", ones, WIDTH);
        }
        for (String square : List.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")) {
            builder.tensor("blk.0." + square + ".weight", new float[WIDTH * WIDTH], WIDTH, WIDTH);
        }
        return builder;
    }

    private static int token(List<String> tokens, String text) {
        int id = tokens.indexOf(text);
        id = id < 0 ? tokens.indexOf(spelled(text)) : id;
        if (id < 0) {
            throw new IllegalStateException("there is no token \"" + text + "\"");
        }
        return id;
    }

    private static String spelled(String text) {
        StringBuilder spelled = new StringBuilder();
        text.chars().forEach(c -> spelled.append(MicroLlama.byteLevel(c)));
        return spelled.toString();
    }
}
