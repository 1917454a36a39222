package dev.demur.gguf;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an architecture's numbers must keep. llama.cpp checks most of them by failing the load; these are the ones over
 * which it ends the process: it divides by them, takes memory for them, or asserts them.
 */
final class HyperparameterRules {

    /** The most dimensions of a head, of which each position of a context holds some; several times what is in use. */
    private static final int MOST_HEAD = 1 << 13;

    /** The most positions that a convolution may go over, a hundred times what is in use. */
    private static final int MOST_SHIFTED = 512;

    /** The most numbers of the state that a block keeps of each sequence, twice what the largest models in use have. */
    private static final int MOST_STATE = 1 << 23;

    /** An integer, or an array with one for each layer, and the values that it may have. */
    private record IntegerRule(String name, long least, long most) {}

    private static final IntegerRule[] INTEGERS = {
        new IntegerRule("context_length", 1, Integer.MAX_VALUE),
        new IntegerRule("embedding_length", 1, Integer.MAX_VALUE),
        new IntegerRule("block_count", 1, 512),
        new IntegerRule("feed_forward_length", 0, Integer.MAX_VALUE),
        new IntegerRule("vocab_size", 1, 1 << 24),
        new IntegerRule("attention.head_count", 0, 1 << 20),
        new IntegerRule("attention.head_count_kv", 0, 1 << 20),
        new IntegerRule("attention.key_length", 1, MOST_HEAD),
        new IntegerRule("attention.value_length", 1, MOST_HEAD),
        new IntegerRule("attention.key_length_swa", 1, MOST_HEAD),
        new IntegerRule("attention.value_length_swa", 1, MOST_HEAD),
        new IntegerRule("attention.key_length_mla", 1, MOST_HEAD),
        new IntegerRule("attention.value_length_mla", 1, MOST_HEAD),
        new IntegerRule("rope.dimension_count", 0, 1 << 20),
        new IntegerRule("rope.dimension_count_swa", 0, 1 << 20),
        new IntegerRule("rope.dimension_sections", 0, 1 << 20),
        new IntegerRule("ssm.group_count", 0, 1 << 20),
        new IntegerRule("wkv.head_size", 1, 1 << 20),
        new IntegerRule("ssm.time_step_rank", 0, 1 << 20),
        new IntegerRule("ssm.conv_kernel", 0, MOST_SHIFTED),
        new IntegerRule("shortconv.l_cache", 0, MOST_SHIFTED),
        new IntegerRule("token_shift_count", 0, 16),
        new IntegerRule("attention.output_group_count", 1, 1 << 20),
        new IntegerRule("hyper_connection.sinkhorn_iterations", 1, 1000),
        new IntegerRule("attention.indexer.types", 0, 255),
        new IntegerRule("full_attention_interval", 1, 1 << 20),
        new IntegerRule("expert_count", 0, 1024),
        new IntegerRule("expert_used_count", 0, 1024),
    };

    private static final String[] EPSILONS = {
        "attention.layer_norm_epsilon", "attention.layer_norm_rms_epsilon", "attention.group_norm_epsilon"
    };

    /** Those of which it is known that they divide by the heads of the first block in any case. */
    private static final Set<String> BLOCKS_ARE_ALIKE = Set.of("olmo2", "phimoe");

    /** Those that are nothing without experts; most of them divide by the number that is used before they ask for any. */
    private static final Set<String> HAVE_EXPERTS =
            Set.of("qwen2moe", "qwen3moe", "qwen35moe", "qwen3vlmoe", "qwen3next", "qwen4exp", "rnd1", "llada-moe");

    private final String file;
    private final Metadata metadata;
    private final String prefix;

    private HyperparameterRules(GgufContents contents, String architecture) {
        this.file = contents.file();
        this.metadata = contents.metadata();
        this.prefix = architecture.concat(".");
    }

    static void check(GgufContents contents, String architecture) {
        HyperparameterRules rules = new HyperparameterRules(contents, architecture);
        for (IntegerRule rule : INTEGERS) {
            rules.checkInteger(rule);
        }
        for (String epsilon : EPSILONS) {
            rules.checkEpsilon(epsilon);
        }
        rules.checkHeads();
        rules.checkIndexers();
        rules.checkStateGroups();
        rules.checkStates();
        rules.checkExperts();
        rules.checkPredictionLayers();
    }

    private void checkInteger(IntegerRule rule) {
        String key = prefix.concat(rule.name());
        MetadataEntry entry = metadata.entry(key);
        if (entry == null) {
            return;
        }
        if (entry.elementType() == null
                ? !entry.type().isInteger()
                : !entry.isArrayOf(ValueType.I32) && !entry.isArrayOf(ValueType.U32)) {
            throw metadata.wrongType(entry, "an integer");
        }
        for (int i = 0; i < entry.count(); i++) {
            long value = metadata.integerAt(entry, i);
            if (value < rule.least() || value > rule.most()) {
                throw GgufException.unusable(
                        file, key + " is " + value + ", not from " + rule.least() + " to " + rule.most());
            }
        }
    }

