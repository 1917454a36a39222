/*
 * demur.h - the flat C API of libdemur.
 *
 * libdemur opens a llama.cpp shared library at run time, hides the differences between its releases, and reads
 * the probabilities of some tokens from rows of logits. The rules that turn these
 * probabilities into a decision are not here: they live once, in the Java package dev.demur.policy.
 *
 * Conventions, for every function below:
 *  - It returns a demur_status. On anything but DEMUR_OK it has written a sentence, NUL-terminated UTF-8, to `error`,
 *    a buffer of DEMUR_ERROR_SIZE bytes that the caller owns; `error` may be NULL. On DEMUR_OK `error` is untouched.
 *  - Bad arguments (NULL where a pointer is needed, sizes out of range, unknown ids) are DEMUR_ERROR_ARGUMENT: they
 *    never crash, and nothing has happened. Handles must be ones that this library returned and that are not freed.
 *  - No C++ exception, no output to stdout or stderr, no call into Java.
 *  - Text is UTF-8. Text that comes in is NUL-terminated unless a length goes with it. Text that goes out goes to
 *    `out`, a buffer of `capacity` bytes, without a NUL; `*length` gets the full length in bytes; where capacity is
 *    too small nothing is written but `*length`, and the status is DEMUR_ERROR_SPACE.
 *  - Out parameters are written on DEMUR_OK (and `*length`/`*count` on DEMUR_ERROR_SPACE) only.
 *  - Threads: runtimes and models may be used from several threads at once; a context and a sampler from one at a time.
 *    (A llama.cpp that is too old to decode in two contexts at once is made to wait for its turn.)
 */
#ifndef DEMUR_H
#define DEMUR_H

#include <stdint.h>

#if defined(_WIN32)
#define DEMUR_API __declspec(dllexport)
#else
#define DEMUR_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a function's signature or meaning changes; the Java side refuses any other number. */
#define DEMUR_API_VERSION 12

#define DEMUR_ERROR_SIZE 1024

typedef enum demur_status {
    DEMUR_OK = 0,
    DEMUR_ERROR_ARGUMENT = 1,    /* the caller's fault; nothing happened */
    DEMUR_ERROR_UNSUPPORTED = 2, /* this CPU, build or llama.cpp library cannot do it */
    DEMUR_ERROR_LOAD = 3,        /* a library or a model file could not be loaded */
    DEMUR_ERROR_MEMORY = 4,      /* out of memory */
    DEMUR_ERROR_DECODE = 5,      /* llama_decode failed */
    DEMUR_ERROR_CANCELLED = 6,   /* demur_control.cancel was set */
    DEMUR_ERROR_LOGITS = 7,      /* a row with NaN or +inf, or all -inf */
    DEMUR_ERROR_EXCEPTION = 8,   /* llama.cpp threw; its message is in `error` */
    DEMUR_ERROR_SPACE = 9,       /* `capacity` is too small; *length says how much is needed */
    DEMUR_ERROR_FULL = 10,       /* the context has no room for these tokens */
    DEMUR_ERROR_ASSERTION = 11   /* an assertion of llama.cpp failed, over which it would end the process */
} demur_status;

typedef struct demur_runtime demur_runtime; /* an opened llama.cpp library; lives as long as the process */
typedef struct demur_model demur_model;
typedef struct demur_context demur_context;
typedef struct demur_sampler demur_sampler;

/*
 * Shared between a caller and a running load or decode: the caller sets `cancel` to non-zero from any thread, the
 * library writes `progress` (0 to 1). The caller owns it and keeps it alive until the load has returned, or as long as
 * the context it was given for. Accessed atomically on this side.
 */
typedef struct demur_control {
    int32_t cancel;
    float progress;
} demur_control;

/* ---- the process ------------------------------------------------------------------------------------------------ */

DEMUR_API int32_t demur_api_version(void);

