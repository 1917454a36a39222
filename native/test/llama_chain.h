/* llama.cpp's own sampler chain, opened at run time: the oracle of what the drawer's options mean, and what it is timed
 * against. */
#ifndef DEMUR_TEST_LLAMA_CHAIN_H
#define DEMUR_TEST_LLAMA_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "portable.h"

typedef struct candidate {
    int32_t id;
    float logit;
    float p;
} candidate;

typedef struct candidates {
    candidate *data;
    size_t size;
    int64_t selected;
    bool sorted;
} candidates;

typedef struct chain_params {
    bool no_perf;
} chain_params;

#define LLAMA(X)                                                                                                       \
    X(chain_params, llama_sampler_chain_default_params, (void))                                                        \
    X(void *, llama_sampler_chain_init, (chain_params))                                                                \
    X(void, llama_sampler_chain_add, (void *, void *))                                                                 \
    X(void *, llama_sampler_init_dist, (uint32_t))                                                                     \
    X(void *, llama_sampler_init_top_k, (int32_t))                                                                     \
    X(void *, llama_sampler_init_top_p, (float, size_t))                                                               \
    X(void *, llama_sampler_init_min_p, (float, size_t))                                                               \
    X(void *, llama_sampler_init_temp, (float))                                                                        \
    X(void *, llama_sampler_init_penalties, (int32_t, float, float, float))                                            \
    X(void, llama_sampler_accept, (void *, int32_t))                                                                   \
    X(void, llama_sampler_apply, (void *, candidates *))                                                               \
    X(void, llama_sampler_free, (void *))

#define DECLARE(result, name, parameters) static result(*name) parameters;
LLAMA(DECLARE)
static bool takes_vocabulary; /* llama_sampler_init_penalties does, in front of the rest, since llama_sampler_copy */

static void open_llama(const char *path) {
    void *library = library_of(path);
    if (library == NULL) {
        fprintf(stderr, "%s cannot be opened\n", path);
        exit(1);
    }
#define RESOLVE(result, name, parameters)                                                                              \
    *(void **)&name = function_of(library, #name);                                                                     \
    if (name == NULL) {                                                                                                \
        fprintf(stderr, "%s has no %s\n", path, #name);                                                                \
        exit(1);                                                                                                       \
    }
    LLAMA(RESOLVE)
    takes_vocabulary = function_of(library, "llama_sampler_copy") != NULL;
}

#endif
