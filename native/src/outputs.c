/* What a decode leaves to be taken: rows of logits, numbers read from them, and the tokens that follow. */
#include <stddef.h>

#include "internal.h"

static int32_t check_output(const demur_context *context, int32_t index, char *error) {
    if (index < 0 || index >= context->decoded) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "There is no token %d in the last decode, which had %d.", index,
                          context->decoded);
    }
    if (!context->outputs[index]) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "No logits were asked for token %d of the last decode.", index);
    }
    return DEMUR_OK;
}

/* ---- rows that came to the host ---- */

typedef struct logits_call {
    demur_context *context;
    int32_t index;
    const float *row;
} logits_call;

static void find_logits(void *argument) {
    logits_call *call = argument;
    call->row = call->context->model->runtime->abi.llama_get_logits_ith(call->context->llama, call->index);
}

int32_t demur_context_logits(demur_context *context, int32_t index, const float **row, char *error) {
    if (context == NULL || row == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", context == NULL ? "context" : "row");
    }
    int32_t status = check_output(context, index, error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (context->graph != NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "This context reads its logits in the compute graph.");
    }
    logits_call call = {context, index, NULL};
    status = demur_guard(find_logits, &call, "llama_get_logits_ith", error);
    if (status == DEMUR_OK && call.row == NULL) {
        status = demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "The model gives no logits.");
    }
    if (status == DEMUR_OK) {
        *row = call.row;
    }
    return status;
}

int32_t demur_context_read(demur_context *context, int32_t index, int32_t kernel, const int32_t *ids, int32_t id_count,
                           double temperature, double *out, char *error) {
    const float *row = NULL;
    const int32_t status = demur_context_logits(context, index, &row, error);
    return status == DEMUR_OK
               ? demur_readout(kernel, row, context->model->vocabulary_size, ids, id_count, temperature, out, error)
               : status;
}

/* ---- what the compute graph brought ---- */

int32_t demur_context_numbers(demur_context *context, int32_t index, double *out, char *error) {
    int32_t status = demur_graph_check_sequence(context, 0, error);
    if (status == DEMUR_OK && out == NULL) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "out is NULL.");
    }
    if (status == DEMUR_OK) {
        status = check_output(context, index, error);
    }
    return status == DEMUR_OK ? demur_graph_numbers(context, index, out, error) : status;
}

/* ---- the tokens that follow ---- */

static int32_t check_sampling(const demur_context *context, const demur_sampler *sampler, const int32_t *next,
                              char *error) {
    if (context == NULL || sampler == NULL || next == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.",
                          context == NULL   ? "context"
                          : sampler == NULL ? "sampler"
                                            : "next");
    }
    if (demur_sampler_model(sampler) != context->model) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "The sampler was made for another model than the context.");
    }
    return DEMUR_OK;
}

int32_t demur_context_sample(demur_context *context, demur_sampler *sampler, int32_t index, int32_t *next,
                             char *error) {
    const float *row = NULL;
    int32_t status = check_sampling(context, sampler, next, error);
    if (status == DEMUR_OK) {
        status = demur_context_logits(context, index, &row, error);
    }
    return status == DEMUR_OK ? demur_sampler_draw(sampler, row, next, error) : status;
}

/* Before anything is decoded: who samples, and where the tokens stand. */
static int32_t prepare_step(demur_context *context, int32_t count, const int32_t *sequences,
                            demur_sampler *const *samplers, int32_t *next, char *error) {
    if (count < 1 || count > context->sequences) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d tokens are not 1 for each of 1 to %d sequences.", count,
                          context->sequences);
    }
    if (context->graph != NULL && samplers != NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "This context draws in its compute graph.");
    }
    if (context->graph == NULL && samplers == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "samplers is NULL.");
    }
    for (int32_t i = 0; i < count; i++) {
        if (sequences[i] < 0 || sequences[i] >= context->sequences) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "sequences[%d] is %d: the context has %d.", i, sequences[i],
                              context->sequences);
        }
        const int32_t status = samplers != NULL ? check_sampling(context, samplers[i], next, error) : DEMUR_OK;
        if (status != DEMUR_OK) {
            return status;
        }
        context->step_positions[i] = context->next[sequences[i]];
    }
    for (int32_t i = 0; i < count && context->graph != NULL; i++) {
        demur_graph_draw(context, sequences[i]);
    }
    return DEMUR_OK;
}

int32_t demur_context_step(demur_context *context, int32_t count, const int32_t *tokens, const int32_t *sequences,
                           demur_sampler *const *samplers, int32_t *next, char *error) {
    if (context == NULL || tokens == NULL || sequences == NULL || next == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.",
                          context == NULL     ? "context"
                          : tokens == NULL    ? "tokens"
                          : sequences == NULL ? "sequences"
                                              : "next");
    }
    int32_t status = prepare_step(context, count, sequences, samplers, next, error);
    for (int32_t i = 0; status == DEMUR_OK && i < count; i++) {
        next[i] = DEMUR_NOT_DECODED;
    }
    if (status == DEMUR_OK) {
        status = demur_decode(context, count, tokens, context->step_positions, sequences, context->step_outputs, false,
                              error);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    for (int32_t i = 0; i < count; i++) {
        char *told = status == DEMUR_OK ? error : NULL; /* the first failure is the one to tell of */
        const int32_t drawn = samplers != NULL ? demur_context_sample(context, samplers[i], i, &next[i], told)
                                               : demur_graph_token(context, i, &next[i], told);
        if (drawn != DEMUR_OK) {
            next[i] = -1;
            status = status == DEMUR_OK ? drawn : status;
        }
    }
    return status;
}
