package dev.demur.gguf;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the blocks of a model must hold, and how many there must be. llama.cpp takes these tensors for optional when it
 * loads a file, or lets a number be what it likes, and reads through a null pointer when it computes.
 */
final class BlockRules {

    private static final String BLOCK = "blk.";

    private static final String[] QUERY_KEY_VALUE = {"attn_q.weight", "attn_k.weight", "attn_v.weight"};
    private static final String[] FUSED = {"attn_qkv.weight"};
    /** Of latent attention, which has its queries and keys in other tensors. */
    private static final String[] LATENT = {"attn_kv_a_mqa.weight"};

    private static final String[] GATED_INPUT = {"attn_qkv.weight", "attn_gate.weight"};
    private static final String[] STATE_SPACE_INPUT = {"ssm_in.weight"};

    private static final String[] EXPERTS = {"ffn_up_exps.weight", "ffn_down_exps.weight"};
    private static final String[] GATED_EXPERTS = {"ffn_gate_exps.weight", "ffn_up_exps.weight", "ffn_down_exps.weight"
    };
    private static final String[] JOINED_EXPERTS = {"ffn_gate_up_exps.weight", "ffn_down_exps.weight"};

    private static final String[] CONVOLUTION_BIAS = {"ssm_conv1d.bias"};

    /** Those whose experts have gates, though llama.cpp does not insist on them. */
    private static final Set<String> EXPERTS_HAVE_GATES =
            Set.of("llama", "grok", "granite", "granitemoe", "minicpm", "llama4");

    private static final Set<String> CONVOLUTIONS_HAVE_BIASES = Set.of("falcon-h1", "granitehybrid");

    /** What chooses the positions that are attended to, in a block that does not take another's choice. */
    private static final String[] INDEXER = {
        "indexer.attn_q_b.weight", "indexer.attn_k.weight", "indexer.k_norm.weight", "indexer.proj.weight"
    };

    /** Those that choose the positions that are attended to, by keys of which they keep a cache for each kind of block. */
    private static final Set<String> HAVE_INDEXERS = Set.of("deepseek32", "deepseek4", "glm-dsa", "dots3note");

    /** Of the blocks that choose in deepseek4: how many positions become one. */
    private static final int CHOOSING_RATIO = 4;

    /** From this context length on, of the blocks after the second only every fourth chooses, where the file says nothing. */
    private static final long SHARED_CHOICE_CONTEXT = 1 << 20;

    /** Architectures whose layers alternate, so many of one kind and then one of the other. */
    private record Pattern(String architecture, int layers) {}

    private static final Pattern[] PATTERNS = {new Pattern("gemma3", 6), new Pattern("cohere2", 4)};

    /** Those that attend within a window in any case. */
    private static final Set<String> HAVE_WINDOWS = Set.of("afmoe");

    /** Those that rotate by sections, though llama.cpp does not insist on being told which. */
    private static final Set<String> HAVE_SECTIONS = Set.of("paddleocr");

    private final String file;
    private final Metadata metadata;
    private final String architecture;
    private final Set<String> names = new HashSet<>();

    private BlockRules(GgufContents first, String architecture, List<GgufContents> parts) {
        this.file = first.file();
        this.metadata = first.metadata();
        this.architecture = architecture;
        for (GgufContents part : parts) {
            for (TensorInfo tensor : part.tensors()) {
                names.add(tensor.name());
            }
        }
    }

    /** Checks the tensors of all parts of a model together. */
    static void check(String architecture, List<GgufContents> parts) {
        BlockRules rules = new BlockRules(parts.get(0), architecture, parts);
        rules.checkLayers();
        rules.checkIndexers();
        for (String name : rules.names) {
            if (name.startsWith(BLOCK)) {
                rules.checkBlock(name);
            }
        }
    }

    private void checkLayers() {
        for (Pattern pattern : PATTERNS) {
            String key = architecture.concat(".block_count");
            long layers = metadata.integer(key).orElse(0);
            if (pattern.architecture().equals(architecture) && layers < pattern.layers()) {
                throw GgufException.unusable(
                        file, key + " is " + layers + ", but the layers' pattern has " + pattern.layers());
            }
        }
        String window = architecture.concat(".attention.sliding_window");
        String sections = architecture.concat(".rope.dimension_sections");
        if (HAVE_SECTIONS.contains(architecture) && !metadata.has(sections)) {
            throw GgufException.unusable(file, sections + " is missing");
        }
        if (HAVE_WINDOWS.contains(architecture) && metadata.integer(window).orElse(0) <= 0) {
            throw GgufException.unusable(file, window + " is missing or 0");
        }
    }

    /** llama.cpp divides by the size of the keys in a cache, also of one without blocks, where it is to mix them. */
    private void checkIndexers() {
        String blocks = architecture.concat(".block_count");
        if (!HAVE_INDEXERS.contains(architecture) || !metadata.has(blocks)) {
            return;
        }
        long size = number("attention.key_length");
        if (size != 0 && size == number("attention.indexer.key_length")) {
            throw GgufException.unusable(
                    file,
                    architecture + ".attention.key_length and " + architecture
                            + ".attention.indexer.key_length are both " + size + ", but must differ");
        }
        long layers = number("block_count") - number("nextn_predict_layers");
        for (int i = 0; i < layers; i++) {
            if (hasIndexer(i)) {
                return;
            }
        }
        throw GgufException.unusable(
                file, blocks + ": none of the " + layers + " blocks chooses positions, as this architecture must");
    }

