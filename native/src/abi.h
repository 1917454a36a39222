/*
 * llama.cpp's binary interface, as far as libdemur uses it. Here and in abi.c, and nowhere else, stands what differs
 * between its releases; everything is found by exports and by the layout of default parameters, never by a version.
 */
#ifndef DEMUR_ABI_H
#define DEMUR_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct llama_model;
struct llama_vocab;
struct llama_context;
struct ggml_backend_device;
struct ggml_backend_buffer_type;
struct ggml_context;
struct ggml_cgraph;
struct ggml_tensor;

typedef struct abi_batch {
    int32_t n_tokens;
    int32_t *token;
    float *embd;
    int32_t *pos;
    int32_t *n_seq_id;
    int32_t **seq_id;
    int8_t *logits;
} abi_batch;

typedef struct abi_message {
    const char *role;
    const char *content;
} abi_message;

struct llama_sampler;

typedef struct abi_chain_params {
    bool no_perf;
} abi_chain_params;

/* What a chain of samplers in the compute graph hands on; what is not NULL at its end is brought to the host. */
typedef struct abi_sampler_data {
    struct ggml_tensor *logits;
    struct ggml_tensor *probs;
    struct ggml_tensor *sampled;
    struct ggml_tensor *candidates;
} abi_sampler_data;

/* A sampler's functions; newer releases know more at the end, which may all be NULL. */
typedef struct abi_sampler_functions {
    const char *(*name)(const struct llama_sampler *);
    void (*accept)(struct llama_sampler *, int32_t token);
    void (*apply)(struct llama_sampler *, void *candidates);
    void (*reset)(struct llama_sampler *);
    struct llama_sampler *(*clone)(const struct llama_sampler *);
    void (*free)(struct llama_sampler *);
    /* From here on in the compute graph; whether the device of these buffers can do what graph_apply asks. */
    bool (*graph_init)(struct llama_sampler *, struct ggml_backend_buffer_type *, uint32_t outputs);
    void (*graph_accept)(struct llama_sampler *, struct ggml_context *, struct ggml_cgraph *,
                         struct ggml_tensor *token);
    void (*graph_apply)(struct llama_sampler *, struct ggml_context *, struct ggml_cgraph *, abi_sampler_data *);
    void (*graph_set_input)(struct llama_sampler *);
    void (*later[8])(void);
} abi_sampler_functions;

typedef struct abi_ggml_params {
    size_t size;
    void *memory;
    bool no_allocation;
} abi_ggml_params;

enum { ABI_F32 = 0, ABI_I32 = 26 }; /* types of tensors */

/*
 * Model or context parameters of any release. llama.cpp takes them by value as its last argument: on x86-64 (System V)
 * they lie on the stack, elsewhere behind a pointer, so a callee reads its own, smaller struct from the front of this.
 */
enum { ABI_PARAMS_SIZE = 512 };
typedef union abi_params {
    unsigned char bytes[ABI_PARAMS_SIZE];
    void *alignment;
} abi_params;

#define ABI_ADVICE "Name another build of llama.cpp (LoadOptions.withLlama, -Ddemur.llama or DEMUR_LLAMA)."

