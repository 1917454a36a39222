/*
 * What hidden states cost: a prompt decoded by a context that captures them, read at its end, in decodes of the same
 * prompt by a context that does not. Arguments: a llama.cpp library, a model, threads, tokens of the prompt, turns, and
 * the layers, of which the last row and the mean over the whole prompt are captured. In each turn either context
 * decodes the prompt once, in an order that changes. Prints the median of the ratios within a turn and its 95 %
 * interval, of the time that passed and of the processors' time, which other programs lengthen less.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "demur.h"

enum { MOST_TOKENS = 512, MOST_LAYERS = 256, MOST_TURNS = 4096 };

static char error[DEMUR_ERROR_SIZE];
static int32_t tokens[MOST_TOKENS], positions[MOST_TOKENS], sequences[MOST_TOKENS];
static int8_t outputs[MOST_TOKENS];
static float *values;

static void need(int32_t status) {
    if (status != DEMUR_OK) {
        fprintf(stderr, "%s\n", error);
        exit(1);
    }
}

static double seconds(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Decodes the prompt anew; adds what it took to wall and cpu. */
static void decode(demur_context *context, int32_t count, int captures, double *wall, double *cpu) {
    int32_t kept;
    need(demur_context_remove(context, 0, 0, -1, error));
    *wall = seconds(CLOCK_MONOTONIC);
    *cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (captures) {
        need(demur_context_hidden_range(context, 0, 0, count, &kept, error));
    }
    need(demur_context_decode(context, count, tokens, positions, sequences, outputs, error));
    if (captures) {
        need(demur_context_hidden_read(context, 0, values, error));
    }
    *wall = seconds(CLOCK_MONOTONIC) - *wall;
    *cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - *cpu;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print(const char *name, double *ratios, int32_t turns) {
    qsort(ratios, (size_t)turns, sizeof *ratios, ascending);
    const int32_t reach = (int32_t)ceil(0.98 * sqrt(turns)); /* of the binomial distribution */
    const int32_t low = turns / 2 - reach < 0 ? 0 : turns / 2 - reach;
    const int32_t high = turns / 2 + reach < turns ? turns / 2 + reach : turns - 1;
    printf("%s: %.4f (%.4f to %.4f)\n", name, ratios[turns / 2], ratios[low], ratios[high]);
}

int main(int argc, char **arguments) {
    if (argc < 7) {
        fprintf(stderr, "usage: hidden_benchmark LIBRARY MODEL THREADS TOKENS TURNS LAYER...\n");
        return 2;
    }
    const int32_t threads = atoi(arguments[3]), count = atoi(arguments[4]), turns = atoi(arguments[5]);
    const int32_t layer_count = argc - 6;
    if (count < 1 || count > MOST_TOKENS || turns < 1 || turns > MOST_TURNS || layer_count > MOST_LAYERS) {
        fprintf(stderr, "there are too many tokens, turns or layers, or none\n");
        return 2;
    }
    int32_t layers[2 * MOST_LAYERS], poolings[2 * MOST_LAYERS];
    for (int32_t i = 0; i < layer_count; i++) {
        layers[2 * i] = layers[2 * i + 1] = atoi(arguments[6 + i]);
        poolings[2 * i] = DEMUR_POOLING_LAST;
        poolings[2 * i + 1] = DEMUR_POOLING_MEAN;
    }
    demur_runtime *runtime = NULL;
    demur_model *model = NULL;
    demur_context *contexts[2] = {NULL, NULL};
    int64_t width = 0, vocabulary = 0;
    need(demur_runtime_open(arguments[1], 0, &runtime, error));
    need(demur_model_load(runtime, arguments[2], NULL, -1, NULL, &model, error));
    need(demur_model_number(model, DEMUR_MODEL_EMBEDDING, &width, error));
    need(demur_model_number(model, DEMUR_MODEL_VOCABULARY, &vocabulary, error));
    for (int32_t i = 0; i < 2; i++) {
        need(demur_context_create(model, MOST_TOKENS, 0, MOST_TOKENS, 1, threads, NULL, &contexts[i], error));
    }
    need(demur_context_hidden(contexts[1], layers, poolings, 2 * layer_count, error));
    values = calloc((size_t)(2 * layer_count * width), sizeof *values);
    if (values == NULL) {
        return 1;
    }
    for (int32_t i = 0; i < count; i++) {
        tokens[i] = (int32_t)((1000 + i * INT64_C(7919)) % vocabulary);
        positions[i] = i;
        outputs[i] = i == count - 1;
    }
    static double wall_ratios[MOST_TURNS], cpu_ratios[MOST_TURNS];
    for (int32_t turn = -1; turn < turns; turn++) {
        double wall[2], cpu[2];
        for (int32_t k = 0; k < 2; k++) {
            const int32_t which = (turn + k) & 1;
            decode(contexts[which], count, which, &wall[which], &cpu[which]);
        }
        if (turn >= 0) {
            wall_ratios[turn] = wall[1] / wall[0];
            cpu_ratios[turn] = cpu[1] / cpu[0];
        }
    }
    print("time", wall_ratios, turns);
    print("processors' time", cpu_ratios, turns);
    free(values);
    demur_context_free(contexts[0]);
    demur_context_free(contexts[1]);
    demur_model_free(model);
    return 0;
}