    private boolean hasIndexer(int index) {
        return switch (architecture) {
            case "glm-dsa" -> chooses(index);
            case "dots3note" -> isAt("attention.indexer.types", index, 1, Long.MAX_VALUE);
            case "deepseek4" -> isAt("attention.compress_ratios", index, CHOOSING_RATIO, CHOOSING_RATIO);
            default -> true;
        };
    }

    /** Whether the number of a block is in this range; any block's, where the file has none, which llama.cpp refuses. */
    private boolean isAt(String name, int index, long least, long most) {
        MetadataEntry entry = metadata.entry(architecture.concat(".").concat(name));
        if (entry == null || entry.elementType() == null) {
            return true;
        }
        long value = index < entry.count() ? metadata.integerAt(entry, index) : 0;
        return value >= least && value <= most;
    }

    /** What has to stand beside the tensor in its block. */
    private void checkBlock(String name) {
        int end = name.indexOf('.', BLOCK.length()) + 1;
        String block = name.substring(0, end);
        switch (name.substring(end)) {
            case "attn_output.weight" -> checkAttention(block);
            case "attn_kv_a_mqa.weight" -> {
                if (architecture.equals("glm-dsa") && chooses(index(block))) {
                    require(block, name, INDEXER);
                }
            }
            case "ssm_out.weight" -> require(block, name, STATE_SPACE_INPUT, GATED_INPUT);
            case "ffn_gate_inp.weight" -> {
                require(
                        block,
                        name,
                        EXPERTS_HAVE_GATES.contains(architecture) ? GATED_EXPERTS : EXPERTS,
                        JOINED_EXPERTS);
                requireSome(block, "expert_used_count", "there are experts");
            }
            case "ssm_conv1d.weight" -> {
                if (CONVOLUTIONS_HAVE_BIASES.contains(architecture)) {
                    require(block, name, CONVOLUTION_BIAS);
                }
            }
            default -> {}
        }
    }

    private void checkAttention(String block) {
        // Deci has blocks that only multiply, and some models take keys and values from another block.
        boolean multiplies = architecture.equals("deci");
        requireHeads(block, "head_count", true);
        if (!multiplies) {
            requireHeads(block, "head_count_kv", false);
        }
        if (!multiplies && !metadata.has(architecture.concat(".attention.shared_kv_layers"))) {
            require(block, block.concat("attn_output.weight"), FUSED, QUERY_KEY_VALUE, LATENT);
        }
    }

    /** Whether a block of glm-dsa chooses positions by itself. */
    private boolean chooses(int index) {
        long layers = number("block_count") - number("nextn_predict_layers");
        if (index < 0 || index >= layers) {
            return false;
        }
        MetadataEntry types = metadata.entry(architecture.concat(".attention.indexer.types"));
        if (types == null) {
            return number("context_length") < SHARED_CHOICE_CONTEXT || index < 2 || index % 4 == 2;
        }
        int at = types.elementType() == null ? 0 : index;
        return at < types.count() && metadata.integerAt(types, at) != 0;
    }

    private long number(String name) {
        return metadata.integer(architecture.concat(".").concat(name)).orElse(0);
    }

    /** A block's heads; llama.cpp divides by them. */
    private void requireHeads(String block, String name, boolean always) {
        String heads = "attention.".concat(name);
        if (always && !metadata.has(architecture.concat(".").concat(heads))) {
            throw missing(architecture + "." + heads, "there is attention");
        }
        requireSome(block, heads, "there is attention");
    }

    /** A number that is not 0 for the block, where the file has it. */
    private void requireSome(String block, String name, String reason) {
        String key = architecture.concat(".").concat(name);
        MetadataEntry entry = metadata.entry(key);
        if (entry == null || entry.count() == 0) {
            return;
        }
        int index = entry.elementType() == null ? 0 : index(block);
        if (index >= 0 && index < entry.count() && metadata.integerAt(entry, index) == 0) {
            throw missing(
                    key,
                    entry.elementType() == null ? reason : reason + " in " + block.substring(0, block.length() - 1));
        }
    }

    private GgufException missing(String key, String reason) {
        return GgufException.unusable(file, key + " is missing or 0, but " + reason);
    }

    /** The number in {@code blk.12.}; -1 where that is none. */
    private static int index(String block) {
        int index = 0;
        for (int i = BLOCK.length(); i < block.length() - 1; i++) {
            int digit = block.charAt(i) - '0';
            if (digit < 0 || digit > 9 || index > 1 << 16) {
                return -1;
            }
            index = 10 * index + digit;
        }
        return index;
    }

    private void require(String block, String tensor, String[]... alternatives) {
        for (String[] alternative : alternatives) {
            if (hasAll(block, alternative)) {
                return;
            }
        }
        throw GgufException.unusable(
                file,
                "tensor " + tensor + " stands without " + block + String.join(" and ".concat(block), alternatives[0]));
    }

    private boolean hasAll(String block, String[] tensors) {
        for (String tensor : tensors) {
            if (!names.contains(block.concat(tensor))) {
                return false;
            }
        }
        return true;
    }
}