/* Every release has these. X(result, name, parameters) */
#define ABI_REQUIRED(X)                                                                                                \
    X(void, llama_backend_init, (void))                                                                                \
    X(void, llama_log_set, (void (*callback)(int, const char *, void *), void *data))                                  \
    X(const char *, llama_print_system_info, (void))                                                                   \
    X(struct llama_model *, llama_model_load_from_file, (const char *path, abi_params params))                         \
    X(void, llama_model_free, (struct llama_model *))                                                                  \
    X(struct llama_context *, llama_init_from_model, (struct llama_model *, abi_params params))                        \
    X(void, llama_free, (struct llama_context *))                                                                      \
    X(uint32_t, llama_n_ctx, (const struct llama_context *))                                                           \
    X(uint32_t, llama_n_batch, (const struct llama_context *))                                                         \
    X(void, llama_set_n_threads, (struct llama_context *, int32_t threads, int32_t batch_threads))                     \
    X(void, llama_set_abort_callback, (struct llama_context *, bool (*callback)(void *), void *data))                  \
    X(const struct llama_vocab *, llama_model_get_vocab, (const struct llama_model *))                                 \
    X(int32_t, llama_model_n_ctx_train, (const struct llama_model *))                                                  \
    X(int32_t, llama_model_n_embd, (const struct llama_model *))                                                       \
    X(int32_t, llama_model_n_layer, (const struct llama_model *))                                                      \
    X(uint64_t, llama_model_n_params, (const struct llama_model *))                                                    \
    X(uint64_t, llama_model_size, (const struct llama_model *))                                                        \
    X(int32_t, llama_model_desc, (const struct llama_model *, char *out, size_t size))                                 \
    X(bool, llama_model_has_encoder, (const struct llama_model *))                                                     \
    X(bool, llama_model_has_decoder, (const struct llama_model *))                                                     \
    X(int, llama_vocab_type, (const struct llama_vocab *))                                                             \
    X(int32_t, llama_vocab_n_tokens, (const struct llama_vocab *))                                                     \
    X(int32_t, llama_vocab_bos, (const struct llama_vocab *))                                                          \
    X(int32_t, llama_vocab_eos, (const struct llama_vocab *))                                                          \
    X(int32_t, llama_vocab_eot, (const struct llama_vocab *))                                                          \
    X(bool, llama_vocab_get_add_bos, (const struct llama_vocab *))                                                     \
    X(int, llama_vocab_get_attr, (const struct llama_vocab *, int32_t token))                                          \
    X(bool, llama_vocab_is_eog, (const struct llama_vocab *, int32_t token))                                           \
    X(int32_t, llama_tokenize,                                                                                         \
      (const struct llama_vocab *, const char *text, int32_t bytes, int32_t *ids, int32_t capacity, bool add_special,  \
       bool parse_special))                                                                                            \
    X(int32_t, llama_token_to_piece,                                                                                   \
      (const struct llama_vocab *, int32_t token, char *out, int32_t capacity, int32_t lstrip, bool special))          \
    X(void, llama_batch_free, (abi_batch batch))                                                                       \
    X(int32_t, llama_decode, (struct llama_context *, abi_batch batch))                                                \
    X(float *, llama_get_logits_ith, (struct llama_context *, int32_t index))                                          \
    X(int32_t, llama_chat_apply_template,                                                                              \
      (const char *chat_template, const abi_message *messages, size_t count, bool add_generation_prompt, char *out,    \
       int32_t capacity))                                                                                              \
    X(int32_t, llama_chat_builtin_templates, (const char **names, size_t capacity))                                    \
    X(size_t, ggml_backend_dev_count, (void))                                                                          \
    X(struct ggml_backend_device *, ggml_backend_dev_get, (size_t index))                                              \
    X(const char *, ggml_backend_dev_name, (struct ggml_backend_device *))                                             \
    X(const char *, ggml_backend_dev_description, (struct ggml_backend_device *))                                      \
    X(int, ggml_backend_dev_type, (struct ggml_backend_device *))                                                      \
    X(void, ggml_backend_dev_memory, (struct ggml_backend_device *, size_t * free, size_t * total))

