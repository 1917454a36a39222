package dev.demur.hostile;

import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.MicroLlama;
import dev.demur.hostile.ModelSketch.Fill;
import dev.demur.hostile.ModelSketch.Tensor;
import dev.demur.hostile.ModelSketch.Value;
import java.util.List;
import java.util.Set;

/** What llama.cpp knows by name, and models to begin with. */
final class Architectures {

    /** The ones of which models are in use; the first {@link #FEW} serve the short run. */
    static final List<String> NAMES = List.of(
            ("llama qwen2 qwen3 gemma gemma2 gemma3 phi2 phi3 gpt2 mamba rwkv6 stablelm falcon deepseek2 qwen2moe olmo2 bert t5"
                            + " llama4 deci grok gptj gptneox mpt baichuan starcoder refact modern-bert nomic-bert"
                            + " nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert bloom qwen qwen2vl qwen3moe"
                            + " qwen3next qwen3vl qwen3vlmoe qwen35 qwen35moe phimoe plamo plamo2 plamo3 codeshell orion"
                            + " internlm2 minicpm minicpm3 gemma3n gemma4 gemma-embedding starcoder2 mamba2 jamba falcon-h1"
                            + " xverse command-r cohere2 cohere2moe dbrx olmo olmoe openelm arctic deepseek deepseek32"
                            + " deepseek4 chatglm glm4 glm4moe glm-dsa bitnet t5encoder jais jais2 nemotron nemotron_h"
                            + " nemotron_h_moe exaone exaone4 exaone-moe rwkv6qwen2 rwkv7 arwkv7 granite granitemoe"
                            + " granitehybrid chameleon wavtokenizer-dec plm bailingmoe bailingmoe2 dots1 arcee afmoe"
                            + " ernie4_5 ernie4_5-moe hunyuan-moe hunyuan-dense smollm3 gpt-oss lfm2 lfm2moe dream"
                            + " smallthinker llada llada-moe seed_oss grovemoe apertus minimax-m2 cogvlm rnd1"
                            + " pangu-embedded mistral3 mistral4 mimo2 step35 kimi-linear paddleocr maincoder eagle3 clip")
                    .split(" "));

    static final int FEW = 18;

    /** The keys under an architecture's name that llama.cpp reads. */
    static final List<String> KEYS =
            List.of(("activation.situ_beta adapters.count adapters.lora_rank attention.causal attention.clamp_kqv"
                            + " attention.decay_lora_rank attention.gate_lora_rank attention.group_norm_epsilon"
                            + " attention.group_norm_groups attention.head_count attention.head_count_kv"
                            + " attention.iclr_lora_rank attention.indexer.block_size attention.indexer.head_count"
                            + " attention.indexer.key_length attention.indexer.top_k attention.key_length"
                            + " attention.key_length_mla attention.key_length_swa attention.kv_lora_rank"
                            + " attention.layer_norm_epsilon attention.layer_norm_rms_epsilon attention.max_alibi_bias"
                            + " attention.output_scale attention.q_lora_rank attention.recurrent_layers"
                            + " attention.relative_buckets_count attention.scale attention.shared_kv_layers"
                            + " attention.sliding_window attention.sliding_window_pattern attention.temperature_length"
                            + " attention.temperature_scale attention.value_length attention.value_length_mla"
                            + " attention.value_length_swa attention.value_residual_mix_lora_rank attn_logit_softcapping"
                            + " block_count classifier.output_labels context_length convnext.block_count"
                            + " convnext.embedding_length decoder_block_count decoder_start_token_id embedding_length"
                            + " embedding_length_out embedding_length_per_layer_input embedding_scale"
                            + " expert_chunk_feed_forward_length expert_count expert_feed_forward_length"
                            + " expert_gating_func expert_group_count expert_group_scale expert_group_used_count"
                            + " expert_shared_count expert_shared_feed_forward_length expert_used_count"
                            + " expert_weights_norm expert_weights_scale experts_per_group features_length"
                            + " feed_forward_length final_logit_softcapping full_attention_interval hidden_activation"
                            + " interleave_moe_layer_step kda.head_dim leading_dense_block_count logit_scale"
                            + " moe_every_n_layers moe_latent_size n_deepstack_layers nextn_predict_layers num_loops"
                            + " pooling_type posnet.block_count posnet.embedding_length rescale_every_n_layers"
                            + " residual_scale rope.dimension_count rope.dimension_count_swa rope.dimension_sections"
                            + " rope.freq_base rope.freq_base_swa rope.scale_linear rope.scaling.alpha"
                            + " rope.scaling.attn_factor rope.scaling.factor rope.scaling.finetuned"
                            + " rope.scaling.original_context_length rope.scaling.type rope.scaling.yarn_attn_factor"
                            + " rope.scaling.yarn_beta_fast rope.scaling.yarn_beta_slow rope.scaling.yarn_ext_factor"
                            + " rope.scaling.yarn_log_multiplier router_logit_softcapping shortconv.l_cache"
                            + " ssm.conv_kernel ssm.dt_b_c_rms ssm.group_count ssm.inner_size ssm.state_size"
                            + " ssm.time_step_rank swin_norm tensor_data_layout time_decay_extra_dim time_mix_extra_dim"
                            + " token_shift_count use_parallel_residual vocab_size wkv.head_size")
                    .split(" "));

