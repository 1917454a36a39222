/*
 * Reading inside llama.cpp's compute graph. Each sequence of a context has a chain of samplers: the first
 * reads the control tokens and writes to their logits, so that the samplers of llama.cpp behind it choose the forced
 * token or one that is no control token; the last hands on a few numbers in place of the row.
 *
 * The graph is built when its shape changes; what may change from token to token are its inputs. Its nodes are made
 * from shapes that were checked, since llama.cpp asserts them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* The inputs lie in one tensor, to be sent at once, each where every device may begin a view. */
enum {
    WIDTH = DEMUR_GRAPH_IDS,
    INVERSE_TEMPERATURE = 0, /* one number */
    WEIGHT_P,                /* one number each: of p and of r in the score */
    WEIGHT_R,
    MINUS,      /* one number, to put behind what is no largest one */
    THRESHOLDS, /* id_count from here on */
    PENALTIES,  /* added where a score fails */
    STRENGTHS,  /* factors: 0 for the respond token, whose logit does not compete */
    OFFSETS,    /* added to the logits that compete */
    ORDER,      /* among equals the largest */
    CHANGES,    /* added to the control tokens' new logits where they are not chosen */
    VALUES,     /* these logits where they are */
    INPUTS
};

/* Beyond all logits, and in float far from infinity. */
static const float HUGE_LOGIT = 1e30f;

/* A sequence's chain, and what its two samplers of ours know. */
typedef struct graph_sequence {
    const struct demur_graph *graph;
    struct llama_sampler *chain;
    float inputs[INPUTS * WIDTH];
    struct ggml_tensor *inputs_tensor; /* of the graph that was built last */
    struct ggml_tensor *ids_tensor;
    struct ggml_tensor *numbers; /* of the graph that is being built: id_count probabilities, as many logits */
    struct ggml_tensor *argmax;
    bool supported; /* the device can compute what ours ask of it */
    bool whole;     /* the last sampler was reached: nothing before it is left to the CPU */
    bool has_output;
} graph_sequence;

struct demur_graph {
    const abi *abi;
    int32_t id_count;
    int32_t ids[WIDTH]; /* the respond token first, and so in the graph */
    int32_t vocabulary;
    graph_sequence *sequences;
    int32_t count;
};

/* ---- what is computed ---- */

static struct ggml_tensor *input(const abi *abi, struct ggml_context *ggml, struct ggml_tensor *all, int slot,
                                 int64_t count) {
    return abi->ggml_view_1d(ggml, all, count, (size_t)slot * WIDTH * sizeof(float));
}

/* 1 at x > 0, else 0; of -x. */
static struct ggml_tensor *is_negative(const abi *abi, struct ggml_context *ggml, struct ggml_tensor *x) {
    return abi->ggml_step(ggml, abi->ggml_scale(ggml, x, -1));
}

/* Each of `x` less the largest of them: 0 there, and negative elsewhere. */
static struct ggml_tensor *below_largest(const abi *abi, struct ggml_context *ggml, struct ggml_tensor *x) {
    struct ggml_tensor *at = abi->ggml_argmax(ggml, x);
    struct ggml_tensor *rows = abi->ggml_reshape_2d(ggml, x, 1, abi->ggml_nelements(x));
    struct ggml_tensor *largest = abi->ggml_reshape_1d(ggml, abi->ggml_get_rows(ggml, rows, at), 1);
    return abi->ggml_sub(ggml, x, largest);
}

static struct ggml_tensor *control_values(const abi *abi, struct ggml_context *ggml, struct ggml_tensor *row,
                                          struct ggml_tensor *ids, int64_t count) {
    struct ggml_tensor *rows = abi->ggml_reshape_2d(ggml, row, 1, abi->ggml_nelements(row));
    return abi->ggml_reshape_1d(ggml, abi->ggml_get_rows(ggml, rows, ids), count);
}