/* What the CPU and the operating system (XGETBV) both support. */
#define DEMUR_CPU_AVX2 (INT64_C(1) << 0)
#define DEMUR_CPU_FMA (INT64_C(1) << 1)
#define DEMUR_CPU_F16C (INT64_C(1) << 2)
#define DEMUR_CPU_BMI2 (INT64_C(1) << 3)
#define DEMUR_CPU_AVX512 (INT64_C(1) << 4) /* F, BW, DQ, VL and the operating system's ZMM state */
#define DEMUR_CPU_NEON (INT64_C(1) << 5)

DEMUR_API int64_t demur_cpu_features(void);

/* Zeroed memory for the caller's buffers, aligned to 64 bytes; NULL when there is none or bytes <= 0. */
DEMUR_API void *demur_memory_allocate(int64_t bytes);
DEMUR_API void demur_memory_free(void *memory);

/* ---- the llama.cpp library --------------------------------------------------------------------------------------- */

/*
 * Opens the llama.cpp library at `path` (a file; for a release with separate libggml*.so their folder is searched for
 * backends) after checking that the CPU has all of `required_features`. Opening the same library again, by whatever
 * path, returns the same runtime; several different libraries may be open at the same time. A library that lacks a
 * function, or whose default parameters have a layout that is not known, is DEMUR_ERROR_UNSUPPORTED with what differed.
 */
DEMUR_API int32_t demur_runtime_open(const char *path, int64_t required_features, demur_runtime **runtime, char *error);

/*
 * Lines "key\tvalue\n": path, abi ("old" or "new"), version (may be empty), system_info, decodes ("many", or
 * "one" where contexts of this release get wrong logits when they decode at the same time; libdemur then makes them
 * wait for one another), no_graph (why demur_context_graph cannot work with this library; empty where it can), and per
 * device device.N.name, device.N.description, device.N.type (cpu, gpu, igpu, accel),
 * device.N.memory_free, device.N.memory_total; and per backend that gives no device backend.N.name and
 * backend.N.problem, why it does not.
 */
DEMUR_API int32_t demur_runtime_describe(demur_runtime *runtime, char *out, int64_t capacity, int64_t *length,
                                         char *error);

/*
 * Takes llama.cpp's log lines that have gathered in this process since the last call, as "L text\n" with L one of
 * D, I, W, E. Only whole lines that fit into `capacity` are taken; *length is what was written, 0 when there is none.
 * DEMUR_ERROR_SPACE where not even the next line fits; no line is longer than 2051 bytes. The store is bounded; when
 * lines were lost, a W line says how many.
 */
DEMUR_API int32_t demur_log_read(char *out, int64_t capacity, int64_t *length, char *error);

/*
 * Renders a conversation by llama.cpp's list of known templates. `chat_template` is a template's text or a name from
 * llama.cpp's list. `messages` holds role, NUL, content, NUL for each of `message_count` messages, in
 * `messages_bytes` bytes. DEMUR_ERROR_UNSUPPORTED when llama.cpp does not know the template.
 */
DEMUR_API int32_t demur_chat_apply(demur_runtime *runtime, const char *chat_template, const char *messages,
                                   int64_t messages_bytes, int32_t message_count, int32_t add_generation_prompt,
                                   char *out, int64_t capacity, int64_t *length, char *error);

/* The names that demur_chat_apply accepts, one a line. */
DEMUR_API int32_t demur_chat_template_names(demur_runtime *runtime, char *out, int64_t capacity, int64_t *length,
                                            char *error);

/* ---- model and vocabulary ---------------------------------------------------------------------------------------- */

/*
 * `devices`: names of devices from demur_runtime_describe, one a line, that the layers are spread over; a cpu alone for
 * the processor and nothing else; NULL for all GPUs that there are. DEMUR_ERROR_ARGUMENT where there is no such device.
 * `gpu_layers` < 0: llama.cpp's default. `control` may be NULL; setting its cancel ends the load with
 * DEMUR_ERROR_CANCELLED. The file must have been checked: llama.cpp's own reader does not survive every damaged one.
 */
DEMUR_API int32_t demur_model_load(demur_runtime *runtime, const char *path, const char *devices, int32_t gpu_layers,
                                   demur_control *control, demur_model **model, char *error);

