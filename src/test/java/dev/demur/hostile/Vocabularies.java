package dev.demur.hostile;

import dev.demur.gguf.MicroLlama;
import dev.demur.hostile.ModelSketch.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Vocabularies of every kind of tokenizer that llama.cpp has, sound but for the tokens that are added to them. */
final class Vocabularies {

    static final List<String> MODELS = List.of("llama", "gpt2", "bert", "t5", "rwkv", "plamo2", "gemma4");

    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int BYTE = 6;

    private static final String PREFIX = "tokenizer.ggml.";
    private static final String SPACE = "\u2581";
    private static final String[] WORDS = {"how", "do", "you", "the", "what", "system", "user", "assistant"};

    private final Map<String, Integer> types = new LinkedHashMap<>();

    private Vocabularies() {}

    /** Gives the model a vocabulary of this kind, with more tokens of one type at its end. */
    static void put(ModelSketch sketch, String model, List<String> more, int type) {
        Vocabularies made = new Vocabularies();
        switch (model) {
            case "gpt2" -> made.byteLevel();
            case "bert" -> made.wordPieces();
            case "rwkv" -> made.escaped();
            default -> made.pieces();
        }
        for (String token : more) {
            made.types.putIfAbsent(token, type);
        }
        made.write(sketch, model);
    }

    private void write(ModelSketch sketch, String model) {
        sketch.values.keySet().removeIf(key -> key.startsWith(PREFIX));
        List<String> tokens = List.copyOf(types.keySet());
        sketch.values.put(PREFIX + "model", Value.string(model));
        if (model.equals("gpt2")) {
            sketch.values.put(PREFIX + "pre", Value.string("gpt-2"));
        }
        sketch.values.put(PREFIX + "tokens", Value.strings(tokens));
        sketch.values.put(PREFIX + "token_type", Value.integers(List.copyOf(types.values())));
        sketch.values.put(PREFIX + "scores", scores(tokens));
        if (model.equals("gpt2") || model.equals("gemma4")) {
            sketch.values.put(PREFIX + "merges", Value.strings(List.of("t h", "h e", "w h")));
        }
        int end = tokens.indexOf("<|im_end|>");
        for (String name : List.of("bos", "eos", "unknown", "padding", "seperator", "cls", "mask")) {
            sketch.values.put(PREFIX + name + "_token_id", Value.u32(name.equals("unknown") ? 0 : end));
        }
        sketch.values.put("tokenizer.chat_template", Value.string(MicroLlama.CHATML));
        sketch.values.put(sketch.architecture() + ".vocab_size", Value.u32(tokens.size()));
        int embedding = sketch.tensor("token_embd.weight");
        if (embedding >= 0) {
            ModelSketch.Tensor tensor = sketch.tensors.get(embedding);
            sketch.tensors.set(
                    embedding, tensor.withShape(List.of(tensor.shape().get(0), (long) tokens.size())));
        }
    }

    private static Value scores(List<String> tokens) {
        ByteBuffer scores = ByteBuffer.allocate(4 * tokens.size()).order(ByteOrder.LITTLE_ENDIAN);
        tokens.forEach(token -> scores.putFloat(-1f / (1 + token.length())));
        return Value.array(ModelSketch.F32, tokens.size(), scores.array());
    }

    private void special() {
        types.put("<unk>", UNKNOWN);
        for (String token : List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>")) {
            types.put(token, CONTROL);
        }
        MicroLlama.CONTROL_TOKENS.forEach(token -> types.put(token, CONTROL));
    }

    private void byteLevel() {
        special();
        for (int b = 0; b < 256; b++) {
            types.put(String.valueOf(byteLevel(b)), NORMAL);
        }
        types.put("th", NORMAL);
        types.put("he", NORMAL);
    }

    private void pieces() {
        special();
        for (int b = 0; b < 256; b++) {
            types.put("<0x" + hex(b).toUpperCase(Locale.ROOT) + ">", BYTE);
        }
        types.put(SPACE, NORMAL);
        for (String word : WORDS) {
            types.put(SPACE + word, NORMAL);
            for (int end = 1; end <= word.length(); end++) {
                types.putIfAbsent(word.substring(0, end), NORMAL);
                types.putIfAbsent(word.substring(end - 1, end), NORMAL);
            }
        }
    }

    private void wordPieces() {
        special();
        for (char c = 'a'; c <= 'z'; c++) {
            types.put(SPACE + c, NORMAL);
            types.put(String.valueOf(c), NORMAL);
        }
        for (String word : WORDS) {
            types.put(SPACE + word, NORMAL);
        }
    }

    /** A token for each byte, as RWKV's files write them. */
    private void escaped() {
        special();
        for (int b = 0; b < 256; b++) {
            boolean literal = b >= ' ' && b < 0x7f && b != '\\' && b != '\'';
            types.put(literal ? String.valueOf((char) b) : "\\x" + hex(b), NORMAL);
        }
        for (String word : WORDS) {
            types.putIfAbsent(word, NORMAL);
        }
    }

    private static String hex(int b) {
        return Integer.toHexString(0x100 + b).substring(1);
    }

    /** The character by which byte-level vocabularies write a byte. */
    private static char byteLevel(int b) {
        boolean itself = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae && b <= 0xff;
        if (itself) {
            return (char) b;
        }
        int shifted = b <= 0x20 ? b : b <= 0xa0 ? b - 0x7f + 0x21 : 0x43;
        return (char) (0x100 + shifted);
    }
}
