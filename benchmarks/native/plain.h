/* What the benchmarks do with llama.cpp itself, without Demur: open a library with a model, and decode tokens. */
#ifndef DEMUR_BENCHMARKS_PLAIN_H
#define DEMUR_BENCHMARKS_PLAIN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "demur.h"

enum { BATCH = 512 };

static abi llama;
static struct llama_model *model;
static struct llama_context *context;
static const struct llama_vocab *vocabulary;
static int32_t vocabulary_size;

static inline void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static inline void silent(int level, const char *text, void *unused) {
    (void)level;
    (void)text;
    (void)unused;
}

/* A context of `sequences`, which share `cells` if that is not 0, else have each memory for `size` tokens. */
static inline void open_shared(const char *path, const char *file, uint32_t size, uint32_t cells, uint32_t sequences,
                               int32_t threads) {
    char error[DEMUR_ERROR_SIZE];
    void *library = abi_library_open(path, error);
    char *folder = strdup(path);
    char *end = folder == NULL ? NULL : strrchr(folder, '/');
    if (end == NULL) {
        fail("the library's path must have a folder");
    }
    *end = '\0';
    if (library == NULL || abi_start(&llama, library, folder, silent, error) != DEMUR_OK) {
        fail(error);
    }
    free(folder);
    model = abi_model_load(&llama, file, NULL, -1, NULL, NULL);
    if (model == NULL) {
        fail("the model cannot be loaded");
    }
    context = abi_context_create(&llama, model, size, cells, BATCH, sequences, NULL, NULL);
    if (context == NULL) {
        fail("there is no memory for the context");
    }
    llama.llama_set_n_threads(context, threads, threads);
    vocabulary = llama.llama_model_get_vocab(model);
    vocabulary_size = llama.llama_vocab_n_tokens(vocabulary);
}

static inline void open_model(const char *path, const char *file, uint32_t size, int32_t threads) {
    open_shared(path, file, size, 0, 1, threads);
}

static inline void close_model(void) {
    llama.llama_free(context);
    llama.llama_model_free(model);
}

/* Decodes tokens from `position` on; the row behind the last of them. */
static inline const float *row_behind(int32_t *tokens, int32_t count, int32_t position) {
    static int32_t sequence, *sequences[BATCH], positions[BATCH], counts[BATCH];
    static int8_t outputs[BATCH];
    for (int32_t i = 0; i < count; i++) {
        sequences[i] = &sequence;
        positions[i] = position + i;
        counts[i] = 1;
        outputs[i] = i == count - 1;
    }
    const abi_batch batch = {count, tokens, NULL, positions, counts, sequences, outputs};
    if (llama.llama_decode(context, batch) != 0) {
        fail("llama_decode failed");
    }
    return llama.llama_get_logits_ith(context, count - 1);
}

#endif
