#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "internal.h"
#include "kernels.h"

struct demur_sampler {
    demur_model *model;
    drawer *drawer;
    uint8_t *never;  /* one byte a token: what is masked always */
    uint8_t *masked; /* NULL, or what demur_sampler_allow left of the rest besides */
};

const demur_model *demur_sampler_model(const demur_sampler *sampler) { return sampler->model; }

/* ---- life ---- */

/* At this one neighbouring floats around 10 are already a factor of e apart: what lies below it would draw as 0 does.
 */
static const double COLDEST = 1e-6;

void demur_sampler_free(demur_sampler *sampler) {
    if (sampler == NULL) {
        return;
    }
    demur_model_release(sampler->model);
    free(sampler->never);
    free(sampler->masked);
    drawer_free(sampler->drawer);
    free(sampler);
}

static int32_t check_penalties(const draw_options *options, char *error) {
    if (!isfinite(options->repeat) || options->repeat <= 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "repeat must be finite and positive, not %g.", options->repeat);
    }
    if (!isfinite(options->frequency) || !isfinite(options->presence)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "frequency and presence must be finite, not %g and %g.",
                          options->frequency, options->presence);
    }
    if (options->penalty_last < 0 || options->penalty_last > (1 << 24)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "penalty_last must be 0 to %d, not %d.", 1 << 24,
                          options->penalty_last);
    }
    return DEMUR_OK;
}

static int32_t check_options(const draw_options *options, char *error) {
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
    return check_penalties(options, error);
}

static int32_t mask(demur_sampler *sampler, const int32_t *masked, int32_t count, char *error) {
    const int32_t vocabulary = sampler->model->vocabulary_size;
    int32_t left = vocabulary;
    for (int32_t i = 0; i < count; i++) {
        if (masked[i] < 0 || masked[i] >= vocabulary) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "masked[%d] is %d: the vocabulary has %d.", i, masked[i],
                              vocabulary);
        }
        left -= sampler->never[masked[i]] == 0;
        sampler->never[masked[i]] = 1;
    }
    return left > 0 ? DEMUR_OK : demur_fail(error, DEMUR_ERROR_ARGUMENT, "All tokens are masked.");
}

int32_t demur_sampler_create(demur_model *model, int32_t kernel, double temperature, int32_t top_k, double top_p,
                             double min_p, double repeat, double frequency, double presence, int32_t penalty_last,
                             int64_t seed, const int32_t *masked, int32_t masked_count, demur_sampler **sampler,
                             char *error) {
    if (model == NULL || sampler == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", model == NULL ? "model" : "sampler");
    }
    if (masked_count < 0 || (masked == NULL && masked_count > 0)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "masked does not hold %d tokens.", masked_count);
    }
    const draw_options options = {temperature, top_k,    top_p,        min_p,         repeat,
                                  frequency,   presence, penalty_last, (uint64_t)seed};
    int32_t status = kernel_require(kernel, error);
    if (status == DEMUR_OK) {
        status = check_options(&options, error);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    demur_sampler *created = calloc(1, sizeof *created);
    if (created == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    demur_model_retain(model);
    created->model = model;
    created->never = calloc((size_t)model->vocabulary_size, 1);
    status = created->never != NULL ? mask(created, masked, masked_count, error)
                                    : demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    if (status == DEMUR_OK) {
        created->drawer = drawer_create(kernel, model->vocabulary_size, &options, masked, masked_count);
        status = created->drawer != NULL ? DEMUR_OK : demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
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
    if (sampler->masked == NULL) {
        sampler->masked = malloc(vocabulary);
    }
    if (sampler->masked == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    for (size_t i = 0; i < vocabulary; i++) {
        sampler->masked[i] = sampler->never[i] | (uint8_t)(allowed != NULL && allowed[i] == 0);
    }
    return drawer_mask(sampler->drawer, sampler->masked) ? DEMUR_OK
                                                         : demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
}

/* ---- use ---- */

int32_t demur_sampler_accept(demur_sampler *sampler, int32_t token, char *error) {
    if (sampler == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "sampler is NULL.");
    }
    if (token < 0 || token >= sampler->model->vocabulary_size) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Token %d: the vocabulary has %d.", token,
                          sampler->model->vocabulary_size);
    }
    drawer_accept(sampler->drawer, token);
    return DEMUR_OK;
}

int32_t demur_sampler_draw(demur_sampler *sampler, const float *row, int32_t *token, char *error) {
    int32_t drawn;
    /* llama.cpp hands its logits out to be written to; they are as before when this returns. */
    const int32_t status = drawer_draw(sampler->drawer, (float *)(uintptr_t)row, &drawn, error);
    if (status == DEMUR_OK) {
        drawer_accept(sampler->drawer, drawn);
        *token = drawn;
    }
    return status;
}
