/*
 * A step of decoding with the control tokens read on the host and in the compute graph: decodes a token in each of some
 * sequences and reads six tokens of each row. Arguments: a llama.cpp library, a model, how many layers go to a GPU,
 * threads, the steps of a block, and numbers of sequences. For each of these both take turns of blocks; a line says
 * "sequences host_us graph_us ratio low high host_bytes graph_bytes": medians of the time of a step and of the ratio of
 * two neighbouring blocks with its 95 % interval, and what a step brings to the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "demur.h"

enum { IDS = 6, MOST_SEQUENCES = 64, BLOCKS = 41, FIRST = 8 };

static char error[DEMUR_ERROR_SIZE];
static int32_t ids[IDS];
static int32_t vocabulary;
static int32_t steps;

static void need(int32_t status) {
    if (status != DEMUR_OK) {
        fprintf(stderr, "%s\n", error);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Decodes a token at `position` of each sequence and reads what came of it; the bytes that came to the host. */
static double step(demur_context *context, int in_graph, int32_t sequences, int32_t position) {
    static int32_t tokens[MOST_SEQUENCES], positions[MOST_SEQUENCES], numbers[MOST_SEQUENCES];
    static int8_t outputs[MOST_SEQUENCES];
    double out[2 * IDS + 3], bytes = 0;
    for (int32_t s = 0; s < sequences; s++) {
        tokens[s] = 300 + (7 * s + 13 * position) % 1000;
        positions[s] = position;
        numbers[s] = s;
        outputs[s] = 1;
    }
    need(demur_context_decode(context, sequences, tokens, positions, numbers, outputs, error));
    for (int32_t s = 0; s < sequences; s++) {
        if (in_graph) {
            need(demur_context_numbers(context, s, out, error));
            bytes += out[2 * IDS + 2];
        } else {
            const float *row = NULL;
            need(demur_context_logits(context, s, &row, error));
            need(demur_readout(demur_kernel_best(-1), row, vocabulary, ids, IDS, 1, out, error));
            bytes += 4.0 * vocabulary;
        }
    }
    return bytes;
}

/* The time of a step, over a block of them from position 0 on, the first few of which do not count. */
static double block(demur_context *context, int in_graph, int32_t sequences, double *bytes) {
    for (int32_t s = 0; s < sequences; s++) {
        need(demur_context_remove(context, s, 0, -1, error));
    }
    for (int32_t i = 0; i < FIRST; i++) {
        *bytes = step(context, in_graph, sequences, i);
    }
    const double start = now();
    for (int32_t i = 0; i < steps; i++) {
        *bytes = step(context, in_graph, sequences, FIRST + i);
    }
    return (now() - start) / steps;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(demur_model *model, int32_t sequences, int32_t threads) {
    demur_context *host = NULL, *graph = NULL;
    need(demur_context_create(model, 256, 512, sequences, threads, NULL, &host, error));
    need(demur_context_create(model, 256, 512, sequences, threads, NULL, &graph, error));
    need(demur_context_graph(graph, ids, IDS, error));
    const double thresholds[IDS - 1] = {0.5, 0.5, 0.5, 0.5, 0.5};
    for (int32_t s = 0; s < sequences; s++) {
        need(demur_context_policy(graph, s, DEMUR_GRAPH_THRESHOLD, 1, thresholds, NULL, error));
    }
    double host_time[BLOCKS], graph_time[BLOCKS], ratio[BLOCKS], host_bytes = 0, graph_bytes = 0;
    block(host, 0, sequences, &host_bytes);
    block(graph, 1, sequences, &graph_bytes);
    for (int i = 0; i < BLOCKS; i++) {
        host_time[i] = block(host, 0, sequences, &host_bytes);
        graph_time[i] = block(graph, 1, sequences, &graph_bytes);
        ratio[i] = graph_time[i] / host_time[i];
    }
    qsort(host_time, BLOCKS, sizeof *host_time, ascending);
    qsort(graph_time, BLOCKS, sizeof *graph_time, ascending);
    qsort(ratio, BLOCKS, sizeof *ratio, ascending);
    /* The order statistics that hold the median of 41 with 95 %. */
    printf("%d %.1f %.1f %.3f %.3f %.3f %.0f %.0f\n", sequences, host_time[BLOCKS / 2], graph_time[BLOCKS / 2],
           ratio[BLOCKS / 2], ratio[BLOCKS / 2 - 7], ratio[BLOCKS / 2 + 7], host_bytes, graph_bytes);
    fflush(stdout);
    demur_context_free(host);
    demur_context_free(graph);
}

int main(int count, char **arguments) {
    if (count < 7) {
        fprintf(stderr, "usage: graph_benchmark LIBRARY MODEL GPU_LAYERS THREADS STEPS SEQUENCES ...\n");
        return 2;
    }
    demur_runtime *runtime = NULL;
    demur_model *model = NULL;
    int64_t tokens = 0;
    need(demur_runtime_open(arguments[1], 0, &runtime, error));
    need(demur_model_load(runtime, arguments[2], NULL, atoi(arguments[3]), NULL, &model, error));
    need(demur_model_number(model, DEMUR_MODEL_VOCABULARY, &tokens, error));
    vocabulary = (int32_t)tokens;
    for (int32_t i = 0; i < IDS; i++) {
        ids[i] = vocabulary - IDS + i;
    }
    steps = atoi(arguments[5]);
    if (steps < 1 || steps > 200) {
        fprintf(stderr, "steps must be 1 to 200\n");
        return 2;
    }
    for (int i = 6; i < count; i++) {
        const int32_t sequences = atoi(arguments[i]);
        if (sequences < 1 || sequences > MOST_SEQUENCES) {
            fprintf(stderr, "sequences must be 1 to %d\n", MOST_SEQUENCES);
            return 2;
        }
        measure(model, sequences, atoi(arguments[4]));
    }
    demur_model_free(model);
    return 0;
}
