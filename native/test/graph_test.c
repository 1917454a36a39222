/*
 * Reading logits in the compute graph, beside reading them on the host. Arguments: a library that has samplers in its
 * graph, a folder for model files, and how many layers go to a GPU.
 *
 * This program stands before llama.cpp's libraries in the order of symbols, so that it can count what they bring to the
 * host and how often they plan a graph.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <unistd.h>

#include "micro_model.h"
#include "test.h"

enum { CATEGORIES = 5, IDS = CATEGORIES + 1, SEQUENCES = 4, NUMBERS = 2 * IDS + 3, FIRST_EQUAL = 300 };

static demur_runtime *runtime;
static demur_model *model;
static int32_t gpu_layers;
static char path[4096], equal_path[4096], nan_path[4096];
static const int32_t ids[IDS] = {310, 20, 305, 44, 301, MICRO_RESPOND};

/* ---- what crosses from the device, counted ---- */

static int64_t bytes_got, graphs_planned;
static void *ggml;

static void *real(const char *name) {
    void *function = dlsym(ggml, name);
    if (function == NULL) {
        fprintf(stderr, "%s: %s\n", name, dlerror());
        abort();
    }
    return function;
}

void ggml_backend_tensor_get_async(void *backend, const void *tensor, void *data, size_t offset, size_t size);
void ggml_backend_tensor_get_async(void *backend, const void *tensor, void *data, size_t offset, size_t size) {
    void (*get)(void *, const void *, void *, size_t, size_t);
    void *function = real("ggml_backend_tensor_get_async");
    memcpy(&get, &function, sizeof get);
    bytes_got += (int64_t)size;
    get(backend, tensor, data, offset, size);
}

bool ggml_backend_sched_alloc_graph(void *scheduler, void *graph);
bool ggml_backend_sched_alloc_graph(void *scheduler, void *graph) {
    bool (*plan)(void *, void *);
    void *function = real("ggml_backend_sched_alloc_graph");
    memcpy(&plan, &function, sizeof plan);
    graphs_planned++;
    return plan(scheduler, graph);
}

/* ---- helpers ---- */

/* A GPU made of software is slow. */
static int32_t rounds(int32_t on_cpu) { return gpu_layers > 0 ? (on_cpu + 14) / 15 : on_cpu; }

static demur_model *load(const char *file) {
    demur_model *loaded = NULL;
    NEED(demur_model_load(runtime, file, NULL, gpu_layers, NULL, &loaded, error));
    return loaded;
}

static demur_context *new_context(demur_model *of, int32_t sequences) {
    demur_context *context = NULL;
    NEED(demur_context_create(of, 512, 0, 512, sequences, 1, NULL, &context, error));
    return context;
}

static demur_context *graph_context(demur_model *of, int32_t sequences) {
    demur_context *context = new_context(of, sequences);
    NEED(demur_context_graph(context, ids, IDS, error));
    return context;
}

/* Prompts of `count` tokens that depend on `salt`, one in each of the sequences from `first` to `last`, in one batch.
 */
static int32_t decode_prompts(demur_context *context, int32_t first, int32_t last, int32_t count, int32_t salt,
                              int32_t *at) {
    int32_t tokens[512], positions[512], sequences[512], size = 0;
    int8_t outputs[512];
    for (int32_t s = first; s <= last; s++) {
        NEED(demur_context_remove(context, s, 0, -1, error));
        for (int32_t i = 0; i < count; i++) {
            tokens[size] = 6 + (salt * 31 + s * 17 + i * i * 7) % 240;
            positions[size] = i;
            sequences[size] = s;
            outputs[size] = i == count - 1;
            at[s] = size++;
        }
    }
    return demur_context_decode(context, size, tokens, positions, sequences, outputs, error);
}

/* The exact numbers on the host. */
static void host_numbers(demur_context *context, int32_t index, double temperature, double out[2 * IDS + 2]) {
    const float *row = NULL;
    NEED(demur_context_logits(context, index, &row, error));
    NEED(demur_readout(DEMUR_KERNEL_SCALAR, row, MICRO_VOCABULARY, ids, IDS, temperature, out, error));
}

