#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "internal.h"

/* ---- life ---- */

typedef struct create_call {
    demur_context *context;
    bool encoder;
} create_call;

static bool cancelled(const demur_context *context) {
    return context->control != NULL && __atomic_load_n(&context->control->cancel, __ATOMIC_RELAXED) != 0;
}

/* The threads that compute ask; true ends the decode. */
static bool must_stop(void *data) {
    demur_context *context = data;
    const bool stop = cancelled(context);
    if (stop) {
        __atomic_store_n(&context->stopped, 1, __ATOMIC_RELAXED);
    }
    return stop;
}

/* Has the context, which has none, get one of llama.cpp's; its `llama` stays NULL where that is not to be had. */
static void create_llama(demur_context *context) {
    const abi *abi = &context->model->runtime->abi;
    const uint32_t sequences = (uint32_t)context->sequences;
    context->llama =
        abi_context_create(abi, context->model->llama, context->asked, context->cells, (uint32_t)context->batch_size,
                           sequences, context->hidden != NULL ? demur_hidden_evaluate : NULL, context->hidden);
    if (context->llama == NULL) {
        return;
    }
    uint32_t size = abi_context_size(abi, context->llama, context->cells > 0 && abi_shares_cells(abi) ? 1 : sequences);
    context->size = size < INT32_MAX ? (int32_t)size : INT32_MAX;
    context->batch_limit = abi->llama_n_batch(context->llama);
    abi->llama_set_n_threads(context->llama, context->threads, context->threads);
    if (context->control != NULL) {
        abi->llama_set_abort_callback(context->llama, must_stop, context);
    }
}

static void create(void *argument) {
    create_call *call = argument;
    const abi *abi = &call->context->model->runtime->abi;
    struct llama_model *model = call->context->model->llama;
    call->encoder = abi->llama_model_has_encoder(model) || !abi->llama_model_has_decoder(model);
    if (!call->encoder) {
        create_llama(call->context);
    }
}

static void replace(void *argument) {
    demur_context *context = argument;
    struct llama_context *old = context->llama;
    context->llama = NULL; /* first, lest it be freed twice where the next lines throw */
    context->model->runtime->abi.llama_free(old);
    create_llama(context);
}

int32_t demur_context_replace(demur_context *context, char *error) {
    demur_log_watch(NULL);
    int32_t status = demur_guard(replace, context, "llama_init_from_model", error);
    if (status == DEMUR_OK && context->llama == NULL) {
        status = demur_fail(error, DEMUR_ERROR_MEMORY, "llama.cpp has no memory for a context of %u tokens. %s",
                            (unsigned)context->asked, demur_log_first_error());
    }
    context->broken = context->llama == NULL;
    return status;
}

static void destroy(void *argument) {
    demur_context *context = argument;
    demur_graph_free(context);
    context->model->runtime->abi.llama_free(context->llama);
}

/*
 * glibc keeps what a thread freed for that thread's next use: contexts made on many threads would add up. Going through
 * the heap takes milliseconds, which is little only beside the life of a context that was not made for one batch.
 */
#define SHORT_LIFE_SECONDS 0.25

static void give_memory_back(double lived) {
#if defined(__GLIBC__)
    if (lived >= SHORT_LIFE_SECONDS) {
        malloc_trim(0);
    }
#else
    (void)lived;
#endif
}