/* 0 for the token that the policy chooses, 1 for the others. */
static struct ggml_tensor *not_chosen(const abi *abi, struct ggml_context *ggml, struct ggml_tensor *all,
                                      struct ggml_tensor *p, struct ggml_tensor *z, int64_t n) {
    struct ggml_tensor *minus = input(abi, ggml, all, MINUS, 1);
    /* The logits are clamped because 0 times infinity is NaN. */
    struct ggml_tensor *scaled = abi->ggml_mul(ggml, z, input(abi, ggml, all, INVERSE_TEMPERATURE, 1));
    struct ggml_tensor *logits = abi->ggml_clamp(ggml, scaled, -HUGE_LOGIT, HUGE_LOGIT);
    struct ggml_tensor *lead = abi->ggml_sub(ggml, logits, abi->ggml_view_1d(ggml, logits, 1, 0));
    struct ggml_tensor *r = abi->ggml_sigmoid(ggml, lead);
    struct ggml_tensor *score = abi->ggml_add(ggml, abi->ggml_mul(ggml, p, input(abi, ggml, all, WEIGHT_P, 1)),
                                              abi->ggml_mul(ggml, r, input(abi, ggml, all, WEIGHT_R, 1)));
    /* step is x > 0: a score that equals its threshold does not fail. */
    struct ggml_tensor *fails = abi->ggml_step(ggml, abi->ggml_sub(ggml, input(abi, ggml, all, THRESHOLDS, n), score));
    struct ggml_tensor *strength =
        abi->ggml_add(ggml, abi->ggml_mul(ggml, logits, input(abi, ggml, all, STRENGTHS, n)),
                      abi->ggml_add(ggml, abi->ggml_mul(ggml, fails, input(abi, ggml, all, PENALTIES, n)),
                                    input(abi, ggml, all, OFFSETS, n)));
    /* Which of equals argmax takes is the device's affair, so those behind the largest are moved away by hand. */
    struct ggml_tensor *behind = is_negative(abi, ggml, below_largest(abi, ggml, strength));
    struct ggml_tensor *order =
        abi->ggml_add(ggml, abi->ggml_mul(ggml, behind, minus), input(abi, ggml, all, ORDER, n));
    return is_negative(abi, ggml, below_largest(abi, ggml, order));
}

/* Whether a graph may be built on this row of logits. */
static bool is_row(const graph_sequence *sequence, const abi_sampler_data *data) {
    const abi *abi = sequence->graph->abi;
    return data->logits != NULL && data->candidates == NULL && abi->ggml_is_contiguous(data->logits) &&
           abi->ggml_element_size(data->logits) == sizeof(float) &&
           abi->ggml_nelements(data->logits) >= sequence->graph->vocabulary;
}

static void read_controls(graph_sequence *sequence, struct ggml_context *ggml, abi_sampler_data *data) {
    const abi *abi = sequence->graph->abi;
    const int64_t n = sequence->graph->id_count;
    sequence->numbers = NULL;
    if (!is_row(sequence, data)) {
        return;
    }
    const int64_t size = abi->ggml_nelements(data->logits);
    struct ggml_tensor *all = abi->ggml_new_tensor_1d(ggml, ABI_F32, INPUTS * WIDTH);
    struct ggml_tensor *ids = abi->ggml_new_tensor_1d(ggml, ABI_I32, n);
    abi->ggml_set_input(all);
    abi->ggml_set_input(ids);
    /* A copy, because the row is a view into all of them, and few operations of Vulkan begin where a view may. */
    struct ggml_tensor *row = abi->ggml_cont(ggml, abi->ggml_reshape_1d(ggml, data->logits, size));
    struct ggml_tensor *scaled = abi->ggml_mul(ggml, row, input(abi, ggml, all, INVERSE_TEMPERATURE, 1));
    struct ggml_tensor *p = control_values(abi, ggml, abi->ggml_soft_max(ggml, scaled), ids, n);
    struct ggml_tensor *z = control_values(abi, ggml, row, ids, n);
    struct ggml_tensor *values =
        abi->ggml_add(ggml, abi->ggml_mul(ggml, not_chosen(abi, ggml, all, p, z, n), input(abi, ggml, all, CHANGES, n)),
                      input(abi, ggml, all, VALUES, n));
    struct ggml_tensor *copy = abi->ggml_reshape_2d(ggml, abi->ggml_cont(ggml, row), 1, size);
    struct ggml_tensor *masked = abi->ggml_set_rows(ggml, copy, abi->ggml_reshape_2d(ggml, values, 1, n), ids);
    sequence->inputs_tensor = all;
    sequence->ids_tensor = ids;
    sequence->numbers = abi->ggml_concat(ggml, p, z, 0);
    sequence->argmax = abi->ggml_argmax(ggml, row);
    data->logits = abi->ggml_reshape_1d(ggml, masked, size);
}

