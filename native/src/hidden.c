/*
 * Hidden states: the residual stream behind some blocks of the model, which llama.cpp shows to an evaluation callback
 * while it computes. Rows are taken where they are asked for and added up on the spot; nothing else is kept of them.
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hidden.h"

static float *row_of(const struct demur_hidden *hidden, int32_t sequence, int32_t place) {
    return hidden->rows + ((size_t)sequence * (size_t)hidden->last_count + (size_t)place) * (size_t)hidden->width;
}

/* Where the sum of a sequence stands in `sums` and in `in_hand`. */
static size_t sum_at(const struct demur_hidden *hidden, int32_t sequence, int32_t place) {
    return ((size_t)sequence * (size_t)hidden->mean_count + (size_t)place) * (size_t)hidden->width;
}

static int32_t within(int32_t value, int32_t least, int32_t most) {
    return value < least ? least : value > most ? most : value;
}

/* ---- the parts of a batch ---- */

static void add_part(struct demur_hidden *hidden, int32_t end) {
    hidden_part *next = &hidden->parts[hidden->part_count];
    *next = (hidden_part){.begin = hidden->part_count == 0 ? 0 : next[-1].end, .end = end};
    hidden->part_count++;
    for (int32_t j = next->begin; j < end; j++) {
        const int32_t i = hidden->order[j];
        next->outputs += hidden->context->outputs[i];
        next->has_chosen = next->has_chosen || hidden->chosen[i];
        next->has_added = next->has_added || hidden->added[i];
    }
}

static void split_in_order(struct demur_hidden *hidden, int32_t count, bool by_sequence) {
    const int32_t *ids = hidden->context->sequence_ids;
    int32_t begin = 0;
    for (int32_t i = 0; i < count; i++) {
        hidden->order[i] = i;
        if (i + 1 == count || i + 1 - begin == hidden->part_size || (by_sequence && ids[i + 1] != ids[i])) {
            add_part(hidden, i + 1);
            begin = i + 1;
        }
    }
}

static void split_equally(struct demur_hidden *hidden, int32_t count, bool neighbours) {
    const int32_t *ids = hidden->context->sequence_ids;
    const int32_t first = ids[0], last = ids[count - 1];
    for (int32_t i = count - 1; i >= 0; i--) {
        hidden_sequence *of = &hidden->sequences[ids[i]];
        of->left = i + 1 < count && ids[i + 1] == ids[i] ? of->left + 1 : 1;
        of->begin = i;
    }
    for (int32_t placed = 0; placed < count;) {
        int32_t members = 0, tokens = count, end = last + 1;
        for (int32_t s = first; s < end; s++) {
            const int32_t left = hidden->sequences[s].left;
            if (left > 0) {
                members++;
                tokens = left < tokens ? left : tokens;
            } else if (neighbours && members > 0) {
                end = s;
            }
        }
        tokens = within(hidden->part_size / members, 1, tokens);
        for (int32_t s = first; s < end; s++) {
            hidden_sequence *of = &hidden->sequences[s];
            for (int32_t t = 0; of->left > 0 && t < tokens; t++) {
                hidden->order[placed++] = of->begin++;
                of->left--;
            }
        }
        add_part(hidden, placed);
    }
}

/* Marks what is asked for of the context's batch; false where nothing is. */
static bool mark(struct demur_hidden *hidden, int32_t count) {
    const demur_context *context = hidden->context;
    bool asked = false;
    for (int32_t s = 0; s < context->sequences; s++) {
        hidden_sequence *of = &hidden->sequences[s];
        of->adds = false;
        of->has_row = false;
    }
    for (int32_t i = count - 1; i >= 0; i--) {
        const int32_t s = context->sequence_ids[i];
        hidden_sequence *of = &hidden->sequences[s];
        hidden->chosen[i] = context->outputs[i] && !of->has_row;
        of->has_row = of->has_row || hidden->chosen[i];
        /* Whoever has a gap between its sum and the batch stays without one. */
        hidden->added[i] = hidden->mean_count > 0 && context->positions[i] >= of->from &&
                           context->positions[i] < of->to && of->summed == within(context->next[s], of->from, of->to);
        of->adds = of->adds || hidden->added[i];
        asked = asked || hidden->chosen[i] || hidden->added[i];
    }
    for (int32_t s = 0; s < context->sequences; s++) {
        hidden->sequences[s].has_row = false;
    }
    return asked;
}