static double now(void) {
    struct timespec time = {0, 0};
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

void demur_context_free(demur_context *context) {
    if (context == NULL) {
        return;
    }
    if (context->llama != NULL) {
        demur_guard(destroy, context, "llama_free", NULL);
        give_memory_back(now() - context->created);
    }
    demur_hidden_free(context->hidden);
    demur_model_release(context->model);
    free(context->next);
    free(context->ends);
    free(context->tokens);
    free(context->positions);
    free(context->sequence_ids);
    free(context->sequence_pointers);
    free(context->sequence_counts);
    free(context->outputs);
    free(context->step_positions);
    free(context->step_outputs);
    free(context);
}

static bool allocate_batch(demur_context *context) {
    size_t count = (size_t)context->batch_size;
    context->next = calloc((size_t)context->sequences, sizeof *context->next);
    context->ends = calloc((size_t)context->sequences, sizeof *context->ends);
    context->tokens = malloc(count * sizeof *context->tokens);
    context->positions = malloc(count * sizeof *context->positions);
    context->sequence_ids = malloc(count * sizeof *context->sequence_ids);
    context->sequence_pointers = malloc(count * sizeof *context->sequence_pointers);
    context->sequence_counts = malloc(count * sizeof *context->sequence_counts);
    context->outputs = malloc(count * sizeof *context->outputs);
    context->step_positions = malloc((size_t)context->sequences * sizeof *context->step_positions);
    context->step_outputs = malloc((size_t)context->sequences * sizeof *context->step_outputs);
    if (context->next == NULL || context->ends == NULL || context->tokens == NULL || context->positions == NULL ||
        context->sequence_ids == NULL || context->sequence_pointers == NULL || context->sequence_counts == NULL ||
        context->outputs == NULL || context->step_positions == NULL || context->step_outputs == NULL) {
        return false;
    }
    memset(context->step_outputs, 1, (size_t)context->sequences * sizeof *context->step_outputs);
    for (size_t i = 0; i < count; i++) {
        context->sequence_pointers[i] = &context->sequence_ids[i];
        context->sequence_counts[i] = 1;
    }
    return true;
}

/*
 * llama.cpp books every token of a context before it asks for the memory of its keys and values: with far too many it
 * writes for minutes, or until the system ends the process. No model needs less than this for a token.
 */
#define LEAST_BYTES_PER_TOKEN 256

static int32_t check_sizes(demur_model *model, int32_t context_size, int32_t cells, int32_t batch_size,
                           int32_t sequences, int32_t threads, char *error) {
    if (context_size < 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "context_size is negative: %d.", context_size);
    }
    if (cells != 0 && cells < context_size) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d cells are fewer than the %d tokens of one sequence.", cells,
                          context_size);
    }
    if (batch_size < 1 || batch_size > (1 << 24)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "batch_size must be 1 to %d, not %d.", 1 << 24, batch_size);
    }
    if (threads < 1 || threads > 512) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "threads must be 1 to 512, not %d.", threads);
    }
    int32_t most = (int32_t)abi_max_sequences(&model->runtime->abi);
    if (sequences < 1 || sequences > most) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "sequences must be 1 to %d, not %d.", most, sequences);
    }
    const int64_t tokens =
        cells > 0 && abi_shares_cells(&model->runtime->abi) ? cells : (int64_t)context_size * sequences;
    if (tokens + (int64_t)255 * sequences > INT32_MAX) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d sequences of %d tokens are more than llama.cpp can count.",
                          sequences, context_size);
    }
    int64_t memory = demur_physical_memory();
    if (memory > 0 && tokens > memory / LEAST_BYTES_PER_TOKEN) {
        return demur_fail(error, DEMUR_ERROR_MEMORY,
                          "This machine has no memory for a context of %d tokens%s: choose a smaller one "
                          "(LoadOptions.withContextSize).",
                          context_size, sequences > 1 ? " for each sequence" : "");
    }
    return DEMUR_OK;
}

int32_t demur_context_create(demur_model *model, int32_t context_size, int32_t cells, int32_t batch_size,
                             int32_t sequences, int32_t threads, demur_control *control, demur_context **context,
                             char *error) {
    if (model == NULL || context == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", model == NULL ? "model" : "context");
    }
    if (context_size == 0) {
        context_size = model->runtime->abi.llama_model_n_ctx_train(model->llama);
    }
    int32_t status = check_sizes(model, context_size, cells, batch_size, sequences, threads, error);
    if (status != DEMUR_OK) {
        return status;
    }
    demur_context *created = calloc(1, sizeof *created);
    if (created == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    demur_model_retain(model);
    created->model = model;
    created->control = control;
    created->batch_size = batch_size;
    created->sequences = sequences;
    created->threads = threads;
    created->created = now();
    created->asked = (uint32_t)context_size;
    created->cells = (uint32_t)cells;
    create_call call = {created, false};
    demur_log_watch(NULL);
    status = demur_guard(create, &call, "llama_init_from_model", error);
    const char *reason = demur_log_first_error();
    if (status != DEMUR_OK) {
        /* its sentence is written */
    } else if (call.encoder) {
        status = demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "The model has an encoder; Demur runs decoders only.");
    } else if (created->llama == NULL && strstr(reason, "GGML_ASSERT") != NULL) {
        status = demur_fail(error, DEMUR_ERROR_ASSERTION,
                            "llama.cpp cannot run this model, because its numbers or its tensors do not go together: "
                            "convert it again or use another file. It says: %s",
                            reason);
    } else if (created->llama == NULL) {
        const bool told = reason[0] != '\0' && strstr(reason, "bad_alloc") == NULL;
        status = demur_fail(error, DEMUR_ERROR_MEMORY,
                            "llama.cpp has no memory for a context of %d tokens%s: choose a smaller one "
                            "(LoadOptions.withContextSize).%s%s",
                            context_size, sequences > 1 ? " for each sequence" : "", told ? " It says: " : "",
                            told ? reason : "");
    } else if (created->size < context_size) {
        status = demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "llama.cpp gives each sequence %d tokens instead of %d.",
                            created->size, context_size);
    } else if (!allocate_batch(created)) {
        status = demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    if (status != DEMUR_OK) {
        demur_context_free(created);
        return status;
    }
    *context = created;
    return DEMUR_OK;
}