static void hand_on(graph_sequence *sequence, abi_sampler_data *data) {
    if (sequence->numbers != NULL && data->sampled != NULL) {
        data->logits = NULL;
        data->probs = sequence->numbers;
        data->candidates = sequence->argmax;
        sequence->whole = true;
    }
}

/* ---- as samplers of llama.cpp ---- */

static const char *first_name(const struct llama_sampler *sampler) {
    (void)sampler;
    return "demur-first";
}

static const char *last_name(const struct llama_sampler *sampler) {
    (void)sampler;
    return "demur-last";
}

/* On the CPU there is nothing to do: the context is not used without the graph. */
static void leave(struct llama_sampler *sampler, void *candidates) {
    (void)sampler;
    (void)candidates;
}

static void first_apply(struct llama_sampler *sampler, struct ggml_context *ggml, struct ggml_cgraph *graph,
                        abi_sampler_data *data) {
    (void)graph;
    read_controls(abi_sampler_state(sampler), ggml, data);
}

static void last_apply(struct llama_sampler *sampler, struct ggml_context *ggml, struct ggml_cgraph *graph,
                       abi_sampler_data *data) {
    (void)ggml;
    (void)graph;
    hand_on(abi_sampler_state(sampler), data);
}

static void first_set_input(struct llama_sampler *sampler) {
    const graph_sequence *sequence = abi_sampler_state(sampler);
    const struct demur_graph *graph = sequence->graph;
    graph->abi->ggml_backend_tensor_set(sequence->inputs_tensor, sequence->inputs, 0, sizeof sequence->inputs);
    graph->abi->ggml_backend_tensor_set(sequence->ids_tensor, graph->ids, 0,
                                        (size_t)graph->id_count * sizeof *graph->ids);
}

/* Builds what ours ask for and asks the device about each operation. */
static bool device_supports(graph_sequence *sequence, struct ggml_backend_device *device) {
    const abi *abi = sequence->graph->abi;
    const abi_ggml_params params = {256 * abi->ggml_tensor_overhead() + abi->ggml_graph_overhead(), NULL, true};
    struct ggml_context *ggml = abi->ggml_init(params);
    if (ggml == NULL) {
        return false;
    }
    abi_sampler_data data = {.logits = abi->ggml_new_tensor_1d(ggml, ABI_F32, sequence->graph->vocabulary)};
    read_controls(sequence, ggml, &data);
    struct ggml_cgraph *graph = abi->ggml_new_graph(ggml);
    abi->ggml_build_forward_expand(graph, data.logits);
    abi->ggml_build_forward_expand(graph, sequence->numbers);
    abi->ggml_build_forward_expand(graph, sequence->argmax);
    bool supported = true;
    for (int i = 0; i < abi->ggml_graph_n_nodes(graph); i++) {
        supported = supported && abi->ggml_backend_dev_supports_op(device, abi->ggml_graph_node(graph, i));
    }
    abi->ggml_free(ggml);
    return supported;
}

static bool first_init(struct llama_sampler *sampler, struct ggml_backend_buffer_type *buffers, uint32_t outputs) {
    graph_sequence *sequence = abi_sampler_state(sampler);
    struct ggml_backend_device *device = sequence->graph->abi->ggml_backend_buft_get_device(buffers);
    /* The CPU may have no device of its own, and computes everything. */
    sequence->supported = outputs == 1 && (device == NULL || device_supports(sequence, device));
    return sequence->supported;
}

static bool last_init(struct llama_sampler *sampler, struct ggml_backend_buffer_type *buffers, uint32_t outputs) {
    (void)sampler;
    (void)buffers;
    return outputs == 1;
}

static const abi_sampler_functions first_functions = {.name = first_name,
                                                      .apply = leave,
                                                      .graph_init = first_init,
                                                      .graph_apply = first_apply,
                                                      .graph_set_input = first_set_input};
static const abi_sampler_functions last_functions = {
    .name = last_name, .apply = leave, .graph_init = last_init, .graph_apply = last_apply};

/* ---- life ---- */

