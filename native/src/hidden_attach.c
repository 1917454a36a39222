/*
 * Prepares a context for hidden states: what they need, and a look, by decoding a few tokens, at what this llama.cpp
 * computes of this model and in which order. So what cannot work is refused before any work is done.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hidden.h"

/* ---- memory ---- */

void demur_hidden_free(struct demur_hidden *hidden) {
    if (hidden == NULL) {
        return;
    }
    free(hidden->value_layers);
    free(hidden->value_poolings);
    free(hidden->layers);
    free(hidden->sequences);
    free(hidden->rows);
    free(hidden->sums);
    free(hidden->in_hand);
    free(hidden->order);
    free(hidden->chosen);
    free(hidden->added);
    free(hidden->parts);
    free(hidden->chunk);
    free(hidden);
}

/* One layer for each that is named, however often. */
static void list_layers(struct demur_hidden *hidden, const int32_t *layers, const int32_t *poolings) {
    for (int32_t i = 0; i < hidden->value_count; i++) {
        int32_t at = 0;
        while (at < hidden->layer_count && hidden->layers[at].number != layers[i]) {
            at++;
        }
        hidden_layer *layer = &hidden->layers[at];
        if (at == hidden->layer_count) {
            *layer = (hidden_layer){.number = layers[i], .last = -1, .mean = -1};
            hidden->layer_count++;
        }
        if (poolings[i] == DEMUR_POOLING_LAST) {
            layer->last = layer->last < 0 ? hidden->last_count++ : layer->last;
        } else {
            layer->mean = layer->mean < 0 ? hidden->mean_count++ : layer->mean;
        }
        hidden->value_layers[i] = at;
        hidden->value_poolings[i] = poolings[i];
    }
}

static struct demur_hidden *allocate(demur_context *context, const int32_t *layers, const int32_t *poolings,
                                     int32_t count) {
    struct demur_hidden *hidden = calloc(1, sizeof *hidden);
    if (hidden == NULL) {
        return NULL;
    }
    const size_t values = (size_t)count, tokens = (size_t)context->batch_size, sequences = (size_t)context->sequences;
    hidden->abi = &context->model->runtime->abi;
    hidden->context = context;
    hidden->width = hidden->abi->llama_model_n_embd(context->model->llama);
    hidden->value_count = count;
    hidden->value_layers = calloc(values, sizeof *hidden->value_layers);
    hidden->value_poolings = calloc(values, sizeof *hidden->value_poolings);
    hidden->layers = calloc(values, sizeof *hidden->layers);
    hidden->sequences = calloc(sequences, sizeof *hidden->sequences);
    hidden->order = calloc(tokens, sizeof *hidden->order);
    hidden->chosen = calloc(tokens, sizeof *hidden->chosen);
    hidden->added = calloc(tokens, sizeof *hidden->added);
    hidden->parts = calloc(tokens, sizeof *hidden->parts);
    const size_t width = (size_t)hidden->width;
    hidden->chunk = calloc(HIDDEN_CHUNK * width, sizeof *hidden->chunk);
    bool complete = hidden->value_layers != NULL && hidden->value_poolings != NULL && hidden->layers != NULL &&
                    hidden->sequences != NULL && hidden->order != NULL && hidden->chosen != NULL &&
                    hidden->added != NULL && hidden->parts != NULL && hidden->chunk != NULL;
    if (complete) {
        list_layers(hidden, layers, poolings);
        /* One more than nothing, for which calloc may return NULL. */
        const size_t rows = sequences * (size_t)hidden->last_count * width + 1;
        const size_t sums = sequences * (size_t)hidden->mean_count * width + 1;
        hidden->rows = calloc(rows, sizeof *hidden->rows);
        hidden->sums = calloc(sums, sizeof *hidden->sums);
        hidden->in_hand = calloc(sums, sizeof *hidden->in_hand);
        complete = hidden->rows != NULL && hidden->sums != NULL && hidden->in_hand != NULL;
    }
    if (!complete) {
        demur_hidden_free(hidden);
        return NULL;
    }
    return hidden;
}

/* ---- a look at what is computed ---- */

enum { MOST_PROBED = 5 };