    static final List<String> TOKENIZER_KEYS = List.of(("model pre tokens token_type scores merges precompiled_charsmap"
                    + " bos_token_id eos_token_id eot_token_id eom_token_id unknown_token_id separator_token_id"
                    + " seperator_token_id padding_token_id mask_token_id cls_token_id add_bos_token add_eos_token"
                    + " add_sep_token add_space_prefix remove_extra_whitespaces token_type_count fim_pre_token_id"
                    + " fim_suf_token_id fim_mid_token_id prefix_token_id suffix_token_id middle_token_id")
            .split(" "));

    static final List<String> TOKENIZERS =
            List.of("llama", "gpt2", "bert", "t5", "rwkv", "plamo2", "gemma4", "none", "no_vocab", "", "hf");

    static final List<String> PRE_TOKENIZERS =
            List.of(("default llama-bpe llama3 deepseek-llm deepseek-coder falcon mpt"
                            + " starcoder gpt-2 jina-es refact command-r qwen2 stablelm2 olmo dbrx smaug-bpe poro-chat"
                            + " chatglm-bpe viking jais tekken smollm codeshell bloom gpt3-finnish exaone chameleon minerva-7b"
                            + " megrez gpt-4o superbpe trillion kimi-k2 llama4 nonsense")
                    .split(" "));

    /** The architectures whose models have experts. */
    private static final Set<String> WITH_EXPERTS = Set.of(
            "qwen2moe",
            "qwen3moe",
            "qwen3vlmoe",
            "qwen3next",
            "qwen4exp",
            "qwen35moe",
            "deepseek",
            "deepseek2",
            "deepseek32",
            "deepseek4",
            "dbrx",
            "grok",
            "phimoe",
            "olmoe",
            "arctic",
            "granitemoe",
            "glm4moe",
            "glm-dsa",
            "bailingmoe",
            "bailingmoe2",
            "dots1",
            "ernie4_5-moe",
            "hunyuan-moe",
            "gpt-oss",
            "lfm2moe",
            "smallthinker",
            "llada-moe",
            "grovemoe",
            "minimax-m2",
            "llama4",
            "nomic-bert-moe",
            "nemotron_h_moe",
            "exaone-moe",
            "afmoe",
            "cohere2moe",
            "rnd1",
            "mimo2",
            "jamba");

    private Architectures() {}