static void set_policy(graph_sequence *sequence, int32_t mode, double temperature, const double *thresholds,
                       const int32_t *order) {
    const int32_t n = sequence->graph->id_count;
    float(*inputs)[WIDTH] = (float(*)[WIDTH])sequence->inputs;
    const bool forced = mode != DEMUR_GRAPH_DRAW;
    inputs[INVERSE_TEMPERATURE][0] = (float)(1 / temperature);
    inputs[WEIGHT_P][0] = mode == DEMUR_GRAPH_RELATIVE ? 0 : 1;
    inputs[WEIGHT_R][0] = mode == DEMUR_GRAPH_RELATIVE ? 1 : 0;
    inputs[MINUS][0] = -2 * WIDTH;
    for (int32_t i = 0; i < n; i++) {
        const bool respond = i == 0;
        /* 2 is above every score. */
        const double threshold = respond || !forced || isnan(thresholds[i - 1]) ? 2 : thresholds[i - 1];
        inputs[THRESHOLDS][i] = (float)threshold;
        /* A category that passes, then the respond token, then the others. */
        inputs[PENALTIES][i] = respond ? 0 : -4 * HUGE_LOGIT;
        inputs[STRENGTHS][i] = respond ? 0 : 1;
        inputs[OFFSETS][i] = respond ? -2 * HUGE_LOGIT : 0;
        inputs[ORDER][i] = (float)(respond || order == NULL ? n - i : n - 1 - order[i - 1]);
        inputs[CHANGES][i] = forced ? -2 * HUGE_LOGIT : 0;
        inputs[VALUES][i] = forced ? HUGE_LOGIT : -HUGE_LOGIT;
    }
}

static void release(struct demur_graph *graph, struct llama_context *context) {
    for (int32_t i = 0; i < graph->count; i++) {
        graph_sequence *sequence = &graph->sequences[i];
        if (sequence->chain != NULL) {
            graph->abi->llama_set_sampler(context, i, NULL);
            graph->abi->llama_sampler_free(sequence->chain);
        }
    }
    free(graph->sequences);
    free(graph);
}

void demur_graph_free(demur_context *context) {
    if (context->graph != NULL) {
        release(context->graph, context->llama);
        context->graph = NULL;
    }
}

static void detach(void *argument) { demur_graph_free(argument); }

typedef struct attach_call {
    demur_context *context;
    struct demur_graph *graph;
    bool complete; /* llama.cpp made all of its samplers */
    bool attached;
} attach_call;

static bool add(const abi *abi, struct llama_sampler *chain, struct llama_sampler *part) {
    if (part != NULL) {
        abi->llama_sampler_chain_add(chain, part);
    }
    return part != NULL;
}

static bool build_chain(const abi *abi, graph_sequence *sequence) {
    struct llama_sampler *chain = abi->llama_sampler_chain_init(abi->llama_sampler_chain_default_params());
    sequence->chain = chain;
    return chain != NULL && add(abi, chain, abi->llama_sampler_init(&first_functions, sequence)) &&
           add(abi, chain, abi->llama_sampler_init_greedy()) &&
           add(abi, chain, abi->llama_sampler_init(&last_functions, sequence));
}

static void attach(void *argument) {
    attach_call *call = argument;
    struct demur_graph *graph = call->graph;
    call->complete = true;
    call->attached = true;
    for (int32_t i = 0; i < graph->count && call->complete && call->attached; i++) {
        graph_sequence *sequence = &graph->sequences[i];
        call->complete = build_chain(graph->abi, sequence);
        /* llama.cpp builds the chain's graph once to try it, which calls ours. */
        call->attached = call->complete && graph->abi->llama_set_sampler(call->context->llama, i, sequence->chain) &&
                         sequence->supported && sequence->whole;
    }
}

static int32_t check_ids(const demur_context *context, const int32_t *ids, int32_t count, char *error) {
    const int32_t vocabulary = context->model->vocabulary_size;
    if (count < 2 || count > DEMUR_GRAPH_IDS) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "id_count must be 2 to %d, not %d.", DEMUR_GRAPH_IDS, count);
    }
    for (int32_t i = 0; i < count; i++) {
        if (ids[i] < 0 || ids[i] >= vocabulary) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "ids[%d] is %d: the vocabulary has %d.", i, ids[i],
                              vocabulary);
        }
        for (int32_t j = 0; j < i; j++) {
            if (ids[i] == ids[j]) {
                return demur_fail(error, DEMUR_ERROR_ARGUMENT, "ids[%d] and ids[%d] are both %d.", j, i, ids[i]);
            }
        }
    }
    if (vocabulary <= 2 * count) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "A vocabulary of %d has no room for %d control tokens.",
                          vocabulary, count);
    }
    return DEMUR_OK;
}

