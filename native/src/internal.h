/* What the files of libdemur share and do not export. */
#ifndef DEMUR_INTERNAL_H
#define DEMUR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi.h"
#include "demur.h"
#include "guard.h"
#include "lock.h"

/* ---- text that goes out (text.c) ---- */

/* A growing text; once memory has run out, `failed` stays set and appending does nothing. */
typedef struct demur_text {
    char *bytes;
    size_t length;
    size_t capacity;
    bool failed;
} demur_text;

void demur_text_append(demur_text *text, const char *bytes, size_t length);

/* One line "key\tvalue\n"; tabs and line breaks within the value become spaces. */
void demur_text_line(demur_text *text, const char *key, const char *value);

/* Hands a text to the caller by the rules of demur.h. */
int32_t demur_text_copy(const char *bytes, size_t bytes_length, char *out, int64_t capacity, int64_t *length,
                        char *error);

/* The same, and frees the text. */
int32_t demur_text_hand_over(demur_text *text, char *out, int64_t capacity, int64_t *length, char *error);

/* DEMUR_ERROR_ARGUMENT unless (out, capacity, length) can take a text. */
int32_t demur_text_check(const char *out, int64_t capacity, const int64_t *length, char *error);

/* ---- the machine (cpu.c) ---- */

int64_t demur_physical_memory(void); /* in bytes; 0 when it is not known */

/* ---- the log (log.c) ---- */

void demur_log_callback(int level, const char *text, void *unused);

/*
 * Between the two calls the first error line that this thread logs is kept, to complete a message. Once *stopped is
 * non-zero, which may be NULL, its lines count as debug: what the caller has stopped is no failure to tell of.
 */
void demur_log_watch(const int32_t *stopped);
const char *demur_log_first_error(void); /* "" when there was none; valid until the thread's next watch */

/* ---- backends (backends.c) ---- */

/* Lines backend.N.name and backend.N.problem, for backends that give no device. */
void demur_backends_describe(const abi *abi, demur_text *text);

/* ---- handles ---- */

struct demur_runtime {
    abi abi;
    demur_lock decoding; /* held while decoding where abi.one_decode_at_a_time */
    char *path;
    demur_text backends; /* demur_backends_describe's, once it was asked for */
    struct demur_runtime *next;
};

struct demur_model {
    demur_runtime *runtime;
    struct llama_model *llama;
    const struct llama_vocab *vocabulary;
    int32_t vocabulary_size;
    int32_t references; /* the handle itself, and every context and sampler made from it */
};

void demur_model_retain(demur_model *model);
void demur_model_release(demur_model *model);

struct demur_context {
    demur_model *model;
    struct llama_context *llama;
    demur_control *control; /* may be NULL */
    uint32_t asked;         /* the size that was asked for */
    uint32_t cells;         /* that all sequences share; 0: each has its own */
    int32_t size;           /* positions per sequence */
    int32_t batch_size;
    uint32_t batch_limit; /* llama.cpp's */
    bool scattered;       /* tokens were forgotten, so the memory may have gaps */
    bool broken;          /* an assertion failed in llama.cpp while it used the context */
    int32_t stopped;      /* the decode in hand was told to stop; accessed atomically */
    int32_t threads;
    double created; /* seconds of the clock */
    int32_t sequences;
    int32_t decoded; /* tokens of the last decode, 0 when it failed or there was none */
    int32_t *next;   /* per sequence: the position that its next token must have */
    int32_t *ends;   /* per sequence: scratch of the batch in hand */
    int32_t *tokens; /* from here on: the batch, batch_size entries each */
    int32_t *positions;
    int32_t *sequence_ids;
    int32_t **sequence_pointers;
    int32_t *sequence_counts;
    int8_t *outputs;
    int32_t *step_positions;     /* of demur_context_step, one for each sequence */
    int8_t *step_outputs;        /* ones */
    struct demur_graph *graph;   /* NULL, or the samplers in the compute graph */
    struct demur_hidden *hidden; /* NULL, or what captures hidden states */
};

/* ---- decoding (context.c) ---- */

/* demur_context_decode; hidden states are captured only where `captured`. */
int32_t demur_decode(demur_context *context, int32_t count, const int32_t *tokens, const int32_t *positions,
                     const int32_t *sequences, const int8_t *outputs, bool captured, char *error);

/* Takes a new llama_context in place of the old one; where there is none, the context is broken. */
int32_t demur_context_replace(demur_context *context, char *error);

/* ---- hidden states (hidden.c) ---- */

struct demur_hidden;

void demur_hidden_free(struct demur_hidden *hidden); /* NULL is ignored */

/* The evaluation callback of a context that captures; `data` is its demur_hidden. */
bool demur_hidden_evaluate(struct ggml_tensor *tensor, bool ask, void *data);

/* DEMUR_ERROR_ARGUMENT where the tokens of a batch are not in the order that demur_context_hidden asks for. */
int32_t demur_hidden_check(int32_t count, const int32_t *sequences, char *error);

/* Before the context's batch of `count` tokens is decoded; whatever the decode before left is gone. */
void demur_hidden_begin(demur_context *context, int32_t count, bool captured);

/* The batch is decoded anew from its beginning. */
void demur_hidden_restart(void *hidden);

/* After it, with its status, and before the context moves on: keeps what was captured, or says why it was not. */
int32_t demur_hidden_end(demur_context *context, int32_t status, char *error);

/* Positions [from, to) of a sequence are no longer held, and none behind them if to was the last. */
void demur_hidden_forget(struct demur_hidden *hidden, int32_t sequence, int32_t from, int32_t to);

/* ---- samplers in the compute graph (graph.c) ---- */

/* Detaches and frees them. May throw. */
void demur_graph_free(demur_context *context);

/* DEMUR_ERROR_ARGUMENT where a sequence would have more than one output, which these samplers do not take. */
int32_t demur_graph_check_outputs(demur_context *context, int32_t count, const int32_t *sequences,
                                  const int8_t *outputs, char *error);

/* DEMUR_ERROR_ARGUMENT unless the context has a graph and the sequence. */
int32_t demur_graph_check_sequence(const demur_context *context, int32_t sequence, char *error);

/* Has the next output of a sequence give the likeliest token that is no control token. */
void demur_graph_draw(demur_context *context, int32_t sequence);

/* What came back for an output of the last decode: demur_context_numbers, and the token alone. */
int32_t demur_graph_numbers(demur_context *context, int32_t index, double *out, char *error);
int32_t demur_graph_token(demur_context *context, int32_t index, int32_t *token, char *error);

/* Draws the token that follows `row`, and tells the sampler of it. */
int32_t demur_sampler_draw(demur_sampler *sampler, const float *row, int32_t *token, char *error);
const demur_model *demur_sampler_model(const demur_sampler *sampler);

/* ---- failed assertions (assertion.c) ---- */

/* From here on this library's failed assertions go to demur_assertion_failed, where it has a way. */
void demur_catch_assertions(const abi *abi);

#endif