int32_t demur_hidden_check(int32_t count, const int32_t *sequences, char *error) {
    for (int32_t i = 1; i < count; i++) {
        if (sequences[i] != sequences[i - 1] && sequences[i] != sequences[i - 1] + 1) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT,
                              "sequences[%d] is %d behind one of sequence %d: where hidden states are captured, the "
                              "sequences of a batch are neighbours, and stand one behind the other.",
                              i, sequences[i], sequences[i - 1]);
        }
    }
    return DEMUR_OK;
}

void demur_hidden_begin(demur_context *context, int32_t count, bool captured) {
    struct demur_hidden *hidden = context->hidden;
    hidden->part_count = 0;
    hidden->planned = mark(hidden, count) && captured;
    if (!hidden->planned) {
        return;
    }
    const bool one = context->sequence_ids[0] == context->sequence_ids[count - 1];
    const hidden_split split = one ? HIDDEN_SPLIT_WHOLE : hidden->split;
    if (split == HIDDEN_SPLIT_WHOLE || split == HIDDEN_SPLIT_SEQUENCE) {
        split_in_order(hidden, count, split == HIDDEN_SPLIT_SEQUENCE);
    } else {
        split_equally(hidden, count, split == HIDDEN_SPLIT_EQUAL_NEIGHBOURS);
    }
    demur_hidden_restart(hidden);
}

void demur_hidden_restart(void *data) {
    struct demur_hidden *hidden = data;
    for (int32_t i = 0; i < hidden->layer_count; i++) {
        hidden->layers[i].seen = 0;
    }
    const size_t count = (size_t)hidden->mean_count * (size_t)hidden->width;
    for (int32_t s = 0; s < hidden->context->sequences; s++) {
        if (hidden->sequences[s].adds) {
            memcpy(hidden->in_hand + sum_at(hidden, s, 0), hidden->sums + sum_at(hidden, s, 0),
                   count * sizeof *hidden->sums);
        }
    }
    hidden->failure[0] = '\0';
    hidden->capturing = hidden->planned;
}

/* ---- while llama.cpp computes ---- */

static bool fail(struct demur_hidden *hidden, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct demur_hidden *hidden, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(hidden->failure, sizeof hidden->failure, format, arguments);
    va_end(arguments);
    hidden->capturing = false;
    return false;
}

/* The layer whose tensor this is, or NULL. */
static hidden_layer *layer_of(struct demur_hidden *hidden, const struct ggml_tensor *tensor) {
    const char *name = hidden->abi->ggml_get_name(tensor);
    if (strncmp(name, HIDDEN_TENSOR, sizeof HIDDEN_TENSOR - 1) != 0) {
        return NULL;
    }
    char *end;
    const long number = strtol(name + sizeof HIDDEN_TENSOR - 1, &end, 10);
    for (int32_t i = 0; *end == '\0' && i < hidden->layer_count; i++) {
        if (hidden->layers[i].number == number) {
            return &hidden->layers[i];
        }
    }
    return NULL;
}

/* Whether the rows of this part of the batch are asked for. */
static bool wanted(struct demur_hidden *hidden, hidden_layer *layer, const struct ggml_tensor *tensor) {
    const int64_t numbers = hidden->abi->ggml_nelements(tensor);
    if (layer->seen == hidden->part_count) {
        return fail(hidden, "llama.cpp computed the batch in more than the %d parts that were expected",
                    hidden->part_count);
    }
    const hidden_part *part = &hidden->parts[layer->seen++];
    const int64_t tokens = part->end - part->begin;
    if (hidden->abi->ggml_element_size(tensor) != sizeof(float) || !hidden->abi->ggml_is_contiguous(tensor) ||
        (numbers != tokens * hidden->width && numbers != (int64_t)part->outputs * hidden->width)) {
        return fail(hidden, "%s%d has %lld numbers where %lld tokens of %d floats were expected", HIDDEN_TENSOR,
                    layer->number, (long long)numbers, (long long)tokens, hidden->width);
    }
    layer->outputs = numbers != tokens * hidden->width;
    if (layer->outputs && layer->mean >= 0 && part->has_added) {
        return fail(hidden,
                    "of block %d, as of the last one in most models, only the rows of outputs are computed, so that no "
                    "mean can be taken of it",
                    layer->number);
    }
    return (layer->last >= 0 && part->has_chosen) || (layer->mean >= 0 && part->has_added);
}