typedef struct probe_batch {
    int32_t count;
    int32_t tokens[MOST_PROBED], positions[MOST_PROBED], sequences[MOST_PROBED];
    int8_t outputs[MOST_PROBED];
} probe_batch;

/* Adds the tokens of a sequence from `first` on; those of the vocabulary's ends are often special. */
static void add_tokens(const demur_context *context, probe_batch *batch, int32_t sequence, int32_t count,
                       int32_t first) {
    const int32_t vocabulary = context->model->vocabulary_size;
    for (int32_t i = 0; i < count; i++) {
        const int32_t at = batch->count++;
        batch->tokens[at] = (int32_t)((int64_t)vocabulary * (first + i + 1) / (2 * MOST_PROBED));
        batch->positions[at] = i;
        batch->sequences[at] = sequence;
        batch->outputs[at] = i == count - 1;
    }
}

static int32_t clear(demur_context *context, char *error) {
    int32_t status = DEMUR_OK;
    for (int32_t s = 0; status == DEMUR_OK && s < context->sequences; s++) {
        status = demur_context_remove(context, s, 0, -1, error);
    }
    return status;
}

/* Decodes it from the beginning, in `steps`, and takes the mean over all tokens of each sequence. */
static int32_t decode(demur_context *context, const probe_batch *batch, int32_t step, char *error) {
    int32_t status = clear(context, error), kept;
    for (int32_t i = 0; status == DEMUR_OK && i < batch->count; i++) {
        status = demur_context_hidden_range(context, batch->sequences[i], 0, batch->positions[i] + 1, &kept, error);
    }
    for (int32_t i = 0; status == DEMUR_OK && i < batch->count; i += step) {
        const int32_t count = batch->count - i < step ? batch->count - i : step;
        status = demur_context_decode(context, count, batch->tokens + i, batch->positions + i, batch->sequences + i,
                                      batch->outputs + i, error);
    }
    return status;
}

static double distance(const float *a, const float *b, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    }
    return sqrt(sum);
}

/*
 * The last sequence has the prompt that was decoded alone before: what was captured for it must be that, and what was
 * captured for the others must not be it.
 */
static int32_t compare(demur_context *context, int32_t sequences, const float *alone, float *out, char *error) {
    const size_t count = (size_t)context->hidden->value_count * (size_t)context->hidden->width;
    double own = 0, nearest = INFINITY;
    for (int32_t s = sequences - 1; s >= 0; s--) {
        const int32_t status = demur_context_hidden_read(context, s, out, error);
        if (status != DEMUR_OK) {
            return status;
        }
        const double far = distance(out, alone, count);
        own = s == sequences - 1 ? far : own;
        nearest = s < sequences - 1 && far < nearest ? far : nearest;
    }
    return 2 * nearest < own ? demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "the rows are those of other sequences")
                             : DEMUR_OK;
}

/*
 * Finds how a batch of several sequences is split: the numbers of rows tell, and the order within is looked at by what
 * the rows hold. With three sequences, the middle one is done first.
 */
static int32_t find_split(demur_context *context, const float *alone, float *out, char *error) {
    const bool three = context->sequences > 2 && context->batch_size >= MOST_PROBED;
    const int32_t length = context->batch_size > 2 ? 2 : 1;
    probe_batch batch = {0};
    if (three) {
        add_tokens(context, &batch, 0, 2, 2);
        add_tokens(context, &batch, 1, 1, 4);
    } else {
        add_tokens(context, &batch, 0, 1, 4);
    }
    const int32_t last = three ? 2 : 1;
    add_tokens(context, &batch, last, length, 2 - length);
    char reason[DEMUR_ERROR_SIZE] = "";
    int32_t status = DEMUR_ERROR_UNSUPPORTED;
    for (int32_t split = 0; status == DEMUR_ERROR_UNSUPPORTED && split < HIDDEN_SPLITS; split++) {
        context->hidden->split = (hidden_split)split;
        status = decode(context, &batch, batch.count, reason);
        if (status == DEMUR_OK && length == 2) {
            status = compare(context, last + 1, alone, out, reason);
        }
    }
    if (status == DEMUR_ERROR_UNSUPPORTED) {
        return demur_fail(error, status,
                          "Hidden states cannot be had here: this llama.cpp computes a batch of several sequences in "
                          "an order that Demur does not know (%s). With one sequence there is none to know.",
                          reason);
    }
    return status == DEMUR_OK ? DEMUR_OK : demur_fail(error, status, "%s", reason);
}