/* NULL where a release has none. */
#define ABI_OPTIONAL(X)                                                                                                \
    X(const char *, llama_version, (void))                                                                             \
    X(uint32_t, llama_n_ctx_seq, (const struct llama_context *))                                                       \
    X(size_t, llama_max_parallel_sequences, (void))                                                                    \
    X(void *, llama_get_memory, (const struct llama_context *))                                                        \
    X(bool, llama_memory_seq_rm, (void *memory, int32_t sequence, int32_t from, int32_t to))                           \
    X(bool, llama_kv_self_seq_rm, (struct llama_context *, int32_t sequence, int32_t from, int32_t to))                \
    X(void, llama_memory_seq_cp, (void *memory, int32_t from, int32_t to, int32_t first, int32_t end))                 \
    X(void, llama_kv_self_seq_cp, (struct llama_context *, int32_t from, int32_t to, int32_t first, int32_t end))      \
    X(size_t, llama_state_seq_get_size, (struct llama_context *, int32_t sequence))                                    \
    X(size_t, llama_state_seq_get_data, (struct llama_context *, uint8_t * out, size_t size, int32_t sequence))        \
    X(size_t, llama_state_seq_set_data, (struct llama_context *, const uint8_t *in, size_t size, int32_t sequence))    \
    X(void, llama_kv_self_defrag, (struct llama_context *))                                                            \
    X(void, llama_kv_self_update, (struct llama_context *))                                                            \
    X(void *, ggml_set_abort_callback, (void (*callback)(const char *message)))                                        \
    X(void, ggml_backend_load_all_from_path, (const char *folder))                                                     \
    X(size_t, ggml_backend_reg_count, (void))                                                                          \
    X(void *, ggml_backend_reg_get, (size_t index))                                                                    \
    X(const char *, ggml_backend_reg_name, (void *backend))                                                            \
    X(size_t, ggml_backend_reg_dev_count, (void *backend))

/* What a look at the graph's tensors needs, and samplers in the compute graph need too; all of it or none. */
#define ABI_TENSORS(X)                                                                                                 \
    X(uint32_t, llama_n_ubatch, (const struct llama_context *))                                                        \
    X(const char *, ggml_get_name, (const struct ggml_tensor *))                                                       \
    X(int64_t, ggml_nelements, (const struct ggml_tensor *))                                                           \
    X(size_t, ggml_element_size, (const struct ggml_tensor *))                                                         \
    X(bool, ggml_is_contiguous, (const struct ggml_tensor *))                                                          \
    X(void, ggml_backend_tensor_get, (const struct ggml_tensor *, void *data, size_t offset, size_t bytes))

