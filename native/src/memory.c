/* What sequences hold, beside decoding it: shared with another one, or kept outside the context. */
#include "internal.h"

static int32_t check_sequence(const demur_context *context, int32_t sequence, char *error) {
    if (context == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "context is NULL.");
    }
    if (sequence < 0 || sequence >= context->sequences) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Sequence %d: the context has %d.", sequence,
                          context->sequences);
    }
    if (context->broken) {
        return demur_fail(error, DEMUR_ERROR_ASSERTION, "An earlier decode failed halfway; close the context.");
    }
    return DEMUR_OK;
}

/* An assertion that fails in llama.cpp leaves the context as it may be. */
static int32_t note_broken(demur_context *context, int32_t status) {
    context->broken = context->broken || status == DEMUR_ERROR_ASSERTION;
    return status;
}

/* ---- sharing ---- */

typedef struct share_call {
    demur_context *context;
    int32_t from;
    int32_t to;
    int32_t count;
    bool shared;
} share_call;

static void share(void *argument) {
    share_call *call = argument;
    demur_context *context = call->context;
    call->shared = abi_memory_share(&context->model->runtime->abi, context->llama, call->from, call->to, call->count);
}

int32_t demur_context_share(demur_context *context, int32_t from, int32_t to, int32_t count, char *error) {
    int32_t status = check_sequence(context, from, error);
    if (status == DEMUR_OK) {
        status = check_sequence(context, to, error);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    if (from == to || count < 1 || count > context->next[from]) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT,
                          "Sequence %d cannot share %d tokens with sequence %d: it holds %d, and must be another one.",
                          from, count, to, context->next[from]);
    }
    status = demur_context_remove(context, to, 0, -1, error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (context->cells == 0 || !abi_shares_cells(&context->model->runtime->abi)) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "Each sequence of this context has memory of its own.");
    }
    share_call call = {context, from, to, count, false};
    context->scattered = true;
    status = note_broken(context, demur_guard(share, &call, "sharing tokens", error));
    if (status == DEMUR_OK && call.shared) {
        context->next[to] = count;
        return DEMUR_OK;
    }
    context->next[to] = context->next[from]; /* so that all that may be there is forgotten */
    const int32_t forgotten = context->broken ? DEMUR_OK : demur_context_remove(context, to, 0, -1, NULL);
    context->next[to] = 0;
    if (status == DEMUR_OK) {
        status = forgotten == DEMUR_OK
                     ? demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                                  "This llama.cpp or this model's memory cannot share a part of a sequence.")
                     : demur_fail(error, forgotten, "A sequence that cannot share another's tokens keeps them.");
    }
    return status;
}

/* ---- outside the context ---- */

typedef struct state_call {
    demur_context *context;
    int32_t sequence;
    uint8_t *out;
    const uint8_t *in;
    size_t size;
    size_t done;
} state_call;

static void measure(void *argument) {
    state_call *call = argument;
    const abi *abi = &call->context->model->runtime->abi;
    call->done = abi->llama_state_seq_get_size(call->context->llama, call->sequence);
}

static void save(void *argument) {
    state_call *call = argument;
    const abi *abi = &call->context->model->runtime->abi;
    call->done = abi->llama_state_seq_get_data(call->context->llama, call->out, call->size, call->sequence);
}

static void restore(void *argument) {
    state_call *call = argument;
    const abi *abi = &call->context->model->runtime->abi;
    call->done = abi->llama_state_seq_set_data(call->context->llama, call->in, call->size, call->sequence);
}

static int32_t check_state(const demur_context *context, char *error) {
    const abi *abi = &context->model->runtime->abi;
    if (abi->llama_state_seq_get_size == NULL || abi->llama_state_seq_get_data == NULL ||
        abi->llama_state_seq_set_data == NULL) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "This llama.cpp cannot copy what a sequence holds.");
    }
    return DEMUR_OK;
}

int32_t demur_context_save(demur_context *context, int32_t sequence, void *out, int64_t capacity, int64_t *bytes,
                           char *error) {
    int32_t status = check_sequence(context, sequence, error);
    if (status == DEMUR_OK && (bytes == NULL || capacity < 0 || (out == NULL && capacity > 0))) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "There is no place for the size or for the bytes.");
    }
    if (status == DEMUR_OK) {
        status = check_state(context, error);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    state_call call = {context, sequence, out, NULL, (size_t)capacity, 0};
    status = note_broken(context, demur_guard(measure, &call, "llama_state_seq_get_size", error));
    if (status != DEMUR_OK) {
        return status;
    }
    *bytes = (int64_t)call.done;
    if (call.done > call.size) {
        return DEMUR_OK;
    }
    const size_t size = call.done;
    call.size = size;
    status = note_broken(context, demur_guard(save, &call, "llama_state_seq_get_data", error));
    if (status == DEMUR_OK && call.done != size) {
        status = demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "llama.cpp copied %zu bytes of a sequence instead of %zu.",
                            call.done, size);
    }
    return status;
}

int32_t demur_context_restore(demur_context *context, int32_t sequence, const void *in, int64_t bytes, int32_t count,
                              char *error) {
    int32_t status = check_sequence(context, sequence, error);
    if (status == DEMUR_OK && (in == NULL || bytes < 1 || count < 1 || count > context->size)) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "%lld bytes are not %d tokens of a sequence that holds %d.",
                            (long long)bytes, count, context->size);
    }
    if (status == DEMUR_OK) {
        status = check_state(context, error);
    }
    if (status == DEMUR_OK) {
        status = demur_context_remove(context, sequence, 0, -1, error);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    state_call call = {context, sequence, NULL, in, (size_t)bytes, 0};
    context->scattered = true;
    demur_log_watch(&(int32_t){1}); /* that there is no room is no failure to tell of */
    status = note_broken(context, demur_guard(restore, &call, "llama_state_seq_set_data", error));
    demur_log_watch(NULL);
    if (status == DEMUR_OK && call.done == (size_t)bytes) {
        context->next[sequence] = count;
        return DEMUR_OK;
    }
    context->next[sequence] = count; /* so that all that may be there is forgotten */
    const int32_t forgotten = context->broken ? DEMUR_OK : demur_context_remove(context, sequence, 0, -1, NULL);
    context->next[sequence] = 0;
    if (status == DEMUR_OK) {
        status = demur_fail(error, forgotten == DEMUR_OK ? DEMUR_ERROR_FULL : forgotten,
                            "There are no %d cells in a row for the tokens of a sequence.", count);
    }
    return status;
}