/* The rules as the design has them, over numbers of a readout. */
static int32_t forced_token(int32_t mode, double temperature, const double *thresholds, const double *numbers) {
    int32_t best = -1;
    for (int32_t c = 0; c < CATEGORIES; c++) {
        const double z = numbers[IDS + c], respond = numbers[2 * IDS - 1];
        const double score = mode == DEMUR_GRAPH_RELATIVE ? 1 / (1 + exp((respond - z) / temperature)) : numbers[c];
        if (score >= thresholds[c] && (best < 0 || z > numbers[IDS + best])) {
            best = c;
        }
    }
    return ids[best < 0 ? CATEGORIES : best];
}

/* ---- tests ---- */

static void the_graph_reads_what_the_host_reads(void) {
    demur_context *host = new_context(model, SEQUENCES), *graph = graph_context(model, SEQUENCES);
    double worst_p = 0, worst_z = 0;
    for (int32_t salt = 0; salt < rounds(60); salt++) {
        const double temperature = salt % 3 == 0 ? 1 : salt % 3 == 1 ? 0.5 : 2;
        int32_t at[SEQUENCES];
        for (int32_t s = 0; s < SEQUENCES; s++) {
            NEED(demur_context_policy(graph, s, DEMUR_GRAPH_DRAW, temperature, NULL, NULL, error));
        }
        NEED(decode_prompts(host, 0, SEQUENCES - 1, 5 + salt, salt, at));
        NEED(decode_prompts(graph, 0, SEQUENCES - 1, 5 + salt, salt, at));
        for (int32_t s = 0; s < SEQUENCES; s++) {
            double expected[2 * IDS + 2], numbers[NUMBERS];
            host_numbers(host, at[s], temperature, expected);
            CHECK_OK(demur_context_numbers(graph, at[s], numbers, error));
            for (int32_t i = 0; i < IDS; i++) {
                worst_p = fmax(worst_p, fabs(numbers[i] - expected[i]));
                worst_z = fmax(worst_z, fabs(numbers[IDS + i] - expected[IDS + i]));
            }
            CHECK(numbers[2 * IDS] == expected[2 * IDS]);
        }
    }
    printf("     probabilities within %.2g, logits within %.2g\n", worst_p, worst_z);
    CHECK(worst_p < 1e-4 && worst_z < 1e-2);
    demur_context_free(host);
    demur_context_free(graph);
}

static void each_sequence_has_a_policy_of_its_own_that_changes_without_a_new_graph(void) {
    demur_context *graph = graph_context(model, SEQUENCES);
    uint64_t random = 7;
    int32_t refused = 0, respond = 0, at[SEQUENCES];
    NEED(decode_prompts(graph, 0, SEQUENCES - 1, 9, 0, at));
    NEED(decode_prompts(graph, 0, SEQUENCES - 1, 9, 0, at));
    graphs_planned = 0;
    for (int32_t round = 0; round < rounds(300); round++) {
        double thresholds[SEQUENCES][CATEGORIES], temperature[SEQUENCES];
        int32_t mode[SEQUENCES];
        for (int32_t s = 0; s < SEQUENCES; s++) {
            mode[s] = (round + s) % 2 == 0 ? DEMUR_GRAPH_THRESHOLD : DEMUR_GRAPH_RELATIVE;
            temperature[s] = round % 5 == 0 ? 0.7 : 1;
            for (int32_t c = 0; c < CATEGORIES; c++) {
                const double most = mode[s] == DEMUR_GRAPH_THRESHOLD ? 0.02 : 1;
                thresholds[s][c] = (round + c) % 7 == 0 ? NAN : most * fabsf(random_float(&random));
            }
            NEED(demur_context_policy(graph, s, mode[s], temperature[s], thresholds[s], NULL, error));
        }
        NEED(decode_prompts(graph, 0, SEQUENCES - 1, 9, round, at));
        for (int32_t s = 0; s < SEQUENCES; s++) {
            double numbers[NUMBERS];
            CHECK_OK(demur_context_numbers(graph, at[s], numbers, error));
            const int32_t token = (int32_t)numbers[2 * IDS + 1];
            CHECK_SAYING(token == forced_token(mode[s], temperature[s], thresholds[s], numbers),
                         "round %d, sequence %d: %d", round, s, token);
            *(token == MICRO_RESPOND ? &respond : &refused) += 1;
        }
    }
    CHECK_SAYING(refused > rounds(100) && respond > rounds(100), "%d refused, %d not", refused, respond);
    CHECK_SAYING(graphs_planned == 0, "%lld graphs", (long long)graphs_planned);
    demur_context_free(graph);
}