/* What samplers in the compute graph need besides; all of it or none. */
#define ABI_GRAPH(X)                                                                                                   \
    X(bool, llama_set_sampler, (struct llama_context *, int32_t sequence, struct llama_sampler * chain))               \
    X(int32_t, llama_get_sampled_token_ith, (struct llama_context *, int32_t index))                                   \
    X(float *, llama_get_sampled_probs_ith, (struct llama_context *, int32_t index))                                   \
    X(uint32_t, llama_get_sampled_probs_count_ith, (struct llama_context *, int32_t index))                            \
    X(float *, llama_get_sampled_logits_ith, (struct llama_context *, int32_t index))                                  \
    X(uint32_t, llama_get_sampled_logits_count_ith, (struct llama_context *, int32_t index))                           \
    X(int32_t *, llama_get_sampled_candidates_ith, (struct llama_context *, int32_t index))                            \
    X(uint32_t, llama_get_sampled_candidates_count_ith, (struct llama_context *, int32_t index))                       \
    X(struct llama_sampler *, llama_sampler_init, (const abi_sampler_functions *, void *state))                        \
    X(void, llama_sampler_free, (struct llama_sampler *))                                                              \
    X(abi_chain_params, llama_sampler_chain_default_params, (void))                                                    \
    X(struct llama_sampler *, llama_sampler_chain_init, (abi_chain_params params))                                     \
    X(void, llama_sampler_chain_add, (struct llama_sampler * chain, struct llama_sampler *))                           \
    X(struct llama_sampler *, llama_sampler_init_greedy, (void))                                                       \
    X(struct llama_sampler *, llama_sampler_init_dist, (uint32_t seed))                                                \
    X(struct llama_sampler *, llama_sampler_init_top_k, (int32_t k))                                                   \
    X(struct llama_sampler *, llama_sampler_init_top_n_sigma, (float n))                                               \
    X(struct ggml_context *, ggml_init, (abi_ggml_params params))                                                      \
    X(void, ggml_free, (struct ggml_context *))                                                                        \
    X(size_t, ggml_tensor_overhead, (void))                                                                            \
    X(size_t, ggml_graph_overhead, (void))                                                                             \
    X(struct ggml_cgraph *, ggml_new_graph, (struct ggml_context *))                                                   \
    X(void, ggml_build_forward_expand, (struct ggml_cgraph *, struct ggml_tensor *))                                   \
    X(int, ggml_graph_n_nodes, (struct ggml_cgraph *))                                                                 \
    X(struct ggml_tensor *, ggml_graph_node, (struct ggml_cgraph *, int index))                                        \
    X(void, ggml_set_input, (struct ggml_tensor *))                                                                    \
    X(void, ggml_backend_tensor_set, (struct ggml_tensor *, const void *data, size_t offset, size_t bytes))            \
    X(struct ggml_backend_device *, ggml_backend_buft_get_device, (struct ggml_backend_buffer_type *))                 \
    X(bool, ggml_backend_dev_supports_op, (struct ggml_backend_device *, const struct ggml_tensor *))                  \
    X(struct ggml_tensor *, ggml_new_tensor_1d, (struct ggml_context *, int type, int64_t count))                      \
    X(struct ggml_tensor *, ggml_view_1d, (struct ggml_context *, struct ggml_tensor *, int64_t count, size_t offset)) \
    X(struct ggml_tensor *, ggml_reshape_1d, (struct ggml_context *, struct ggml_tensor *, int64_t))                   \
    X(struct ggml_tensor *, ggml_reshape_2d, (struct ggml_context *, struct ggml_tensor *, int64_t, int64_t))          \
    X(struct ggml_tensor *, ggml_cont, (struct ggml_context *, struct ggml_tensor *))                                  \
    X(struct ggml_tensor *, ggml_add, (struct ggml_context *, struct ggml_tensor *, struct ggml_tensor *))             \
    X(struct ggml_tensor *, ggml_sub, (struct ggml_context *, struct ggml_tensor *, struct ggml_tensor *))             \
    X(struct ggml_tensor *, ggml_mul, (struct ggml_context *, struct ggml_tensor *, struct ggml_tensor *))             \
    X(struct ggml_tensor *, ggml_scale, (struct ggml_context *, struct ggml_tensor *, float))                          \
    X(struct ggml_tensor *, ggml_clamp, (struct ggml_context *, struct ggml_tensor *, float least, float most))        \
    X(struct ggml_tensor *, ggml_step, (struct ggml_context *, struct ggml_tensor *))                                  \
    X(struct ggml_tensor *, ggml_sigmoid, (struct ggml_context *, struct ggml_tensor *))                               \
    X(struct ggml_tensor *, ggml_soft_max, (struct ggml_context *, struct ggml_tensor *))                              \
    X(struct ggml_tensor *, ggml_argmax, (struct ggml_context *, struct ggml_tensor *))                                \
    X(struct ggml_tensor *, ggml_concat, (struct ggml_context *, struct ggml_tensor *, struct ggml_tensor *, int))     \
    X(struct ggml_tensor *, ggml_get_rows, (struct ggml_context *, struct ggml_tensor *, struct ggml_tensor * rows))   \
    X(struct ggml_tensor *, ggml_set_rows,                                                                             \
      (struct ggml_context *, struct ggml_tensor *, struct ggml_tensor * values, struct ggml_tensor * rows))