static struct demur_graph *allocate(const demur_context *context, const int32_t *ids, int32_t count) {
    struct demur_graph *graph = calloc(1, sizeof *graph);
    graph_sequence *sequences = calloc((size_t)context->sequences, sizeof *sequences);
    if (graph == NULL || sequences == NULL) {
        free(graph);
        free(sequences);
        return NULL;
    }
    graph->abi = &context->model->runtime->abi;
    graph->id_count = count;
    graph->ids[0] = ids[count - 1];
    memcpy(graph->ids + 1, ids, (size_t)(count - 1) * sizeof *ids);
    graph->vocabulary = context->model->vocabulary_size;
    graph->sequences = sequences;
    graph->count = context->sequences;
    for (int32_t i = 0; i < graph->count; i++) {
        sequences[i].graph = graph;
        set_policy(&sequences[i], DEMUR_GRAPH_DRAW, 1, NULL, NULL);
    }
    return graph;
}

int32_t demur_context_graph(demur_context *context, const int32_t *ids, int32_t id_count, char *error) {
    if (context == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "context is NULL.");
    }
    int32_t status = ids != NULL ? check_ids(context, ids, id_count, error) : DEMUR_OK;
    if (status == DEMUR_OK && ids != NULL && context->hidden != NULL) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "This context captures hidden states.");
    }
    if (status == DEMUR_OK && context->broken) {
        status = demur_fail(error, DEMUR_ERROR_ASSERTION, "An earlier decode failed halfway; close the context.");
    }
    if (status != DEMUR_OK) {
        return status;
    }
    context->decoded = 0;
    status = demur_guard(detach, context, "llama_set_sampler", error);
    if (status != DEMUR_OK || ids == NULL) {
        return status;
    }
    const abi *abi = &context->model->runtime->abi;
    if (abi->no_graph[0] != '\0') {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                          "This llama.cpp has no samplers in its compute graph that Demur can use: %s.", abi->no_graph);
    }
    struct demur_graph *graph = allocate(context, ids, id_count);
    if (graph == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    context->graph = graph;
    attach_call call = {context, graph, false, false};
    status = demur_guard(attach, &call, "llama_set_sampler", error);
    if (status == DEMUR_OK && !call.complete) {
        status = demur_fail(error, DEMUR_ERROR_MEMORY, "llama.cpp made no sampler.");
    } else if (status == DEMUR_OK && !call.attached) {
        status = demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                            "The device that computes the logits lacks an operation that reading them needs.");
    }
    if (status != DEMUR_OK && demur_guard(detach, context, "llama_set_sampler", NULL) != DEMUR_OK) {
        context->broken = true;
    }
    return status;
}

/* ---- use ---- */

int32_t demur_graph_check_sequence(const demur_context *context, int32_t sequence, char *error) {
    if (context == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "context is NULL.");
    }
    if (context->graph == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "This context brings its logits to the host.");
    }
    if (sequence < 0 || sequence >= context->sequences) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Sequence %d: the context has %d.", sequence,
                          context->sequences);
    }
    return DEMUR_OK;
}

int32_t demur_context_policy(demur_context *context, int32_t sequence, int32_t mode, double temperature,
                             const double *thresholds, const int32_t *order, char *error) {
    int32_t status = demur_graph_check_sequence(context, sequence, error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (mode < DEMUR_GRAPH_DRAW || mode > DEMUR_GRAPH_RELATIVE) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "There is no mode %d.", mode);
    }
    /* Outside of this, products of logits are no floats any more. */
    if (!(temperature >= 1e-6 && temperature <= 1e6)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "temperature must be 1e-6 to 1e6 in the graph, not %g.",
                          temperature);
    }
    if (mode != DEMUR_GRAPH_DRAW && thresholds == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "thresholds is NULL.");
    }
    for (int32_t i = 0; mode != DEMUR_GRAPH_DRAW && i < context->graph->id_count - 1; i++) {
        if (!isnan(thresholds[i]) && !(thresholds[i] >= 0 && thresholds[i] <= 1)) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "thresholds[%d] is %g: it must be 0 to 1, or NaN.", i,
                              thresholds[i]);
        }
    }
    for (int32_t i = 0; order != NULL && i < context->graph->id_count - 1; i++) {
        if (order[i] < 0 || order[i] >= context->graph->id_count - 1) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "order[%d] is %d: it must be 0 to %d.", i, order[i],
                              context->graph->id_count - 2);
        }
    }
    set_policy(&context->graph->sequences[sequence], mode, temperature, thresholds, order);
    return DEMUR_OK;
}