/* The weights go when the model and all contexts and samplers made from it are freed, in any order. NULL is ignored. */
DEMUR_API void demur_model_free(demur_model *model);

typedef enum demur_model_key {
    DEMUR_MODEL_VOCABULARY = 0, /* number of tokens */
    DEMUR_MODEL_CONTEXT = 1,    /* context length that the model was trained for */
    DEMUR_MODEL_EMBEDDING = 2,
    DEMUR_MODEL_LAYERS = 3,
    DEMUR_MODEL_PARAMETERS = 4,
    DEMUR_MODEL_BYTES = 5,
    DEMUR_MODEL_BOS = 6, /* token id, -1 for none */
    DEMUR_MODEL_EOS = 7,
    DEMUR_MODEL_EOT = 8,
    DEMUR_MODEL_ADD_BOS = 9,         /* 0 or 1: the model's own rule */
    DEMUR_MODEL_VOCABULARY_TYPE = 10 /* llama_vocab_type: 1 SPM, 2 BPE, ... */
} demur_model_key;

DEMUR_API int32_t demur_model_number(demur_model *model, int32_t key, int64_t *value, char *error);

/* llama.cpp's one-line description of the model. */
DEMUR_API int32_t demur_model_describe(demur_model *model, char *out, int64_t capacity, int64_t *length, char *error);

/* Attributes of `count` tokens from `first` on: llama_token_attr's bits (0 to 9), and: */
#define DEMUR_TOKEN_END_OF_GENERATION (1 << 16)
DEMUR_API int32_t demur_token_attributes(demur_model *model, int32_t first, int32_t count, int32_t *attributes,
                                         char *error);

/* llama_tokenize of `bytes` bytes. `*count` gets the number of ids also where `capacity` ids are too few. */
DEMUR_API int32_t demur_tokenize(demur_model *model, const char *text, int32_t bytes, int32_t add_special,
                                 int32_t parse_special, int32_t *ids, int32_t capacity, int32_t *count, char *error);

/* The bytes of a token, possibly a part of a character; special tokens give nothing unless `special` is non-zero. */
DEMUR_API int32_t demur_token_piece(demur_model *model, int32_t token, int32_t special, char *out, int64_t capacity,
                                    int64_t *length, char *error);

/* ---- context and decode ------------------------------------------------------------------------------------------ */

/*
 * `context_size`: the most tokens of each sequence; 0: the model's own. `cells`: the most tokens of all sequences
 * together, which share them as they need them; 0: each has memory of its own for its `context_size`. `batch_size`: the
 * most tokens of one demur_context_decode; `threads` >= 1.
 * `control` may be NULL; setting its cancel makes a running decode return DEMUR_ERROR_CANCELLED (soon on a CPU; on
 * other devices llama.cpp finishes the batch). DEMUR_ERROR_UNSUPPORTED for a model with an encoder.
 */
DEMUR_API int32_t demur_context_create(demur_model *model, int32_t context_size, int32_t cells, int32_t batch_size,
                                       int32_t sequences, int32_t threads, demur_control *control,
                                       demur_context **context, char *error);
DEMUR_API void demur_context_free(demur_context *context); /* NULL is ignored */

/* The position that the next token of a sequence must have: the number of tokens up to its last one. */
DEMUR_API int32_t demur_context_position(demur_context *context, int32_t sequence, int32_t *position, char *error);

/* The number of tokens that every sequence of the context can hold: context_size, rounded up to a multiple of 256. */
DEMUR_API int32_t demur_context_size(demur_context *context, int32_t *size, char *error);

/*
 * One llama_decode of 1 to batch_size tokens. The tokens of a sequence stand in order and continue it: the first one
 * at position 0 or one behind the last that was decoded and not forgotten since. sequences[i] in [0, sequences),
 * outputs[i] non-zero where logits are wanted. DEMUR_ERROR_FULL where a sequence would grow beyond the context size.
 * On a failure the sequences hold what they held before, except that DEMUR_ERROR_DECODE and _CANCELLED may empty
 * a sequence whose memory cannot forget a part (recurrent models). Logits of the decode before are gone, unless the
 * arguments were refused.
 */
