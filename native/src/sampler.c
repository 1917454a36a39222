#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "internal.h"
#include "readout.h"

struct demur_sampler {
    demur_model *model;
    uint8_t *masked;             /* one byte a token */
    uint8_t *never;              /* NULL, or what `masked` was before demur_sampler_allow added to it */
    drawer *drawer;              /* draws from the row itself; NULL with a penalty */
    struct llama_sampler *chain; /* with a penalty; else NULL, and so are its candidates */
    abi_candidate *candidates;
};

const demur_model *demur_sampler_model(const demur_sampler *sampler) { return sampler->model; }

/* ---- life ---- */

/*
 * llama.cpp divides by the temperature in float, and infinities are no probabilities. At this one neighbouring floats
 * around 10 are already a factor of e apart: what lies below it would draw as 0 does.
 */
static const double COLDEST = 1e-6;

typedef struct options {
    double temperature;
    int32_t top_k;
    double top_p;
    double min_p;
    double penalty;
    int32_t penalty_last;
    uint32_t seed;
} options;

typedef struct build_call {
    demur_sampler *sampler;
    const options *options;
    bool complete;
} build_call;

static bool add(const abi *abi, struct llama_sampler *chain, struct llama_sampler *part) {
    if (part != NULL) {
        abi->llama_sampler_chain_add(chain, part);
    }
    return part != NULL;
}

static void build(void *argument) {
    build_call *call = argument;
    const options *options = call->options;
    demur_sampler *sampler = call->sampler;
    const abi *abi = &sampler->model->runtime->abi;
    struct llama_sampler *chain = abi->llama_sampler_chain_init(abi->llama_sampler_chain_default_params());
    sampler->chain = chain;
    bool complete = chain != NULL && add(abi, chain,
                                         abi_penalties(abi, sampler->model->vocabulary_size, options->penalty_last,
                                                       (float)options->penalty));
    if (options->temperature == 0) {
        call->complete = complete && add(abi, chain, abi->llama_sampler_init_greedy());
        return;
    }
    if (complete && options->top_k > 0) {
        complete = add(abi, chain, abi->llama_sampler_init_top_k(options->top_k));
    }
    if (complete && options->top_p < 1) {
        complete = add(abi, chain, abi->llama_sampler_init_top_p((float)options->top_p, 1));
    }
    if (complete && options->min_p > 0) {
        complete = add(abi, chain, abi->llama_sampler_init_min_p((float)options->min_p, 1));
    }
    call->complete = complete && add(abi, chain, abi->llama_sampler_init_temp((float)options->temperature)) &&
                     add(abi, chain, abi->llama_sampler_init_dist(options->seed));
}

static void destroy(void *argument) {
    demur_sampler *sampler = argument;
    const abi *abi = &sampler->model->runtime->abi;
    if (sampler->chain != NULL) {
        abi->llama_sampler_free(sampler->chain);
    }
}

void demur_sampler_free(demur_sampler *sampler) {
    if (sampler == NULL) {
        return;
    }
    demur_guard(destroy, sampler, "llama_sampler_free", NULL);
    demur_model_release(sampler->model);
    free(sampler->masked);
    free(sampler->never);
    free(sampler->candidates);
    drawer_free(sampler->drawer);
    free(sampler);
}

static int32_t check_options(const options *options, char *error) {
    if (!isfinite(options->temperature) || options->temperature < 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "temperature must be finite and not negative, not %g.",
                          options->temperature);
    }
    if (options->temperature > 0 && options->temperature < COLDEST) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "temperature must be 0 or at least %g, not %g.", COLDEST,
                          options->temperature);
    }
    if (!(options->top_p >= 0 && options->top_p <= 1)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "top_p must be 0 to 1, not %g.", options->top_p);
    }
    if (!(options->min_p >= 0 && options->min_p <= 1)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "min_p must be 0 to 1, not %g.", options->min_p);
    }
    if (!isfinite(options->penalty) || options->penalty <= 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "penalty must be finite and positive, not %g.",
                          options->penalty);
    }
    if (options->penalty_last < 0 || options->penalty_last > (1 << 24)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "penalty_last must be 0 to %d, not %d.", 1 << 24,
                          options->penalty_last);
    }
    return DEMUR_OK;
}

/* llama.cpp takes 32 bits, all ones of which mean "a random one". */
static uint32_t fold_seed(int64_t seed) {
    uint32_t folded = (uint32_t)(uint64_t)seed ^ (uint32_t)((uint64_t)seed >> 32);
    return folded == UINT32_MAX ? UINT32_MAX - 1 : folded;
}

static int32_t mask(demur_sampler *sampler, const int32_t *masked, int32_t count, char *error) {
    const int32_t vocabulary = sampler->model->vocabulary_size;
    int32_t left = vocabulary;
    for (int32_t i = 0; i < count; i++) {
        if (masked[i] < 0 || masked[i] >= vocabulary) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "masked[%d] is %d: the vocabulary has %d.", i, masked[i],
                              vocabulary);
        }
        left -= sampler->masked[masked[i]] == 0;
        sampler->masked[masked[i]] = 1;
    }
    return left > 0 ? DEMUR_OK : demur_fail(error, DEMUR_ERROR_ARGUMENT, "All tokens are masked.");
}

