/*
 * Writes the logits row behind a text to a file, vocabulary floats: what a model gives is shaped otherwise than what is
 * made up. Arguments: a llama.cpp library, a model, the text, the file. Special tokens in the text count as such.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "demur.h"

enum { BATCH = 512 };

static void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(1);
}

static void silent(int level, const char *text, void *unused) {
    (void)level;
    (void)text;
    (void)unused;
}

static const float *row_behind(const abi *llama, struct llama_context *context, int32_t *tokens, int32_t count) {
    static int32_t sequence, *sequences[BATCH], positions[BATCH], counts[BATCH];
    static int8_t outputs[BATCH];
    for (int32_t i = 0; i < count; i++) {
        sequences[i] = &sequence;
        positions[i] = i;
        counts[i] = 1;
        outputs[i] = i == count - 1;
    }
    if (llama->llama_decode(context, (abi_batch){count, tokens, NULL, positions, counts, sequences, outputs}) != 0) {
        fail("llama_decode failed");
    }
    return llama->llama_get_logits_ith(context, count - 1);
}

int main(int argc, char **argv) {
    static abi llama;
    char error[DEMUR_ERROR_SIZE];
    if (argc != 5) {
        fail("usage: model_row LLAMA MODEL TEXT FILE");
    }
    void *library = abi_library_open(argv[1], error);
    char *folder = strdup(argv[1]);
    char *end = folder == NULL ? NULL : strrchr(folder, '/');
    if (end == NULL) {
        fail("the library's path must have a folder");
    }
    *end = '\0';
    if (library == NULL || abi_start(&llama, library, folder, silent, error) != DEMUR_OK) {
        fail(error);
    }
    free(folder);
    struct llama_model *model = abi_model_load(&llama, argv[2], NULL, -1, NULL, NULL);
    if (model == NULL) {
        fail("the model cannot be loaded");
    }
    struct llama_context *context = abi_context_create(&llama, model, BATCH, BATCH, 1);
    if (context == NULL) {
        fail("there is no memory for the context");
    }
    llama.llama_set_n_threads(context, 1, 1);
    const struct llama_vocab *vocabulary = llama.llama_model_get_vocab(model);
    int32_t tokens[BATCH];
    const int32_t count =
        llama.llama_tokenize(vocabulary, argv[3], (int32_t)strlen(argv[3]), tokens, BATCH, true, true);
    if (count < 1) {
        fail("the text must have 1 to 512 tokens");
    }
    const size_t size = (size_t)llama.llama_vocab_n_tokens(vocabulary);
    FILE *file = fopen(argv[4], "wb");
    if (file == NULL || fwrite(row_behind(&llama, context, tokens, count), sizeof(float), size, file) != size ||
        fclose(file) != 0) {
        fail("the row cannot be written");
    }
    llama.llama_free(context);
    llama.llama_model_free(model);
    return 0;
}