DEMUR_API int32_t demur_context_decode(demur_context *context, int32_t count, const int32_t *tokens,
                                       const int32_t *positions, const int32_t *sequences, const int8_t *outputs,
                                       char *error);

/* The logits row of token `index` of the last decode: vocabulary floats in llama.cpp's memory, valid until the next
 * decode or free. */
DEMUR_API int32_t demur_context_logits(demur_context *context, int32_t index, const float **row, char *error);

/*
 * Forgets positions [from, to) of a sequence; `to` < 0: to the end. Positions that it does not hold are no error.
 * DEMUR_ERROR_UNSUPPORTED where the model's memory can only forget a whole sequence.
 */
DEMUR_API int32_t demur_context_remove(demur_context *context, int32_t sequence, int32_t from, int32_t to, char *error);

/*
 * Has sequence `to` hold the first `count` tokens of sequence `from`, and nothing else, without decoding them: both
 * then share the memory of these. DEMUR_ERROR_UNSUPPORTED where the sequences have memory of their own
 * (demur_context_create), or this llama.cpp or this model's memory cannot share; sequence `to` then holds nothing.
 * Outputs of `to` are gone.
 */
DEMUR_API int32_t demur_context_share(demur_context *context, int32_t from, int32_t to, int32_t count, char *error);

/*
 * Copies the keys and values of a sequence's tokens to `out`. `*bytes` gets their size, also where `capacity` is less
 * and nothing is copied. DEMUR_ERROR_UNSUPPORTED where this llama.cpp cannot.
 */
DEMUR_API int32_t demur_context_save(demur_context *context, int32_t sequence, void *out, int64_t capacity,
                                     int64_t *bytes, char *error);

/*
 * Has a sequence hold `count` tokens again, and nothing else, from what demur_context_save copied when it held as many,
 * in this context. DEMUR_ERROR_FULL where there are not enough cells in a row for them; the sequence then holds
 * nothing. What else is given ends the process or makes wrong numbers: llama.cpp does not check it.
 */
DEMUR_API int32_t demur_context_restore(demur_context *context, int32_t sequence, const void *in, int64_t bytes,
                                        int32_t count, char *error);

/*
 * Samples the token that follows token `index` of the last decode, which had to ask for its logits; the sampler then
 * knows it. Sampler and context must be of the same model. DEMUR_ERROR_LOGITS as in demur_readout.
 */
DEMUR_API int32_t demur_context_sample(demur_context *context, demur_sampler *sampler, int32_t index, int32_t *next,
                                       char *error);

/*
 * One step of generation in one call: decodes a token in each of `count` different sequences, behind those that it
 * holds, and samples the tokens that follow, each by a sampler of its own, into `next`. After demur_context_graph the
 * device samples, and `samplers` is NULL. Where sampling fails the tokens are decoded all the same: `next` then is -1
 * for each that failed, and the status is that of the first of them. Where the decode fails it is DEMUR_NOT_DECODED for
 * all.
 */
#define DEMUR_NOT_DECODED (-2)
DEMUR_API int32_t demur_context_step(demur_context *context, int32_t count, const int32_t *tokens,
                                     const int32_t *sequences, demur_sampler *const *samplers, int32_t *next,
                                     char *error);

/* ---- reading rows of logits ---------------------------------------------------------------------------------------
 */

typedef enum demur_kernel {
    DEMUR_KERNEL_SCALAR = 0, /* the specification: float64 throughout */
    DEMUR_KERNEL_AVX2 = 1,
    DEMUR_KERNEL_AVX512 = 2,
    DEMUR_KERNEL_NEON = 3
} demur_kernel;

DEMUR_API int32_t demur_kernel_supported(int32_t kernel); /* 1 or 0 */

/*
 * The fastest that can run here and is no more than `cap`: avx2 is more than scalar and avx512 more than avx2, neon is
 * more than scalar. A cap of another architecture, unless it is scalar, and one < 0 limit nothing.
 */