static void a_score_that_equals_its_threshold_refuses(void) {
    demur_context *graph = graph_context(model, 1);
    double numbers[NUMBERS];
    int32_t at[1], refused = 0;
    for (int32_t salt = 0; salt < rounds(20); salt++) {
        for (int32_t c = 0; c < CATEGORIES; c++) {
            NEED(demur_context_policy(graph, 0, DEMUR_GRAPH_DRAW, 1, NULL, NULL, error));
            NEED(decode_prompts(graph, 0, 0, 9, salt, at));
            NEED(demur_context_numbers(graph, at[0], numbers, error));
            double thresholds[CATEGORIES] = {NAN, NAN, NAN, NAN, NAN};
            const float p = (float)numbers[c];
            thresholds[c] = p;
            NEED(demur_context_policy(graph, 0, DEMUR_GRAPH_THRESHOLD, 1, thresholds, NULL, error));
            NEED(decode_prompts(graph, 0, 0, 9, salt, at));
            NEED(demur_context_numbers(graph, at[0], numbers, error));
            CHECK((float)numbers[c] == p && (int32_t)numbers[2 * IDS + 1] == ids[c]);
            thresholds[c] = nextafterf(p, 2);
            NEED(demur_context_policy(graph, 0, DEMUR_GRAPH_THRESHOLD, 1, thresholds, NULL, error));
            NEED(decode_prompts(graph, 0, 0, 9, salt, at));
            NEED(demur_context_numbers(graph, at[0], numbers, error));
            CHECK((int32_t)numbers[2 * IDS + 1] == MICRO_RESPOND);
            refused++;
        }
    }
    CHECK(refused == rounds(20) * CATEGORIES);
    demur_context_free(graph);
}

static void equal_logits_go_to_the_category_declared_first(void) {
    demur_model *equal = load(equal_path);
    demur_context *graph = graph_context(equal, 1);
    /* 310, 305 and 301 are equal there, and the first of them that passes is the decision. */
    const int32_t among[3] = {0, 2, 4};
    for (int32_t salt = 0; salt < rounds(10); salt++) {
        for (int32_t passing = 1; passing < 8; passing++) {
            double thresholds[CATEGORIES] = {NAN, NAN, NAN, NAN, NAN}, numbers[NUMBERS];
            int32_t expected = -1, at[1];
            for (int32_t i = 2; i >= 0; i--) {
                if ((passing >> i & 1) != 0) {
                    thresholds[among[i]] = 0;
                    expected = ids[among[i]];
                }
            }
            NEED(demur_context_policy(graph, 0, salt % 2 == 0 ? DEMUR_GRAPH_THRESHOLD : DEMUR_GRAPH_RELATIVE, 1,
                                      thresholds, NULL, error));
            NEED(decode_prompts(graph, 0, 0, 6, salt, at));
            NEED(demur_context_numbers(graph, at[0], numbers, error));
            CHECK(numbers[IDS] == numbers[IDS + 2] && numbers[IDS] == numbers[IDS + 4]);
            CHECK_SAYING((int32_t)numbers[2 * IDS + 1] == expected, "%g, not %d", numbers[2 * IDS + 1], expected);
        }
    }
    const double zero[CATEGORIES] = {0, 0, 0, 0, 0};
    const int32_t order[CATEGORIES] = {4, 3, 2, 0, 1};
    double numbers[NUMBERS];
    int32_t at[1];
    NEED(demur_context_policy(graph, 0, DEMUR_GRAPH_THRESHOLD, 1, zero, order, error));
    NEED(decode_prompts(graph, 0, 0, 6, 1, at));
    NEED(demur_context_numbers(graph, at[0], numbers, error));
    const int32_t token = (int32_t)numbers[2 * IDS + 1];
    CHECK_SAYING(token == ids[4] || numbers[IDS] < numbers[IDS + 1] || numbers[IDS] < numbers[IDS + 3], "%d", token);
    const int32_t beyond[CATEGORIES] = {0, 1, 2, 3, 5};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(graph, 0, DEMUR_GRAPH_THRESHOLD, 1, zero, beyond, error));
    demur_context_free(graph);
    demur_model_free(equal);
}