    private void checkEpsilon(String name) {
        String key = prefix.concat(name);
        double epsilon = metadata.number(key).orElse(0);
        if (!(epsilon >= 0 && epsilon < 1)) {
            throw GgufException.unusable(file, key + " is " + epsilon + ", not a small positive number");
        }
    }

    /** Query heads share key heads evenly. */
    private void checkHeads() {
        MetadataEntry heads = metadata.entry(prefix.concat("attention.head_count"));
        checkSomeHeads(heads);
        MetadataEntry keyHeads = metadata.entry(prefix.concat("attention.head_count_kv"));
        if (heads == null || keyHeads == null || heads.count() == 0 || keyHeads.count() == 0) {
            return;
        }
        int layers = Math.max(heads.count(), keyHeads.count());
        for (int i = 0; i < layers; i++) {
            long query = metadata.integerAt(heads, Math.min(i, heads.count() - 1));
            long key = metadata.integerAt(keyHeads, Math.min(i, keyHeads.count() - 1));
            requireMultiple(heads.key(), query, keyHeads.key(), key);
        }
    }

    /** llama.cpp divides the width by the first block's heads, where it takes all blocks for alike. */
    private void checkSomeHeads(@Nullable MetadataEntry heads) {
        if (heads == null || heads.elementType() == null) {
            return;
        }
        long most =
                heads.count() == 0 ? 1 : metadata.largestInteger(heads.key()).orElse(0);
        boolean alike = BLOCKS_ARE_ALIKE.contains(prefix.substring(0, prefix.length() - 1));
        if (most == 0 || alike && heads.count() > 0 && metadata.integerAt(heads, 0) == 0) {
            throw GgufException.unusable(
                    file, heads.key() + " is 0 for " + (most == 0 ? "all blocks" : "the first block"));
        }
    }

    /** Some block chooses the positions that others attend to; llama.cpp divides by the width of their keys. */
    private void checkIndexers() {
        String types = prefix.concat("attention.indexer.types");
        if (metadata.largestInteger(types).orElse(1) == 0) {
            throw GgufException.unusable(file, types + " is 0 for all blocks");
        }
    }

    /** The heads of a state space share its groups evenly; asserted by the threads that compute. */
    private void checkStateGroups() {
        String heads = prefix.concat("ssm.time_step_rank");
        String groups = prefix.concat("ssm.group_count");
        // Written by the converter of plamo2, which has no groups.
        if (metadata.integer(groups).orElse(1) == 0 && !prefix.equals("plamo2.")) {
            throw GgufException.unusable(file, groups + " is 0");
        }
        requireMultiple(
                heads,
                metadata.integer(heads).orElse(0),
                groups,
                metadata.integer(groups).orElse(0));
    }

    /** Memory is taken for the states of all sequences at once, of which tensors need not be large. */
    private void checkStates() {
        requireState("ssm.state_size", "ssm.inner_size");
        requireState("wkv.head_size", "embedding_length");
        requireState("kda.head_dim", "kda.head_dim", "attention.head_count");
        if (prefix.equals("minimax-01.")) {
            requireState("attention.key_length", "attention.key_length", "attention.head_count");
        }
    }

    private void requireState(String... extents) {
        double numbers = 1;
        List<String> told = new ArrayList<>();
        for (String extent : extents) {
            long value = metadata.largestInteger(prefix.concat(extent)).orElse(0);
            numbers *= value;
            told.add(prefix + extent + " is " + value);
        }
        if (numbers > MOST_STATE) {
            throw GgufException.unusable(
                    file,
                    String.join(", ", told) + ": the state of a block would have more than " + MOST_STATE + " numbers");
        }
    }

    private void requireMultiple(String key, long value, String sharedKey, long shared) {
        if (shared > 0 && value % shared != 0) {
            throw GgufException.unusable(file, key + " is " + value + ", no multiple of " + sharedKey + ", " + shared);
        }
    }

    private void checkExperts() {
        long experts = metadata.integer(prefix.concat("expert_count")).orElse(0);
        long used = metadata.largestInteger(prefix.concat("expert_used_count")).orElse(0); // of all blocks, or of each
        if (used > experts || (used == 0) != (experts == 0)) {
            throw GgufException.unusable(file, prefix + "expert_used_count is " + used + " of " + experts + " experts");
        }
        if (experts == 0 && HAVE_EXPERTS.contains(prefix.substring(0, prefix.length() - 1))) {
            throw GgufException.unusable(
                    file, prefix + "expert_count says of no experts, of which this architecture is made");
        }
    }

    /** The layers that predict further tokens are the last of all layers. */
    private void checkPredictionLayers() {
        String key = prefix.concat("nextn_predict_layers");
        long layers = metadata.integer(prefix.concat("block_count")).orElse(0);
        long predicting = metadata.integer(key).orElse(0);
        if (predicting < 0 || predicting > layers) {
            throw GgufException.unusable(file, key + " is " + predicting + " of " + layers + " layers");
        }
    }
}