int32_t demur_context_size(demur_context *context, int32_t *size, char *error) {
    if (context == NULL || size == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", context == NULL ? "context" : "size");
    }
    *size = context->size;
    return DEMUR_OK;
}

int32_t demur_context_position(demur_context *context, int32_t sequence, int32_t *position, char *error) {
    if (context == NULL || position == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", context == NULL ? "context" : "position");
    }
    if (sequence < 0 || sequence >= context->sequences) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Sequence %d: the context has %d.", sequence,
                          context->sequences);
    }
    *position = context->next[sequence];
    return DEMUR_OK;
}

/* ---- memory ---- */

typedef struct remove_call {
    demur_context *context;
    int32_t sequence;
    int32_t from;
    int32_t to;
    bool removed;
} remove_call;

static void remove_positions(void *argument) {
    remove_call *call = argument;
    call->removed = abi_memory_remove(&call->context->model->runtime->abi, call->context->llama, call->sequence,
                                      call->from, call->to);
}

static int32_t remove_range(demur_context *context, int32_t sequence, int32_t from, int32_t to, char *error) {
    remove_call call = {context, sequence, from, to, false};
    int32_t status = demur_guard(remove_positions, &call, "forgetting tokens", error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (!call.removed) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                          "This model's memory cannot forget positions %d to %d of a sequence, only all of it.", from,
                          to);
    }
    return DEMUR_OK;
}

int32_t demur_context_remove(demur_context *context, int32_t sequence, int32_t from, int32_t to, char *error) {
    if (context == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "context is NULL.");
    }
    if (sequence < 0 || sequence >= context->sequences) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Sequence %d: the context has %d.", sequence,
                          context->sequences);
    }
    if (from < 0 || (to >= 0 && to < from)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Positions %d to %d are no range.", from, to);
    }
    int32_t next = context->next[sequence];
    if (from >= next || to == from || context->broken) {
        return DEMUR_OK;
    }
    bool tail = to < 0 || to >= next;
    context->scattered = true;
    int32_t status = remove_range(context, sequence, from, tail ? -1 : to, error);
    if (status == DEMUR_OK && tail) {
        context->next[sequence] = from;
    }
    if (status == DEMUR_OK && context->hidden != NULL) {
        demur_hidden_forget(context->hidden, sequence, from, tail ? next : to);
    }
    return status;
}

/* ---- decode ---- */

static int32_t check_batch(demur_context *context, int32_t count, const int32_t *tokens, const int32_t *positions,
                           const int32_t *sequences, char *error) {
    const int32_t vocabulary = context->model->vocabulary_size;
    memcpy(context->ends, context->next, (size_t)context->sequences * sizeof *context->ends);
    int32_t full = -1;
    for (int32_t i = 0; i < count; i++) {
        if (tokens[i] < 0 || tokens[i] >= vocabulary) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "tokens[%d] is %d: the vocabulary has %d.", i, tokens[i],
                              vocabulary);
        }
        if (sequences[i] < 0 || sequences[i] >= context->sequences) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "sequences[%d] is %d: the context has %d.", i, sequences[i],
                              context->sequences);
        }
        int32_t *end = &context->ends[sequences[i]];
        if (positions[i] != *end) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT,
                              "positions[%d] is %d: the next token of sequence %d stands at %d.", i, positions[i],
                              sequences[i], *end);
        }
        if (*end >= context->size) {
            full = sequences[i];
        }
        (*end)++;
    }
    if (full >= 0) {
        return demur_fail(error, DEMUR_ERROR_FULL, "Sequence %d is full: it holds %d tokens.", full, context->size);
    }
    /* llama.cpp aborts the process on more; its limit is the asked one, or all that the context can hold. */
    if ((uint32_t)count > context->batch_limit) {
        return demur_fail(error, DEMUR_ERROR_FULL, "%d tokens at once are more than the %u that llama.cpp takes here.",
                          count, (unsigned)context->batch_limit);
    }
    return DEMUR_OK;
}

typedef struct decode_call {
    demur_context *context;
    int32_t count;
    int32_t result;
} decode_call;

static void decode(void *argument) {
    decode_call *call = argument;
    demur_context *context = call->context;
    const abi_batch batch = {call->count,        context->tokens,          NULL,
                             context->positions, context->sequence_counts, context->sequence_pointers,
                             context->outputs};
    call->result = abi_decode(&context->model->runtime->abi, context->llama, batch, context->scattered,
                              context->hidden != NULL ? demur_hidden_restart : NULL, context->hidden);
}