static void only_a_few_numbers_come_to_the_host(void) {
    demur_context *host = new_context(model, SEQUENCES), *graph = graph_context(model, SEQUENCES);
    const double thresholds[CATEGORIES] = {0.5, 0.5, 0.5, 0.5, 0.5};
    for (int32_t s = 0; s < SEQUENCES; s++) {
        NEED(demur_context_policy(graph, s, DEMUR_GRAPH_THRESHOLD, 1, thresholds, NULL, error));
    }
    int32_t at[SEQUENCES];
    double numbers[NUMBERS];
    for (int32_t last = 0; last < SEQUENCES; last++) {
        bytes_got = 0;
        NEED(decode_prompts(host, 0, last, 20, 3, at));
        CHECK_SAYING(bytes_got == 4LL * (last + 1) * MICRO_VOCABULARY, "%lld bytes", (long long)bytes_got);
        bytes_got = 0;
        NEED(decode_prompts(graph, 0, last, 20, 3, at));
        const int64_t each = 4 * (2 * IDS + 2);
        CHECK_SAYING(bytes_got == each * (last + 1), "%lld bytes", (long long)bytes_got);
        NEED(demur_context_numbers(graph, at[last], numbers, error));
        CHECK((int64_t)numbers[2 * IDS + 2] == each);
    }
    int32_t next = -1, position = 20;
    bytes_got = 0;
    for (; position < 40; position++) {
        NEED(step_one(graph, NULL, 100, 0, &next, error));
    }
    CHECK_SAYING(bytes_got == 20 * 4 * (2 * IDS + 2), "%lld bytes", (long long)bytes_got);
    demur_context_free(host);
    demur_context_free(graph);
}

static void sequences_that_are_not_in_a_batch_do_no_harm(void) {
    demur_context *graph = graph_context(model, SEQUENCES);
    int32_t at[SEQUENCES];
    double whole[SEQUENCES][NUMBERS], numbers[NUMBERS];
    NEED(decode_prompts(graph, 0, SEQUENCES - 1, 11, 5, at));
    for (int32_t s = 0; s < SEQUENCES; s++) {
        NEED(demur_context_numbers(graph, at[s], whole[s], error));
    }
    for (int32_t first = 0; first < SEQUENCES; first++) {
        for (int32_t last = first; last < SEQUENCES; last++) {
            /* Every other shape is a new graph, in which the inputs of those that are absent were never set. */
            NEED(decode_prompts(graph, first, last, 11, 5, at));
            for (int32_t s = first; s <= last; s++) {
                CHECK_OK(demur_context_numbers(graph, at[s], numbers, error));
                for (int32_t i = 0; i < IDS; i++) {
                    CHECK(fabs(numbers[i] - whole[s][i]) < 1e-4);
                }
            }
        }
    }
    demur_context_free(graph);
}

static int32_t host_step(demur_context *host, demur_sampler *sampler, int32_t token) {
    int32_t next = -1;
    NEED(step_one(host, sampler, token, 0, &next, error));
    return next;
}

static void the_device_draws_greedily_what_the_host_draws_and_never_a_control_token(void) {
    demur_context *host = new_context(model, 1), *graph = graph_context(model, 1);
    demur_sampler *greedy = NULL;
    NEED(demur_sampler_create(model, DEMUR_KERNEL_SCALAR, 0, 0, 1, 0, 1, 0, 0, 0, 0, ids, IDS, &greedy, error));
    int32_t differing = 0;
    for (int32_t start = 6; start < 6 + rounds(20); start++) {
        NEED(demur_context_remove(host, 0, 0, -1, error));
        NEED(demur_context_remove(graph, 0, 0, -1, error));
        int32_t token = start;
        for (int32_t position = 0; position < 40; position++) {
            int32_t next = -1;
            NEED(step_one(graph, NULL, token, 0, &next, error));
            const int32_t expected = host_step(host, greedy, token);
            differing += next != expected;
            for (int32_t i = 0; i < IDS; i++) {
                CHECK(next != ids[i]);
            }
            token = expected;
        }
    }
    CHECK_SAYING(differing <= (gpu_layers > 0 ? 1 : 0), "%d tokens differ", differing);
    demur_sampler_free(greedy);
    demur_context_free(host);
    demur_context_free(graph);
}

static void nan_in_a_row_is_an_error(void) {
    demur_model *damaged = load(nan_path);
    demur_context *graph = graph_context(damaged, 1);
    double numbers[NUMBERS];
    int32_t at[1], next = -1;
    NEED(decode_prompts(graph, 0, 0, 9, 1, at));
    CHECK_STATUS(DEMUR_ERROR_LOGITS, demur_context_numbers(graph, at[0], numbers, error));
    CHECK_STATUS(DEMUR_ERROR_LOGITS, step_one(graph, NULL, 100, 0, &next, error));
    CHECK(next == -1);
    demur_context_free(graph);
    demur_model_free(damaged);
}

