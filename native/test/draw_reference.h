/* What drawing must follow: all tokens sorted, then cut and weighed one option after the other in long double. */
#ifndef DEMUR_DRAW_REFERENCE_H
#define DEMUR_DRAW_REFERENCE_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "ranking.h"

typedef struct reference {
    int32_t count; /* of tokens kept, the best first */
    int32_t *tokens;
    double *probabilities;
    bool close; /* rounding may cut elsewhere: a token lies within `near` of where top-p or min-p cuts */
} reference;

static inline void free_reference(reference *truth) {
    free(truth->tokens);
    free(truth->probabilities);
}

static inline int compare_ranks(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* For each of the last tokens once: z / repeat or z * repeat, less frequency for each time and presence. */
static inline void penalise(float *logits, const draw_options *options, const int32_t *told, int32_t told_count) {
    const int32_t first = told_count > options->penalty_last ? told_count - options->penalty_last : 0;
    for (int32_t i = first; i < told_count; i++) {
        int32_t times = 0;
        bool again = false;
        for (int32_t j = first; j < told_count; j++) {
            times += told[j] == told[i];
            again = again || (j < i && told[j] == told[i]);
        }
        if (!again) {
            double z = logits[told[i]];
            z = z <= 0 ? z * options->repeat : z / options->repeat;
            logits[told[i]] = (float)(z - times * options->frequency - options->presence);
        }
    }
}

static inline reference judge(const float *row, int32_t count, const draw_options *options, const int32_t *masked,
                              int32_t masked_count, const int32_t *told, int32_t told_count, double near) {
    float *logits = malloc((size_t)count * sizeof *logits);
    uint64_t *ranks = malloc((size_t)count * sizeof *ranks);
    memcpy(logits, row, (size_t)count * sizeof *logits);
    penalise(logits, options, told, told_count);
    for (int32_t i = 0; i < masked_count; i++) {
        logits[masked[i]] = -INFINITY;
    }
    int32_t kept = 0;
    for (int32_t i = 0; i < count; i++) {
        if (logits[i] > -INFINITY) {
            ranks[kept++] = rank_of(logits[i], i);
        }
    }
    qsort(ranks, (size_t)kept, sizeof *ranks, compare_ranks);
    const long double top = rank_logit(ranks[0]);
    reference truth = {0, malloc((size_t)count * sizeof(int32_t)), malloc((size_t)count * sizeof(double)), false};
    if (options->top_k > 0 && options->top_k < kept) {
        kept = options->top_k;
    }
    if (options->top_p < 1) {
        long double sum = 0, passed = 0;
        for (int32_t i = 0; i < kept; i++) {
            sum += expl(rank_logit(ranks[i]) - top);
        }
        for (int32_t i = 0; i < kept; i++) {
            passed += expl(rank_logit(ranks[i]) - top);
            truth.close = truth.close || fabsl(passed / sum - (long double)options->top_p) < (long double)near;
            if (passed >= (long double)options->top_p * sum) {
                kept = i + 1;
            }
        }
    }
    if (options->min_p > 0) {
        const long double least = logl(options->min_p);
        for (int32_t i = 0; near > 1e-8 && i < kept; i++) {
            truth.close = truth.close || fabsl(rank_logit(ranks[i]) - top - least) < (long double)near;
        }
        while (kept > 1 && rank_logit(ranks[kept - 1]) - top < least) {
            kept--;
        }
    }
    long double sum = 0;
    for (int32_t i = 0; i < kept; i++) {
        sum += expl((rank_logit(ranks[i]) - top) / options->temperature);
    }
    for (int32_t i = 0; i < kept; i++) {
        truth.tokens[i] = rank_token(ranks[i]);
        truth.probabilities[i] = (double)(expl((rank_logit(ranks[i]) - top) / options->temperature) / sum);
    }
    truth.count = kept;
    free(logits);
    free(ranks);
    return truth;
}

#endif