static void get_rows(const struct demur_hidden *hidden, const struct ggml_tensor *tensor, int32_t first, int32_t count,
                     float *out) {
    const size_t bytes = (size_t)hidden->width * sizeof *out;
    hidden->abi->ggml_backend_tensor_get(tensor, out, (size_t)first * bytes, (size_t)count * bytes);
}

/* Adds rows, `first` and those behind it, to the sums of the sequences whose tokens they are. */
static void add_rows(struct demur_hidden *hidden, const hidden_layer *layer, const struct ggml_tensor *tensor,
                     const int32_t *tokens, int32_t first, int32_t count) {
    get_rows(hidden, tensor, first, count, hidden->chunk);
    const size_t width = (size_t)hidden->width;
    for (int32_t j = 0; j < count; j++) {
        const int32_t s = hidden->context->sequence_ids[tokens[j]];
        double *sum = hidden->in_hand + sum_at(hidden, s, layer->mean);
        const float *row = hidden->chunk + (size_t)j * width;
        for (size_t k = 0; k < width; k++) {
            sum[k] += row[k];
        }
    }
}

static void take(struct demur_hidden *hidden, const hidden_layer *layer, const struct ggml_tensor *tensor) {
    const hidden_part *part = &hidden->parts[layer->seen - 1];
    const int32_t *tokens = hidden->order + part->begin;
    const int32_t count = part->end - part->begin;
    int32_t row = 0;
    for (int32_t j = 0; layer->last >= 0 && j < count; j++) {
        const int32_t i = tokens[j];
        if (hidden->chosen[i]) {
            get_rows(hidden, tensor, row, 1, row_of(hidden, hidden->context->sequence_ids[i], layer->last));
        }
        row += layer->outputs ? hidden->context->outputs[i] : 1;
    }
    for (int32_t j = 0; layer->mean >= 0 && j < count; j++) {
        int32_t end = j;
        while (end < count && end - j < HIDDEN_CHUNK && hidden->added[tokens[end]]) {
            end++;
        }
        if (end > j) {
            add_rows(hidden, layer, tensor, tokens + j, j, end - j);
            j = end - 1;
        }
    }
}

bool demur_hidden_evaluate(struct ggml_tensor *tensor, bool ask, void *data) {
    struct demur_hidden *hidden = data;
    if (ask) {
        hidden_layer *layer = hidden->capturing ? layer_of(hidden, tensor) : NULL;
        hidden->computed = layer;
        return layer != NULL && wanted(hidden, layer, tensor);
    }
    take(hidden, hidden->computed, tensor);
    return true; /* false would end the computation */
}

int32_t demur_hidden_end(demur_context *context, int32_t status, char *error) {
    struct demur_hidden *hidden = context->hidden;
    hidden->capturing = false;
    if (status != DEMUR_OK || !hidden->planned) {
        return status;
    }
    if (hidden->failure[0] != '\0') {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "Hidden states cannot be had here: %s.", hidden->failure);
    }
    for (int32_t i = 0; i < hidden->layer_count; i++) {
        const hidden_layer *layer = &hidden->layers[i];
        if (layer->seen != hidden->part_count) {
            return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                              "Hidden states cannot be had here: the graph of this model has %d tensors %s%d for a "
                              "batch that was expected to be computed in %d parts.",
                              layer->seen, HIDDEN_TENSOR, layer->number, hidden->part_count);
        }
    }
    for (int32_t j = 0; j < hidden->parts[hidden->part_count - 1].end; j++) {
        hidden_sequence *of = &hidden->sequences[context->sequence_ids[j]];
        of->has_row = of->has_row || hidden->chosen[j];
    }
    for (int32_t s = 0; s < context->sequences; s++) {
        hidden_sequence *of = &hidden->sequences[s];
        if (of->adds) {
            memcpy(hidden->sums + sum_at(hidden, s, 0), hidden->in_hand + sum_at(hidden, s, 0),
                   (size_t)hidden->mean_count * (size_t)hidden->width * sizeof *hidden->sums);
            of->summed = within(context->ends[s], of->from, of->to);
        }
    }
    return DEMUR_OK;
}