DEMUR_API int32_t demur_kernel_best(int32_t cap);

/*
 * Reads the control tokens out of a row: p_i = softmax(row / temperature)_i over all `vocabulary` entries.
 * `ids` are `id_count` token ids. `out` takes 2 * id_count + 2 doubles: the probabilities, the logits, the id of the
 * row's argmax (the lowest id among equals), and a proven bound on the relative distance of every probability from
 * the scalar kernel's: below 1e-5, and 0 where the scalar kernel did the sum (itself, temperatures outside
 * [2^-40, 2^40], probabilities at the edge of underflow). It is exp((z_i - max) / temperature) over the sum of that
 * in the order of the ids, all in double.
 * NaN or +inf anywhere, or nothing but -inf, is DEMUR_ERROR_LOGITS and names the first offending token.
 */
DEMUR_API int32_t demur_readout(int32_t kernel, const float *row, int32_t vocabulary, const int32_t *ids,
                                int32_t id_count, double temperature, double *out, char *error);

/* demur_readout of the row of token `index` of the last decode, where llama.cpp keeps it. */
DEMUR_API int32_t demur_context_read(demur_context *context, int32_t index, int32_t kernel, const int32_t *ids,
                                     int32_t id_count, double temperature, double *out, char *error);

/* ---- reading in the compute graph ------------------------------------------------------------------------------- */

/*
 * From the next decode on the control tokens are read, and the token that follows is chosen, by the device that
 * computes: of each output 2 * id_count floats and two integers come to the host, in place of a row of logits, which
 * demur_context_logits then refuses. `ids` are 2 to DEMUR_GRAPH_IDS different tokens, the respond token last. After the
 * first position the token is the likeliest that is no control token; whatever else is wanted of it needs the row. A
 * decode takes one output of each sequence. `ids` NULL: logits come to the host again. A change makes llama.cpp plan
 * its memory anew in the next decode; the numbers of the last one are gone. DEMUR_ERROR_UNSUPPORTED, with the reason,
 * where the library or the device cannot do it: logits then come to the host.
 */
#define DEMUR_GRAPH_IDS 64
DEMUR_API int32_t demur_context_graph(demur_context *context, const int32_t *ids, int32_t id_count, char *error);

typedef enum demur_graph_mode {
    DEMUR_GRAPH_DRAW = 0,      /* the control tokens are masked; what every sequence begins with */
    DEMUR_GRAPH_THRESHOLD = 1, /* the decision's token is forced, by the rule of that name */
    DEMUR_GRAPH_RELATIVE = 2
} demur_graph_mode;

/*
 * How the next decodes of a sequence are read: `temperature` is the tau of the probabilities, and `thresholds` are
 * id_count
 * - 1 numbers, NaN where a category has none, which DEMUR_GRAPH_DRAW does not read and may be NULL. `order` gives
 * each category its place from 0 on among those of equal logits; NULL: that of the ids. The graph stays.
 */
DEMUR_API int32_t demur_context_policy(demur_context *context, int32_t sequence, int32_t mode, double temperature,
                                       const double *thresholds, const int32_t *order, char *error);

/*
 * What came back for token `index` of the last decode: 2 * id_count + 3 doubles in `out`. First the 2 * id_count + 1
 * of demur_readout up to the argmax, the probabilities in the device's single precision and the argmax its choice among
 * equals; then the token that the device chose; then how many bytes were brought to the host for this output. A NaN or
 * +inf in the row, or nothing but -inf, is DEMUR_ERROR_LOGITS; the row is not here to name the token.
 */
DEMUR_API int32_t demur_context_numbers(demur_context *context, int32_t index, double *out, char *error);

/* ---- hidden states ----------------------------------------------------------------------------------------------- */

typedef enum demur_pooling {
    DEMUR_POOLING_LAST = 0, /* the row of the sequence's last output */
    DEMUR_POOLING_MEAN = 1  /* the mean of the rows in the sequence's range */
} demur_pooling;