static void bad_arguments_change_nothing(void) {
    demur_context *graph = graph_context(model, 2);
    double numbers[NUMBERS], thresholds[CATEGORIES] = {0.5, 0.5, 0.5, 0.5, 0.5};
    int32_t at[2], next = -1;
    const float *row = NULL;
    NEED(decode_prompts(graph, 0, 1, 9, 1, at));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(graph, at[0], &row, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(NULL, at[0], numbers, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(graph, at[0] - 1, numbers, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(graph, 18, numbers, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(graph, -1, numbers, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(graph, at[0], NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(NULL, 0, 0, 1, NULL, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(graph, 2, 0, 1, NULL, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(graph, 0, 3, 1, thresholds, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(graph, 0, DEMUR_GRAPH_RELATIVE, 1, NULL, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(graph, 0, 0, 0, NULL, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(graph, 0, 0, NAN, NULL, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(graph, 0, 0, 1e30, NULL, NULL, error));
    thresholds[3] = 1.5;
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT,
                 demur_context_policy(graph, 0, DEMUR_GRAPH_RELATIVE, 1, thresholds, NULL, error));
    CHECK_MENTIONS("thresholds[3]");
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(graph, NULL, 100, 2, &next, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(graph, NULL, 100, 0, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(graph, NULL, -1, 0, &next, error));
    const int32_t tokens[2] = {100, 101}, positions[2] = {9, 10}, sequences[2] = {0, 0};
    const int8_t outputs[2] = {1, 1};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(graph, 2, tokens, positions, sequences, outputs, error));
    CHECK_MENTIONS("outputs[1]");
    CHECK_OK(demur_context_numbers(graph, at[0], numbers, error));

    const int32_t twice[3] = {20, 21, 20}, beyond[2] = {20, MICRO_VOCABULARY};
    int32_t many[DEMUR_GRAPH_IDS + 1];
    for (int32_t i = 0; i <= DEMUR_GRAPH_IDS; i++) {
        many[i] = i;
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_graph(NULL, ids, IDS, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_graph(graph, twice, 3, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_graph(graph, beyond, 2, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_graph(graph, ids, 1, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_graph(graph, many, DEMUR_GRAPH_IDS + 1, error));
    CHECK_OK(demur_context_numbers(graph, at[1], numbers, error));
    CHECK_OK(demur_context_graph(graph, many, DEMUR_GRAPH_IDS, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(graph, at[1], numbers, error));
    NEED(decode_prompts(graph, 0, 1, 9, 1, at));
    double most[2 * DEMUR_GRAPH_IDS + 3];
    CHECK_OK(demur_context_numbers(graph, at[1], most, error));
    demur_context_free(graph);

    demur_context *host = new_context(model, 1);
    NEED(decode_prompts(host, 0, 0, 9, 1, at));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(host, at[0], numbers, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_policy(host, 0, 0, 1, NULL, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(host, NULL, 100, 0, &next, error));
    demur_context_free(host);
}

static void logits_come_again_when_the_graph_is_left(void) {
    demur_context *host = new_context(model, 2), *graph = graph_context(model, 2);
    int32_t at[2];
    const float *expected = NULL, *row = NULL;
    NEED(decode_prompts(graph, 0, 1, 9, 1, at));
    NEED(decode_prompts(host, 0, 1, 9, 1, at));
    CHECK_OK(demur_context_graph(graph, NULL, 0, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(graph, at[1], &row, error));
    NEED(decode_prompts(graph, 0, 1, 9, 1, at));
    for (int32_t s = 0; s < 2; s++) {
        NEED(demur_context_logits(host, at[s], &expected, error));
        CHECK_OK(demur_context_logits(graph, at[s], &row, error));
        CHECK(memcmp(row, expected, MICRO_VOCABULARY * sizeof *row) == 0);
    }
    CHECK_OK(demur_context_graph(graph, NULL, 0, error));
    demur_context_free(host);
    demur_context_free(graph);
}

static void a_cancelled_decode_leaves_the_graph_usable(void) {
    demur_control control = {0, 0};
    demur_context *context = NULL;
    NEED(demur_context_create(model, 512, 0, 512, 1, 1, &control, &context, error));
    NEED(demur_context_graph(context, ids, IDS, error));
    int32_t at[1], next = -1;
    double numbers[NUMBERS];
    NEED(decode_prompts(context, 0, 0, 9, 1, at));
    control.cancel = 1;
    CHECK_STATUS(DEMUR_ERROR_CANCELLED, step_one(context, NULL, 100, 0, &next, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_numbers(context, at[0], numbers, error));
    control.cancel = 0;
    CHECK_OK(step_one(context, NULL, 100, 0, &next, error));
    CHECK(next >= 0);
    demur_context_free(context);
}

static void contexts_and_models_are_freed_in_any_order(void) {
    for (int32_t order = 0; order < rounds(40); order++) {
        demur_model *own = load(path);
        demur_context *one = graph_context(own, 1), *two = graph_context(own, SEQUENCES);
        int32_t at[SEQUENCES];
        if (order % 3 != 0) {
            NEED(decode_prompts(two, 0, SEQUENCES - 1, 9, order, at));
        }
        if (order % 2 == 0) {
            demur_model_free(own);
        }
        demur_context_free(one);
        if (order % 4 > 1) {
            NEED(demur_context_graph(two, ids + 1, IDS - 1, error));
        }
        NEED(decode_prompts(two, 0, SEQUENCES - 1, 9, order, at));
        demur_context_free(two);
        if (order % 2 != 0) {
            demur_model_free(own);
        }
    }
}

/* ---- the models ---- */

/* Overwrites the row of a token in the output matrix, which ends the file. */
static void write_row(FILE *file, int32_t token, const float *values) {
    const long bytes = MICRO_EMBEDDING * (long)sizeof *values;
    if (fseek(file, -(MICRO_VOCABULARY - token) * bytes, SEEK_END) != 0 ||
        fwrite(values, sizeof *values, MICRO_EMBEDDING, file) != MICRO_EMBEDDING) {
        perror("a model file");
        exit(1);
    }
}

static void write_models(const char *folder) {
    snprintf(path, sizeof path, "%s/graph%d.gguf", folder, (int)getpid());
    snprintf(equal_path, sizeof equal_path, "%s/graph%d-equal.gguf", folder, (int)getpid());
    snprintf(nan_path, sizeof nan_path, "%s/graph%d-nan.gguf", folder, (int)getpid());
    const char *const paths[3] = {path, equal_path, nan_path};
    for (int i = 0; i < 3; i++) {
        micro_model_write(paths[i], MICRO_SPM);
        float values[MICRO_EMBEDDING];
        FILE *file = fopen(paths[i], "r+b");
        for (int j = 0; j < MICRO_EMBEDDING; j++) {
            values[j] = i == 2 ? NAN : 0.2f * sinf((float)j);
        }
        for (int32_t token = FIRST_EQUAL; i == 1 && token < MICRO_VOCABULARY; token++) {
            write_row(file, token, values);
        }
        if (i == 2) {
            write_row(file, 200, values);
        }
        fclose(file);
    }
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: graph_test LIBRARY FOLDER GPU_LAYERS\n");
        return 2;
    }
    gpu_layers = atoi(arguments[3]);
    NEED(demur_runtime_open(arguments[1], 0, &runtime, error));
    ggml = dlopen(arguments[1], RTLD_NOW | RTLD_NOLOAD);
    write_models(arguments[2]);
    model = load(path);
    RUN(the_graph_reads_what_the_host_reads);
    RUN(each_sequence_has_a_policy_of_its_own_that_changes_without_a_new_graph);
    RUN(a_score_that_equals_its_threshold_refuses);
    RUN(equal_logits_go_to_the_category_declared_first);
    RUN(only_a_few_numbers_come_to_the_host);
    RUN(sequences_that_are_not_in_a_batch_do_no_harm);
    RUN(the_device_draws_greedily_what_the_host_draws_and_never_a_control_token);
    RUN(nan_in_a_row_is_an_error);
    RUN(bad_arguments_change_nothing);
    RUN(logits_come_again_when_the_graph_is_left);
    RUN(a_cancelled_decode_leaves_the_graph_usable);
    RUN(contexts_and_models_are_freed_in_any_order);
    demur_model_free(model);
    unlink(path);
    unlink(equal_path);
    unlink(nan_path);
    return test_result();
}