int32_t demur_graph_check_outputs(demur_context *context, int32_t count, const int32_t *sequences,
                                  const int8_t *outputs, char *error) {
    struct demur_graph *graph = context->graph;
    for (int32_t i = 0; i < graph->count; i++) {
        graph->sequences[i].has_output = false;
    }
    for (int32_t i = 0; i < count; i++) {
        bool *has_output = &graph->sequences[sequences[i]].has_output;
        if (outputs[i] && *has_output) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT,
                              "outputs[%d] is a second one of sequence %d: logits that are read in the compute graph "
                              "are those of one token.",
                              i, sequences[i]);
        }
        *has_output = *has_output || outputs[i];
    }
    return DEMUR_OK;
}

typedef struct numbers_call {
    demur_context *context;
    int32_t index;
    const float *numbers;
    const int32_t *argmax;
    uint32_t number_count, argmax_count, logit_count;
    int32_t token;
} numbers_call;

static void find_numbers(void *argument) {
    numbers_call *call = argument;
    struct llama_context *llama = call->context->llama;
    const abi *abi = call->context->graph->abi;
    const int32_t i = call->index;
    call->token = abi->llama_get_sampled_token_ith(llama, i);
    call->numbers = abi->llama_get_sampled_probs_ith(llama, i);
    call->number_count = call->numbers != NULL ? abi->llama_get_sampled_probs_count_ith(llama, i) : 0;
    call->argmax_count = abi->llama_get_sampled_candidates_count_ith(llama, i);
    call->argmax = abi->llama_get_sampled_candidates_ith(llama, i);
    call->logit_count =
        abi->llama_get_sampled_logits_ith(llama, i) != NULL ? abi->llama_get_sampled_logits_count_ith(llama, i) : 0;
}

static int32_t read_numbers(demur_context *context, int32_t index, numbers_call *call, char *error) {
    *call = (numbers_call){.context = context, .index = index};
    int32_t status = demur_guard(find_numbers, call, "llama_get_sampled_probs_ith", error);
    if (status != DEMUR_OK) {
        return status;
    }
    const int32_t n = context->graph->id_count;
    const int32_t vocabulary = context->graph->vocabulary;
    if (call->number_count != 2 * (uint32_t)n || call->argmax == NULL || call->argmax_count != 1 || call->token < 0 ||
        call->token >= vocabulary || *call->argmax < 0 || *call->argmax >= vocabulary) {
        return demur_fail(error, DEMUR_ERROR_DECODE,
                          "The compute graph gave %u numbers and token %d where %d numbers and a token were asked for.",
                          (unsigned)call->number_count, call->token, 2 * n);
    }
    for (int32_t i = 0; i < n; i++) {
        if (isnan(call->numbers[i]) || isnan(call->numbers[n + i]) || call->numbers[n + i] == INFINITY) {
            return demur_fail(error, DEMUR_ERROR_LOGITS,
                              "The logits hold NaN or +inf, or nothing but -inf; which token's is not known, for they "
                              "stay on the device.");
        }
    }
    return DEMUR_OK;
}

int32_t demur_graph_numbers(demur_context *context, int32_t index, double *out, char *error) {
    numbers_call call;
    const int32_t status = read_numbers(context, index, &call, error);
    if (status != DEMUR_OK) {
        return status;
    }
    const int32_t n = context->graph->id_count;
    for (int32_t i = 0; i < n; i++) {
        const int32_t from = (i + 1) % n; /* the respond token is the first there and the last here */
        out[i] = call.numbers[from];
        out[n + i] = call.numbers[n + from];
    }
    out[2 * n] = *call.argmax;
    out[2 * n + 1] = call.token;
    out[2 * n + 2] = 4.0 * (call.number_count + call.argmax_count + call.logit_count + 1);
    return DEMUR_OK;
}

void demur_graph_draw(demur_context *context, int32_t sequence) {
    set_policy(&context->graph->sequences[sequence], DEMUR_GRAPH_DRAW, 1, NULL, NULL);
}

int32_t demur_graph_token(demur_context *context, int32_t index, int32_t *token, char *error) {
    numbers_call call;
    const int32_t status = read_numbers(context, index, &call, error);
    if (status == DEMUR_OK) {
        *token = call.token;
    }
    return status;
}