/* ---- the mean of a range ---- */

static void clear_sum(struct demur_hidden *hidden, int32_t s) {
    memset(hidden->sums + sum_at(hidden, s, 0), 0,
           (size_t)hidden->mean_count * (size_t)hidden->width * sizeof *hidden->sums);
    hidden->sequences[s].summed = hidden->sequences[s].from;
}

void demur_hidden_forget(struct demur_hidden *hidden, int32_t s, int32_t from, int32_t to) {
    hidden_sequence *of = &hidden->sequences[s];
    of->has_row = false;
    if (of->summed == HIDDEN_LOST || from >= of->summed || to <= of->from) {
        return;
    }
    if (from <= of->from && to >= of->summed) {
        clear_sum(hidden, s);
    } else {
        of->summed = HIDDEN_LOST; /* what was added is not known any more by row */
    }
}

static int32_t check_use(const demur_context *context, int32_t sequence, char *error) {
    if (context == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "context is NULL.");
    }
    if (context->hidden == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "This context captures no hidden states.");
    }
    if (sequence < 0 || sequence >= context->sequences) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Sequence %d: the context has %d.", sequence,
                          context->sequences);
    }
    return DEMUR_OK;
}

int32_t demur_context_hidden_range(demur_context *context, int32_t sequence, int32_t from, int32_t to, int32_t *kept,
                                   char *error) {
    int32_t status = check_use(context, sequence, error);
    if (status == DEMUR_OK && kept == NULL) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "kept is NULL.");
    }
    if (status == DEMUR_OK && (from < 0 || to < from)) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "Positions %d to %d are no range.", from, to);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    hidden_sequence *of = &context->hidden->sequences[sequence];
    const bool goes_on = from == of->from && of->summed != HIDDEN_LOST && of->summed <= to;
    of->from = from;
    of->to = to;
    if (!goes_on) {
        clear_sum(context->hidden, sequence);
    }
    const int32_t next = context->next[sequence];
    *kept = of->summed == within(next, from, to) ? next : of->summed;
    return DEMUR_OK;
}

int32_t demur_context_hidden_read(demur_context *context, int32_t sequence, float *out, char *error) {
    int32_t status = check_use(context, sequence, error);
    if (status == DEMUR_OK && out == NULL) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "out is NULL.");
    }
    if (status != DEMUR_OK) {
        return status;
    }
    const struct demur_hidden *hidden = context->hidden;
    const hidden_sequence *of = &hidden->sequences[sequence];
    if (hidden->last_count > 0 && !of->has_row) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "The last decode captured no output of sequence %d.", sequence);
    }
    if (hidden->mean_count > 0 && (of->from == of->to || of->summed != of->to)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT,
                          "Not all of positions %d to %d of sequence %d were decoded since they were named.", of->from,
                          of->to, sequence);
    }
    for (int32_t i = 0; i < hidden->value_count; i++) {
        const hidden_layer *layer = &hidden->layers[hidden->value_layers[i]];
        float *value = out + (size_t)i * (size_t)hidden->width;
        for (int32_t k = 0; k < hidden->width; k++) {
            value[k] =
                hidden->value_poolings[i] == DEMUR_POOLING_LAST
                    ? row_of(hidden, sequence, layer->last)[k]
                    : (float)(hidden->sums[sum_at(hidden, sequence, layer->mean) + (size_t)k] / (of->to - of->from));
            if (!isfinite(value[k])) {
                return demur_fail(error, DEMUR_ERROR_LOGITS, "The hidden state behind block %d holds %g.",
                                  layer->number, (double)value[k]);
            }
        }
    }
    return DEMUR_OK;
}