static int32_t probe(demur_context *context, char *error) {
    struct demur_hidden *hidden = context->hidden;
    hidden->part_size = (int32_t)hidden->abi->llama_n_ubatch(context->llama);
    const size_t count = (size_t)hidden->value_count * (size_t)hidden->width;
    float *alone = malloc(2 * count * sizeof *alone);
    if (alone == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    probe_batch batch = {0};
    add_tokens(context, &batch, 0, 2, 0);
    int32_t status = decode(context, &batch, context->batch_size > 1 ? 2 : 1, error);
    if (status == DEMUR_OK) {
        status = demur_context_hidden_read(context, 0, alone, error);
    }
    if (status == DEMUR_OK && context->sequences > 1 && context->batch_size > 1) {
        status = find_split(context, alone, alone + count, error);
    }
    free(alone);
    if (status == DEMUR_OK) {
        status = clear(context, error);
    }
    for (int32_t s = 0; status == DEMUR_OK && s < context->sequences; s++) {
        int32_t kept;
        status = demur_context_hidden_range(context, s, 0, 0, &kept, error);
    }
    context->decoded = 0;
    return status;
}

/* ---- attaching ---- */

static int32_t check(const demur_context *context, const int32_t *layers, const int32_t *poolings, int32_t count,
                     char *error) {
    if (context == NULL || layers == NULL || poolings == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.",
                          context == NULL  ? "context"
                          : layers == NULL ? "layers"
                                           : "poolings");
    }
    if (count < 1 || count > DEMUR_HIDDEN_VALUES) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "count must be 1 to %d, not %d.", DEMUR_HIDDEN_VALUES, count);
    }
    const int32_t blocks = context->model->runtime->abi.llama_model_n_layer(context->model->llama);
    for (int32_t i = 0; i < count; i++) {
        if (layers[i] < 0 || layers[i] >= blocks) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "layers[%d] is %d: the model has %d blocks, from 0.", i,
                              layers[i], blocks);
        }
        if (poolings[i] != DEMUR_POOLING_LAST && poolings[i] != DEMUR_POOLING_MEAN) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "poolings[%d] is %d, which is none.", i, poolings[i]);
        }
    }
    if (context->hidden != NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "This context captures hidden states already.");
    }
    if (context->graph != NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "This context reads its logits in the compute graph.");
    }
    for (int32_t s = 0; s < context->sequences; s++) {
        if (context->next[s] != 0) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT,
                              "Sequence %d holds tokens: hidden states are asked for before any are decoded.", s);
        }
    }
    if (context->broken) {
        return demur_fail(error, DEMUR_ERROR_ASSERTION, "An earlier decode failed halfway; close the context.");
    }
    return DEMUR_OK;
}

int32_t demur_context_hidden(demur_context *context, const int32_t *layers, const int32_t *poolings, int32_t count,
                             char *error) {
    int32_t status = check(context, layers, poolings, count, error);
    if (status != DEMUR_OK) {
        return status;
    }
    const abi *abi = &context->model->runtime->abi;
    if (abi->no_tensors[0] != '\0') {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "This llama.cpp does not show what it computes: %s. %s",
                          abi->no_tensors, ABI_ADVICE);
    }
    struct demur_hidden *hidden = allocate(context, layers, poolings, count);
    if (hidden == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    context->hidden = hidden;
    context->decoded = 0;
    status = demur_context_replace(context, error);
    if (status == DEMUR_OK) {
        status = probe(context, error);
    }
    if (status != DEMUR_OK) {
        /* As before, but for the memory of its tokens being new; a broken one stays so. */
        const bool broken = context->broken && context->llama != NULL;
        context->hidden = NULL;
        memset(context->next, 0, (size_t)context->sequences * sizeof *context->next);
        context->decoded = 0;
        if (!broken) {
            demur_context_replace(context, NULL);
        }
        demur_hidden_free(hidden);
    }
    return status;
}