/*
 * Has a context that holds no tokens capture hidden states: the residual stream behind block layers[i] (from 0),
 * pooled as poolings[i], for each i below `count`. The context gets new memory for its tokens, and decodes a few to see
 * what llama.cpp computes. DEMUR_ERROR_UNSUPPORTED, with the reason, where this library, model or device does not have
 * what is asked for (as the mean of the last block, of which only outputs are computed): the context is then as before,
 * unless there is no memory. Only once for a context.
 *
 * From then on demur_context_decode captures where there is an output or a range, demur_context_step never; the
 * sequences of a decode must be neighbours in ascending order, the tokens of each standing together. A context that
 * captures nothing pays nothing.
 */
#define DEMUR_HIDDEN_VALUES 1024
DEMUR_API int32_t demur_context_hidden(demur_context *context, const int32_t *layers, const int32_t *poolings,
                                       int32_t count, char *error);

/*
 * Names positions [from, to) of a sequence as its range; equal ones are no range. It stays until the next call. Rows
 * are added up, in double and in the order of the positions, as they are decoded, in one decode or in several; the sum
 * stays as long as the sequence holds what was added, so that a prompt that goes on from what is held gives the same
 * mean as one decoded anew. `*kept` is how many tokens the sequence may hold for the mean to become known: the caller
 * then forgets (demur_context_remove) and decodes again what is more. That is all that it holds where its sum is known,
 * else what stands before the range: rows are not kept, so that a sum whose range was cut in the middle begins anew.
 */
DEMUR_API int32_t demur_context_hidden_range(demur_context *context, int32_t sequence, int32_t from, int32_t to,
                                             int32_t *kept, char *error);

/*
 * What was captured of a sequence: for each i its embedding size of floats, in the order of demur_context_hidden. The
 * last decode must have given the sequence an output where DEMUR_POOLING_LAST is asked for, and all positions of the
 * range must have been decoded since they were named where a mean is. DEMUR_ERROR_LOGITS where a number is not finite.
 */
DEMUR_API int32_t demur_context_hidden_read(demur_context *context, int32_t sequence, float *out, char *error);

/* ---- sampling ---------------------------------------------------------------------------------------------------- */

/*
 * A sampler for the tokens after the first position, whose rows `kernel` reads: `masked` tokens are never drawn; then,
 * in llama.cpp's default order, penalties on the tokens that are among the last `penalty_last` ones, top-k (<= 0: off),
 * top-p (1: off), min-p (0: off), temperature (0: greedy, and the rest before it does not matter but the penalties;
 * else 1e-6 or more), seed. The penalties are llama.cpp's: `repeat` divides a positive logit and multiplies another (1:
 * off), then `frequency` is subtracted for each time that the token is there, and `presence` once (0: off). The same
 * seed draws the same tokens from the same logits and kernel; a seed has no special values. Top-k and top-p take equal
 * logits in the order of their ids, sums are in double, a penalised logit is the float next to its value, and one token
 * is kept always. Rows are written to meanwhile and put back.
 */
DEMUR_API int32_t demur_sampler_create(demur_model *model, int32_t kernel, double temperature, int32_t top_k,
                                       double top_p, double min_p, double repeat, double frequency, double presence,
                                       int32_t penalty_last, int64_t seed, const int32_t *masked, int32_t masked_count,
                                       demur_sampler **sampler, char *error);
DEMUR_API void demur_sampler_free(demur_sampler *sampler); /* NULL is ignored */

/*
 * Besides the masked tokens, those whose byte is 0 in `allowed`, which has one for each token of the vocabulary and is
 * read here only, are not drawn until the next call; NULL lifts that. How a grammar is followed.
 */
DEMUR_API int32_t demur_sampler_allow(demur_sampler *sampler, const uint8_t *allowed, char *error);

/* Tells the sampler of a token that was forced, so that penalties know it. */
DEMUR_API int32_t demur_sampler_accept(demur_sampler *sampler, int32_t token, char *error);

#ifdef __cplusplus
}
#endif

#endif