/* Takes back what a failed decode may have stored, so that the sequences are as before it. */
static void roll_back(demur_context *context) {
    for (int32_t i = 0; i < context->sequences; i++) {
        if (context->ends[i] == context->next[i]) {
            continue;
        }
        if (remove_range(context, i, context->next[i], -1, NULL) != DEMUR_OK) {
            remove_range(context, i, 0, -1, NULL);
            if (context->hidden != NULL) {
                demur_hidden_forget(context->hidden, i, 0, context->next[i]);
            }
            context->next[i] = 0;
        }
    }
}

static int32_t decode_status(demur_context *context, int32_t result, const char *reason, char *error) {
    switch (result) {
        case 0:
            return DEMUR_OK;
        case 1:
            return demur_fail(error, DEMUR_ERROR_FULL, "The context has no room for these tokens.");
        case 2:
            return demur_fail(error, DEMUR_ERROR_CANCELLED, "The decode was cancelled.");
        default:
            /* Not every backend tells a stop from a failure. */
            if (cancelled(context)) {
                return demur_fail(error, DEMUR_ERROR_CANCELLED, "The decode was cancelled.");
            }
            return demur_fail(error, DEMUR_ERROR_DECODE, "llama_decode failed with %d: %s", result,
                              reason[0] != '\0' ? reason : "it gave no reason");
    }
}

int32_t demur_context_decode(demur_context *context, int32_t count, const int32_t *tokens, const int32_t *positions,
                             const int32_t *sequences, const int8_t *outputs, char *error) {
    return demur_decode(context, count, tokens, positions, sequences, outputs, true, error);
}

int32_t demur_decode(demur_context *context, int32_t count, const int32_t *tokens, const int32_t *positions,
                     const int32_t *sequences, const int8_t *outputs, bool captured, char *error) {
    if (context == NULL || tokens == NULL || positions == NULL || sequences == NULL || outputs == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.",
                          context == NULL     ? "context"
                          : tokens == NULL    ? "tokens"
                          : positions == NULL ? "positions"
                          : sequences == NULL ? "sequences"
                                              : "outputs");
    }
    if (count < 1) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "There must be a token to decode; count is %d.", count);
    }
    if (count > context->batch_size) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d tokens are more than the batch size %d.", count,
                          context->batch_size);
    }
    int32_t status = check_batch(context, count, tokens, positions, sequences, error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (context->graph != NULL) {
        status = demur_graph_check_outputs(context, count, sequences, outputs, error);
        if (status != DEMUR_OK) {
            return status;
        }
    }
    if (context->hidden != NULL && captured) {
        status = demur_hidden_check(count, sequences, error);
        if (status != DEMUR_OK) {
            return status;
        }
    }
    context->decoded = 0;
    if (context->broken) {
        return demur_fail(error, DEMUR_ERROR_ASSERTION, "An earlier decode failed halfway; close the context.");
    }
    if (cancelled(context)) {
        return demur_fail(error, DEMUR_ERROR_CANCELLED, "The decode was cancelled.");
    }
    memcpy(context->tokens, tokens, (size_t)count * sizeof *tokens);
    memcpy(context->positions, positions, (size_t)count * sizeof *positions);
    memcpy(context->sequence_ids, sequences, (size_t)count * sizeof *sequences);
    for (int32_t i = 0; i < count; i++) {
        context->outputs[i] = outputs[i] != 0;
    }
    if (context->hidden != NULL) {
        demur_hidden_begin(context, count, captured);
    }
    decode_call call = {context, count, 0};
    demur_runtime *runtime = context->model->runtime;
    if (runtime->abi.one_decode_at_a_time) {
        demur_lock_acquire(&runtime->decoding);
    }
    context->stopped = 0;
    demur_log_watch(&context->stopped);
    status = context->threads == 1 ? demur_guard(decode, &call, "llama_decode", error)
                                   : demur_guard_threads(decode, &call, "llama_decode", error);
    const char *reason = demur_log_first_error();
    if (runtime->abi.one_decode_at_a_time) {
        demur_lock_release(&runtime->decoding);
    }
    if (status == DEMUR_OK) {
        status = decode_status(context, call.result, reason, error);
    }
    if (status == DEMUR_ERROR_ASSERTION) {
        context->broken = true;
        return status;
    }
    if (context->hidden != NULL) {
        status = demur_hidden_end(context, status, error);
    }
    if (status != DEMUR_OK) {
        roll_back(context);
        return status;
    }
    memcpy(context->next, context->ends, (size_t)context->sequences * sizeof *context->next);
    context->decoded = count;
    return DEMUR_OK;
}