    /** The keys and the vocabulary of a tiny model, without tensors: {@link ModelGrower} adds them. */
    static ModelSketch seed(String architecture, long seed) {
        GgufBuilder builder = seed % 2 == 0 ? MicroLlama.bytePair(1) : MicroLlama.sentencePiece(1);
        ModelSketch sketch = ModelSketch.of(builder.build());
        sketch.tensors.clear();
        sketch.architecture(architecture);
        String prefix = architecture + ".";
        sketch.values.put(prefix + "attention.layer_norm_epsilon", Value.f32(1e-5f));
        if (architecture.contains("bert")) {
            sketch.values.put("tokenizer.ggml.token_type_count", Value.u32(2));
        }
        if (WITH_EXPERTS.contains(architecture)) {
            sketch.values.put(prefix + "expert_count", Value.u32(4));
            sketch.values.put(prefix + "expert_used_count", Value.u32(2));
        }
        insist(sketch, prefix);
        return sketch;
    }

    /** What llama.cpp insists on without naming it, and layers of both kinds where there are two. */
    private static void insist(ModelSketch sketch, String prefix) {
        switch (sketch.architecture()) {
            case "deepseek2", "deepseek2-ocr", "deepseek32", "glm-dsa", "mistral4", "dots3note", "kimi-linear" -> {
                put(sketch, "attention.key_length", 16);
                put(sketch, "attention.value_length", 8);
                put(sketch, "attention.key_length_mla", 16);
                put(sketch, "attention.value_length_mla", 8);
                put(sketch, "attention.kv_lora_rank", 8);
                put(sketch, "attention.head_count_kv", 1);
                put(sketch, "attention.indexer.key_length", 64);
            }
            case "deepseek4" -> {
                put(sketch, "attention.key_length", 16);
                put(sketch, "attention.value_length", 16);
                put(sketch, "attention.head_count_kv", 1);
                put(sketch, "attention.indexer.key_length", 64);
                put(sketch, "attention.output_group_count", 2);
                put(sketch, "expert_gating_func", 4);
                put(sketch, "expert_shared_count", 1);
                put(sketch, "hash_layer_count", 1);
                sketch.values.put(prefix + "attention.compress_ratios", Value.integers(List.of(0, 4)));
                int tokens = sketch.values.get("tokenizer.ggml.tokens").count();
                sketch.tensors.add(
                        new Tensor("blk.0.ffn_gate_tid2eid.weight", 26, List.of(2L, (long) tokens), Fill.ZEROS));
            }
            case "arwkv7", "rwkv6qwen2" -> put(sketch, "token_shift_count", 1);
            case "rwkv7" -> put(sketch, "token_shift_count", 2);
            case "rwkv6" -> {
                put(sketch, "token_shift_count", 2);
                tensors(sketch, "time_mix_lerp_fused.weight", List.of(1L));
            }
            case "jamba", "nemotron_h", "nemotron_h_moe", "granitehybrid", "plamo2", "lfm2", "lfm2moe" ->
                sketch.values.put(prefix + "attention.head_count_kv", Value.integers(List.of(0, 2)));
            case "qwen3next", "minimax-01", "qwen35", "qwen35moe", "qwen4exp" ->
                put(sketch, "full_attention_interval", 2);
            case "llama4" -> put(sketch, "block_count", 4);
            case "gemma-embedding" -> put(sketch, "block_count", 6);
            case "bailingmoe3" -> sketch.values.put(prefix + "kda.gate_lower_bound", Value.f32(-1));
            case "graniteswitch" -> put(sketch, "adapters.count", 2);
            case "gemma4-assistant" -> put(sketch, "embedding_length_out", 32);
            case "maple", "olmoe", "dots1" -> {
                put(sketch, "expert_count", 4);
                put(sketch, "expert_used_count", 2);
            }
            case "phi3" -> put(sketch, "attention.sliding_window", 32);
            case "jina-bert-v2" -> tensors(sketch, "ffn_up.weight", List.of(32L, 64L));
            case "laguna" -> tensors(sketch, "attn_gate.weight", List.of(32L, 4L));
            default -> {}
        }
    }

    private static void put(ModelSketch sketch, String name, long value) {
        sketch.values.put(sketch.architecture() + "." + name, Value.u32(value));
    }

    private static void tensors(ModelSketch sketch, String name, List<Long> shape) {
        for (int block = 0; block < 2; block++) {
            sketch.tensors.add(new Tensor("blk." + block + "." + name, 0, shape, Fill.NOISE));
        }
    }
}