static int32_t make_chain(demur_sampler *sampler, const options *options, char *error) {
    sampler->candidates = malloc((size_t)sampler->model->vocabulary_size * sizeof *sampler->candidates);
    if (sampler->candidates == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    build_call call = {sampler, options, false};
    int32_t status = demur_guard(build, &call, "building the sampler", error);
    return status != DEMUR_OK || call.complete ? status
                                               : demur_fail(error, DEMUR_ERROR_MEMORY, "llama.cpp made no sampler.");
}

static int32_t make_drawer(demur_sampler *sampler, const draw_options *options, const int32_t *masked, int32_t count,
                           char *error) {
    sampler->drawer = drawer_create(demur_kernel_best(), sampler->model->vocabulary_size, options, masked, count);
    return sampler->drawer != NULL ? DEMUR_OK : demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
}

int32_t demur_sampler_create(demur_model *model, double temperature, int32_t top_k, double top_p, double min_p,
                             double penalty, int32_t penalty_last, int64_t seed, const int32_t *masked,
                             int32_t masked_count, demur_sampler **sampler, char *error) {
    if (model == NULL || sampler == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", model == NULL ? "model" : "sampler");
    }
    if (masked_count < 0 || (masked == NULL && masked_count > 0)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "masked does not hold %d tokens.", masked_count);
    }
    const options options = {temperature, top_k, top_p, min_p, penalty, penalty_last, fold_seed(seed)};
    int32_t status = check_options(&options, error);
    if (status != DEMUR_OK) {
        return status;
    }
    demur_sampler *created = calloc(1, sizeof *created);
    if (created == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    demur_model_retain(model);
    created->model = model;
    created->masked = calloc((size_t)model->vocabulary_size, 1);
    status = created->masked != NULL ? mask(created, masked, masked_count, error)
                                     : demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    if (status == DEMUR_OK && penalty != 1 && penalty_last > 0) {
        status = make_chain(created, &options, error);
    } else if (status == DEMUR_OK) {
        const draw_options drawing = {temperature, top_k, top_p, min_p, penalty, penalty_last, (uint64_t)seed};
        status = make_drawer(created, &drawing, masked, masked_count, error);
    }
    if (status != DEMUR_OK) {
        demur_sampler_free(created);
        return status;
    }
    *sampler = created;
    return DEMUR_OK;
}

int32_t demur_sampler_allow(demur_sampler *sampler, const uint8_t *allowed, char *error) {
    if (sampler == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "sampler is NULL.");
    }
    const size_t vocabulary = (size_t)sampler->model->vocabulary_size;
    if (sampler->never == NULL) {
        sampler->never = malloc(vocabulary);
        if (sampler->never == NULL) {
            return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
        }
        memcpy(sampler->never, sampler->masked, vocabulary);
    }
    for (size_t i = 0; i < vocabulary; i++) {
        sampler->masked[i] = sampler->never[i] | (uint8_t)(allowed != NULL && allowed[i] == 0);
    }
    if (sampler->drawer != NULL && !drawer_mask(sampler->drawer, sampler->masked)) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    return DEMUR_OK;
}

/* ---- use ---- */

typedef struct accept_call {
    demur_sampler *sampler;
    int32_t token;
} accept_call;

static void accept(void *argument) {
    accept_call *call = argument;
    const abi *abi = &call->sampler->model->runtime->abi;
    if (call->sampler->chain != NULL) {
        abi->llama_sampler_accept(call->sampler->chain, call->token);
    }
}

int32_t demur_sampler_accept(demur_sampler *sampler, int32_t token, char *error) {
    if (sampler == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "sampler is NULL.");
    }
    if (token < 0 || token >= sampler->model->vocabulary_size) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Token %d: the vocabulary has %d.", token,
                          sampler->model->vocabulary_size);
    }
    accept_call call = {sampler, token};
    return demur_guard(accept, &call, "llama_sampler_accept", error);
}

typedef struct draw_call {
    demur_sampler *sampler;
    abi_candidates candidates;
} draw_call;

static void draw(void *argument) {
    draw_call *call = argument;
    call->sampler->model->runtime->abi.llama_sampler_apply(call->sampler->chain, &call->candidates);
}

/* By the chain, among the candidates that the sampler holds. */
static int32_t draw_by_chain(demur_sampler *sampler, size_t count, int32_t *token, char *error) {
    draw_call call = {sampler, {sampler->candidates, count, -1, false}};
    int32_t status = demur_guard(draw, &call, "llama_sampler_apply", error);
    if (status != DEMUR_OK) {
        return status;
    }
    const abi_candidates *drawn = &call.candidates;
    if (drawn->selected < 0 || (uint64_t)drawn->selected >= drawn->size) {
        return demur_fail(error, DEMUR_ERROR_DECODE, "llama.cpp's sampler chose no token.");
    }
    accept_call told = {sampler, drawn->data[drawn->selected].id};
    status = demur_guard(accept, &told, "llama_sampler_accept", error);
    if (status == DEMUR_OK) {
        *token = told.token;
    }
    return status;
}

int32_t demur_sampler_draw(demur_sampler *sampler, const float *row, int32_t *token, char *error) {
    if (sampler->drawer != NULL) {
        /* llama.cpp hands its logits out to be written to; they are as before when this returns. */
        return drawer_draw(sampler->drawer, (float *)(uintptr_t)row, token, error);
    }
    const int32_t vocabulary = sampler->model->vocabulary_size;
    int32_t best; /* asked for because that refuses NaN and +inf */
    int32_t status = demur_row_argmax(row, vocabulary, &best, error);
    if (status != DEMUR_OK) {
        return status;
    }
    size_t count = 0;
    bool any = false;
    for (int32_t i = 0; i < vocabulary; i++) {
        if (!sampler->masked[i]) {
            sampler->candidates[count++] = (abi_candidate){i, row[i], 0};
            any = any || row[i] > -INFINITY;
        }
    }
    if (!any) {
        return demur_fail(error, DEMUR_ERROR_LOGITS, "All logits of unmasked tokens are -inf.");
    }
    return draw_by_chain(sampler, count, token, error);
}