typedef struct abi {
#define ABI_FIELD(result, name, parameters) result(*name) parameters;
    ABI_REQUIRED(ABI_FIELD)
    ABI_OPTIONAL(ABI_FIELD)
    ABI_TENSORS(ABI_FIELD)
    ABI_GRAPH(ABI_FIELD)
#undef ABI_FIELD
    void *library;
    bool new_memory; /* llama_memory_*, not llama_kv_self_* */
    /*
     * Until June 2025 the matrix multiplication of llamafile counted its work in one variable for all contexts: two
     * decodes at the same time get wrong logits.
     */
    bool one_decode_at_a_time;
    bool integrated_gpus; /* device types: 2 is an integrated GPU and 3 an accelerator; else 2 is an accelerator */
    abi_params model_defaults;
    abi_params context_defaults;
    char backends[4096];     /* the folder that libggml-* were loaded from; empty where none were */
    size_t model_gpu_layers; /* offsets into the model's parameters */
    size_t model_progress;
    size_t context_evaluation; /* offset into the context's parameters */
    size_t context_unified;    /* the same; 0 where it was not found, or there is nothing to ask for */
    char no_tensors[192];      /* why nothing can look at the tensors of a graph that is computed; "" where it can */
    char no_graph[192];        /* why no sampler can work in the compute graph; "" where it can */
} abi;

/* The handle of the library at `path`, the same for the same file; NULL, and why in `error`. */
void *abi_library_open(const char *path, char *error);

/*
 * Resolves and probes an opened library and starts llama.cpp, its log going to `log`; backends are looked for in
 * `folder` where the library brings none along. May throw C++ exceptions.
 */
int32_t abi_start(abi *abi, void *library, const char *folder, void (*log)(int, const char *, void *), char *error);

/* Has llama.cpp load its backends where they are libraries of their own. May throw. */
void abi_load_backends(abi *abi, const char *folder);

/* Tries what samplers in the compute graph need, and fills in no_graph. May throw; failed assertions should be caught.
 */
void abi_start_graph(abi *abi);

/* What llama_sampler_init was given. */
void *abi_sampler_state(const struct llama_sampler *sampler);

/*
 * `devices` ends with NULL, with nothing before it for the processor alone; NULL: llama.cpp's choice. `gpu_layers` < 0:
 * the default. The callback returns false to stop. May throw.
 */
struct llama_model *abi_model_load(const abi *abi, const char *path, struct ggml_backend_device **devices,
                                   int32_t gpu_layers, bool (*progress)(float, void *), void *data);

/*
 * Is asked of every tensor of a graph that is computed, with `ask`, whether it wants to see it; then, once the tensor
 * is computed, it is called without. False then ends the computation.
 */
typedef bool (*abi_evaluation)(struct ggml_tensor *tensor, bool ask, void *data);

/* Whether sequences can share the cells of a context. */
bool abi_shares_cells(const abi *abi);

/*
 * Room for `size` positions in each of `sequences` sequences; where `cells` is not 0 and they can be shared, for as
 * many positions in all of them. `evaluation` may be NULL, and must be where no_tensors says why. May throw.
 */
struct llama_context *abi_context_create(const abi *abi, struct llama_model *model, uint32_t size, uint32_t cells,
                                         uint32_t batch, uint32_t sequences, abi_evaluation evaluation, void *data);

/* The most sequences of one context. */
uint32_t abi_max_sequences(const abi *abi);

/* What each sequence of a context can hold. */
uint32_t abi_context_size(const abi *abi, const struct llama_context *context, uint32_t sequences);

/*
 * llama_decode; an old memory that is `scattered` (tokens were forgotten) is packed where need be and the batch decoded
 * anew, which `again`, if it is not NULL, is told before. May throw.
 */
int32_t abi_decode(const abi *abi, struct llama_context *context, abi_batch batch, bool scattered,
                   void (*again)(void *), void *data);

/* False where this model's memory cannot forget a part of a sequence. May throw. */
bool abi_memory_remove(const abi *abi, struct llama_context *context, int32_t sequence, int32_t from, int32_t to);

/*
 * Has a sequence, which holds nothing, hold the first `count` tokens of another in the cells that they are in. False
 * where this release or this model's memory cannot do that; the sequence then may hold anything. May throw.
 */
bool abi_memory_share(const abi *abi, struct llama_context *context, int32_t from, int32_t to, int32_t count);

/* "cpu", "gpu", "igpu" or "accel". */
const char *abi_device_type(const abi *abi, struct ggml_backend_device *device);

#endif
