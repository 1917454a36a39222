/*
 * Hidden states. Arguments: a library, a folder for model files, and how many layers go to a GPU.
 *
 * This program stands before llama.cpp's libraries in the order of symbols, so that it can have them give the tensors
 * of a graph other names.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <unistd.h>

#include "micro_model.h"
#include "test.h"

enum { WIDTH = MICRO_EMBEDDING, VALUES = 3, SEQUENCES = 5, MOST = 1100, FEED_FORWARD = 128 };

static demur_runtime *runtime;
static demur_model *model, *on_host; /* the same one */
static int32_t gpu_layers;
static char path[4096], nan_path[4096];
static void *library;
static bool flash_attention;

/* The last row of both blocks and the mean of the first, of which there are two. */
static const int32_t layers[VALUES] = {1, 0, 0};
static const int32_t poolings[VALUES] = {DEMUR_POOLING_LAST, DEMUR_POOLING_LAST, DEMUR_POOLING_MEAN};
enum { LAST_OF_1 = 0, LAST_OF_0 = WIDTH, MEAN_OF_0 = 2 * WIDTH, NUMBERS = VALUES * WIDTH };

/* ---- tensors of other names ---- */

static bool renamed;

struct ggml_tensor;
struct ggml_tensor *ggml_format_name(struct ggml_tensor *tensor, const char *format, ...);
struct ggml_tensor *ggml_format_name(struct ggml_tensor *tensor, const char *format, ...) {
    char name[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    if (renamed && strncmp(name, "l_out-1", 7) == 0) {
        name[0] = 'm';
    }
    struct ggml_tensor *(*set)(struct ggml_tensor *, const char *);
    void *function = dlsym(library, "ggml_set_name");
    memcpy(&set, &function, sizeof set);
    return set(tensor, name);
}

/* ---- helpers ---- */

/* A GPU made of software is slow. */
static int32_t rounds(int32_t on_cpu) { return gpu_layers > 0 ? (on_cpu + 9) / 10 : on_cpu; }

static int32_t repeated(int32_t usual, int32_t in_long_run) { return rounds(long_run() ? in_long_run : usual); }

/*
 * How far rows may be from those of another shape of batch; rows of other tokens are 20 times as far apart. A current
 * llama.cpp adds the values up in half precision where it decodes one token.
 */
static float noise(void) { return flash_attention ? 0.12f : 0.002f; }

static demur_model *load(const char *file, int32_t layers_on_gpu) {
    demur_model *loaded = NULL;
    NEED(demur_model_load(runtime, file, layers_on_gpu > 0 ? NULL : "CPU", layers_on_gpu, NULL, &loaded, error));
    return loaded;
}

static demur_context *plain_context(int32_t size, int32_t batch, int32_t sequences, demur_control *control) {
    demur_context *context = NULL;
    NEED(demur_context_create(model, size, 0, batch, sequences, 1, control, &context, error));
    return context;
}

static demur_context *new_context(int32_t size, int32_t batch, int32_t sequences, demur_control *control) {
    demur_context *context = plain_context(size, batch, sequences, control);
    NEED(demur_context_hidden(context, layers, poolings, VALUES, error));
    return context;
}

static int32_t token_at(int32_t salt, int32_t position) { return 6 + (salt * 37 + position * position * 7) % 240; }

typedef struct batch {
    int32_t count;
    int32_t tokens[MOST], positions[MOST], sequences[MOST];
    int8_t outputs[MOST];
} batch;

/* Adds tokens [from, to) of the prompt `salt`, the last of them with an output. */
static void add(batch *batch, int32_t sequence, int32_t salt, int32_t from, int32_t to, bool output) {
    for (int32_t i = from; i < to; i++) {
        batch->tokens[batch->count] = token_at(salt, i);
        batch->positions[batch->count] = i;
        batch->sequences[batch->count] = sequence;
        batch->outputs[batch->count++] = output && i == to - 1;
    }
}

static int32_t decode_batch(demur_context *context, const batch *batch) {
    return demur_context_decode(context, batch->count, batch->tokens, batch->positions, batch->sequences,
                                batch->outputs, error);
}

static int32_t decode(demur_context *context, int32_t sequence, int32_t salt, int32_t from, int32_t to, bool output) {
    static batch one;
    one.count = 0;
    add(&one, sequence, salt, from, to, output);
    return decode_batch(context, &one);
}

static int32_t range(demur_context *context, int32_t sequence, int32_t from, int32_t to) {
    int32_t kept = -1;
    NEED(demur_context_hidden_range(context, sequence, from, to, &kept, error));
    return kept;
}

static void read_all(demur_context *context, int32_t sequence, float out[NUMBERS]) {
    NEED(demur_context_hidden_read(context, sequence, out, error));
}

static float distance(const float *a, const float *b, int32_t count) {
    float most = 0;
    for (int32_t i = 0; i < count; i++) {
        most = fmaxf(most, fabsf(a[i] - b[i]));
        most = isnan(a[i]) || isnan(b[i]) ? INFINITY : most;
    }
    return most;
}

static bool same_bits(const float *a, const float *b, int32_t count) {
    return memcmp(a, b, (size_t)count * sizeof *a) == 0;
}

/* What a prompt gives token by token on the processor: rows of its own for each position, and their mean from them. */
static void reference(int32_t salt, int32_t count, int32_t from, int32_t to, float out[NUMBERS]) {
    demur_context *context = NULL;
    NEED(demur_context_create(on_host, 1200, 0, 1, 1, 1, NULL, &context, error));
    double sum[WIDTH] = {0};
    NEED(demur_context_hidden(context, layers, poolings, 2, error));
    for (int32_t i = 0; i < count; i++) {
        NEED(decode(context, 0, salt, i, i + 1, true));
        NEED(demur_context_hidden_read(context, 0, out, error));
        for (int32_t k = 0; i >= from && i < to && k < WIDTH; k++) {
            sum[k] += out[LAST_OF_0 + k];
        }
    }
    for (int32_t k = 0; k < WIDTH; k++) {
        out[MEAN_OF_0 + k] = (float)(sum[k] / (to - from));
    }
    demur_context_free(context);
}

static void check_values(const float *values, const float *expected, const char *what, int32_t number) {
    const float rows = distance(values, expected, MEAN_OF_0);
    const float mean = distance(values + MEAN_OF_0, expected + MEAN_OF_0, WIDTH);
    CHECK_SAYING(rows < noise() && mean < noise() / 4, "%s %d: rows %g, mean %g", what, number, rows, mean);
}

/* ---- what the numbers are ---- */

/* The output matrix ends the file; the weights of the norm before it are ones. */
static void the_last_row_is_what_the_logits_are_computed_of(void) {
    static float matrix[MICRO_VOCABULARY * WIDTH];
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL && fseek(file, -(long)sizeof matrix, SEEK_END) == 0 &&
          fread(matrix, sizeof matrix, 1, file) == 1 && fclose(file) == 0);
    demur_context *context = new_context(64, 64, 1, NULL);
    float values[NUMBERS];
    const float *logits = NULL;
    range(context, 0, 0, 20);
    NEED(decode(context, 0, 3, 0, 20, true));
    read_all(context, 0, values);
    NEED(demur_context_logits(context, 19, &logits, error));
    double squares = 0;
    for (int32_t k = 0; k < WIDTH; k++) {
        squares += (double)values[k] * values[k];
    }
    float worst = 0;
    for (int32_t t = 0; t < MICRO_VOCABULARY; t++) {
        double sum = 0;
        for (int32_t k = 0; k < WIDTH; k++) {
            sum += values[k] / sqrt(squares / WIDTH + 1e-5) * (double)matrix[t * WIDTH + k];
        }
        worst = fmaxf(worst, fabsf((float)sum - logits[t]));
    }
    CHECK_SAYING(worst < noise(), "%g", worst);
    float other[NUMBERS];
    range(context, 0, 0, 20);
    NEED(demur_context_remove(context, 0, 0, -1, error));
    NEED(decode(context, 0, 4, 0, 20, true));
    read_all(context, 0, other);
    CHECK_SAYING(distance(values, other, WIDTH) > 20 * noise() &&
                     distance(values + LAST_OF_0, other + LAST_OF_0, WIDTH) > 20 * noise(),
                 "%g and %g", distance(values, other, WIDTH), distance(values + LAST_OF_0, other + LAST_OF_0, WIDTH));
    demur_context_free(context);
}

static void a_prompt_in_chunks_gives_the_numbers_of_its_tokens_one_by_one(void) {
    float expected[NUMBERS], values[NUMBERS];
    reference(1, 700, 150, 650, expected);
    static const int32_t chunks[] = {700, 699, 350, 97};
    for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
        demur_context *context = new_context(1024, 1024, 1, NULL);
        CHECK(range(context, 0, 150, 650) == 0);
        for (int32_t from = 0; from < 700; from += chunks[c]) {
            const int32_t to = from + chunks[c] < 700 ? from + chunks[c] : 700;
            NEED(decode(context, 0, 1, from, to, to == 700));
        }
        read_all(context, 0, values);
        check_values(values, expected, "chunks of", chunks[c]);
        demur_context_free(context);
    }
}

static void sequences_of_one_batch_have_the_numbers_that_each_has_alone(void) {
    static const int32_t cases[][SEQUENCES] = {{300, 301, 100, 7, 300}, {1, 1, 1, 1, 1}, {5, 90, 5, 90, 5},
                                               {600, 200, 1, 2, 3},     {2, 1, 2, 0, 0}, {1, 600}};
    static const int32_t sizes[] = {1024, 64};
    for (size_t c = gpu_layers > 0 ? 4 : 0; c < sizeof cases / sizeof *cases; c++) {
        float expected[SEQUENCES][NUMBERS], values[NUMBERS];
        int32_t count = 0, total = 0;
        for (; count < SEQUENCES && cases[c][count] > 0; count++) {
            const int32_t n = cases[c][count];
            total += n;
            reference(10 + count, n, n / 3, n - n / 4, expected[count]);
        }
        for (int32_t sequences = count; sequences <= SEQUENCES; sequences += SEQUENCES - count + 1) {
            for (size_t s = 0; s < 2; s++) {
                if (total > sizes[s]) {
                    continue;
                }
                demur_context *context = new_context(1024, sizes[s], sequences, NULL);
                static batch all;
                all.count = 0;
                const int32_t first = sequences - count;
                for (int32_t i = 0; i < count; i++) {
                    const int32_t n = cases[c][i];
                    range(context, first + i, n / 3, n - n / 4);
                    add(&all, first + i, 10 + i, 0, n, true);
                }
                NEED(decode_batch(context, &all));
                for (int32_t i = 0; i < count; i++) {
                    read_all(context, first + i, values);
                    check_values(values, expected[i], "sequence", 10 * (int32_t)c + i);
                }
                demur_context_free(context);
            }
        }
    }
}

static void random_batches_that_go_on_give_the_numbers_of_each_prompt_alone(void) {
    uint64_t random = 7;
    for (int32_t round = 0; round < repeated(8, 20); round++) {
        const int32_t sequences = 2 + (int32_t)(random_bits(&random) % (SEQUENCES - 1));
        demur_context *context = new_context(256, 256, sequences, NULL);
        int32_t length[SEQUENCES], held[SEQUENCES] = {0}, most = 0;
        for (int32_t s = 0; s < sequences; s++) {
            length[s] = 2 + (int32_t)(random_bits(&random) % 48);
            most = length[s] > most ? length[s] : most;
            range(context, s, length[s] / 4, length[s]);
        }
        /* All but the last tokens in steps of any size, then those. */
        for (int32_t step = 0; step < 4; step++) {
            static batch some;
            some.count = 0;
            for (int32_t s = 0; s < sequences; s++) {
                const int32_t left = length[s] - 1 - held[s];
                const int32_t more =
                    step == 3 ? left + 1 : 1 + (left > 1 ? (int32_t)(random_bits(&random) % (uint64_t)left) : 0);
                const int32_t to = step == 3 || held[s] + more < length[s] ? held[s] + more : length[s] - 1;
                if (to == held[s] && some.count > 0) {
                    break; /* sequences behind would not be neighbours */
                }
                add(&some, s, round * 8 + s, held[s], to, step == 3);
                held[s] = to;
            }
            if (some.count > 0) {
                NEED(decode_batch(context, &some));
            }
        }
        for (int32_t s = 0; s < sequences; s++) {
            float expected[NUMBERS], values[NUMBERS];
            reference(round * 8 + s, length[s], length[s] / 4, length[s], expected);
            read_all(context, s, values);
            check_values(values, expected, "round", round);
        }
        demur_context_free(context);
    }
}

/* ---- what is held ---- */

static void a_turn_that_is_generated_again_gives_the_same_mean_to_the_bit(void) {
    demur_context *context = new_context(256, 256, 1, NULL);
    float fresh[NUMBERS], again[NUMBERS];
    range(context, 0, 30, 55);
    NEED(decode(context, 0, 4, 0, 60, true));
    read_all(context, 0, fresh);
    NEED(decode(context, 0, 9, 60, 90, true)); /* the reply */
    NEED(demur_context_remove(context, 0, 59, -1, error));
    CHECK(range(context, 0, 30, 55) == 59);
    NEED(decode(context, 0, 4, 59, 60, true));
    read_all(context, 0, again);
    CHECK(same_bits(fresh + MEAN_OF_0, again + MEAN_OF_0, WIDTH));
    check_values(again, fresh, "again", 0);
    /* Another range needs what was decoded from its beginning on. */
    CHECK(range(context, 0, 20, 55) == 20);
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 0, again, error));
    NEED(demur_context_remove(context, 0, 20, -1, error));
    NEED(decode(context, 0, 4, 20, 60, true));
    read_all(context, 0, again);
    float expected[NUMBERS];
    reference(4, 60, 20, 55, expected);
    check_values(again, expected, "another range", 0);
    demur_context_free(context);
}

static void a_range_that_is_cut_is_added_up_anew_from_its_beginning(void) {
    demur_context *context = new_context(256, 256, 2, NULL);
    float values[NUMBERS], expected[NUMBERS];
    reference(5, 60, 10, 50, expected);
    for (int32_t cut = 5; cut < 58; cut += 8) {
        NEED(demur_context_remove(context, 1, 0, -1, error));
        range(context, 1, 10, 50);
        NEED(decode(context, 1, 5, 0, cut > 9 ? 10 : cut, false));
        NEED(decode(context, 1, 5, cut > 9 ? 10 : cut, 58, true));
        NEED(demur_context_remove(context, 1, cut, -1, error));
        const int32_t kept = range(context, 1, 10, 50);
        CHECK_SAYING(kept == (cut > 10 && cut < 50 ? 10 : cut), "cut at %d keeps %d", cut, kept);
        if (kept < cut) {
            /* Whoever goes on all the same gets no mean. */
            NEED(decode(context, 1, 5, cut, 60, true));
            CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 1, values, error));
            CHECK_MENTIONS("positions 10 to 50 of sequence 1");
            CHECK(range(context, 1, 10, 50) == 10);
            NEED(demur_context_remove(context, 1, 10, -1, error));
        }
        NEED(decode(context, 1, 5, kept, 60, true));
        read_all(context, 1, values);
        check_values(values, expected, "cut at", cut);
    }
    demur_context_free(context);
}

static void a_range_may_grow_behind_what_is_held(void) {
    demur_context *context = new_context(256, 256, 1, NULL);
    float values[NUMBERS], expected[NUMBERS];
    range(context, 0, 10, 40);
    NEED(decode(context, 0, 6, 0, 50, true));
    CHECK(range(context, 0, 10, 60) == 40);
    NEED(demur_context_remove(context, 0, 40, -1, error));
    CHECK(range(context, 0, 10, 60) == 40);
    NEED(decode(context, 0, 6, 40, 70, true));
    read_all(context, 0, values);
    reference(6, 70, 10, 60, expected);
    check_values(values, expected, "grown", 0);
    CHECK(range(context, 0, 10, 30) == 10);
    demur_context_free(context);
}

static void a_step_captures_nothing_and_draws_as_elsewhere(void) {
    demur_context *context = new_context(256, 256, 2, NULL), *plain = plain_context(256, 256, 2, NULL);
    demur_sampler *sampler = NULL, *other = NULL;
    NEED(demur_sampler_create(model, DEMUR_KERNEL_SCALAR, 0, 0, 1, 0, 1, 0, 0, 0, 1, NULL, 0, &sampler, error));
    NEED(demur_sampler_create(model, DEMUR_KERNEL_SCALAR, 0, 0, 1, 0, 1, 0, 0, 0, 1, NULL, 0, &other, error));
    float values[NUMBERS];
    range(context, 1, 5, 30);
    NEED(decode(context, 1, 2, 0, 30, true));
    NEED(decode(plain, 1, 2, 0, 30, true));
    const float *a = NULL, *b = NULL;
    NEED(demur_context_logits(context, 29, &a, error));
    NEED(demur_context_logits(plain, 29, &b, error));
    if (gpu_layers == 0) {
        CHECK(same_bits(a, b, MICRO_VOCABULARY));
    }
    int32_t token = 100, next = -1, same = -2;
    for (int32_t i = 0; i < 20; i++) {
        NEED(step_one(context, sampler, token, 1, &next, error));
        NEED(step_one(plain, other, token, 1, &same, error));
        CHECK_SAYING(next == same || gpu_layers > 0, "%d and %d", next, same);
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 1, values, error));
        CHECK_MENTIONS("no output");
        token = next;
    }
    demur_sampler_free(sampler);
    demur_sampler_free(other);
    demur_context_free(context);
    demur_context_free(plain);
}

/* ---- failures ---- */

static void a_decode_that_fails_adds_nothing(void) {
    demur_control control = {0, 0};
    demur_context *context = new_context(256, 256, 1, &control);
    float values[NUMBERS], expected[NUMBERS];
    reference(8, 200, 20, 180, expected);
    range(context, 0, 20, 180);
    NEED(decode(context, 0, 8, 0, 100, true));
    control.cancel = 1;
    CHECK_STATUS(DEMUR_ERROR_CANCELLED, decode(context, 0, 8, 100, 200, true));
    control.cancel = 0;
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 0, values, error));
    CHECK_STATUS(DEMUR_ERROR_FULL, decode(context, 0, 8, 100, 300, true));
    CHECK(range(context, 0, 20, 180) == 100);
    NEED(decode(context, 0, 8, 100, 200, true));
    read_all(context, 0, values);
    check_values(values, expected, "after failures", 0);
    demur_context_free(context);
}

static void *cancel_soon(void *data) {
    demur_control *control = data;
    usleep(3000);
    __atomic_store_n(&control->cancel, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void another_thread_can_cancel_a_decode_that_captures(void) {
    demur_control control = {0, 0};
    demur_context *context = new_context(1100, 1100, 1, &control);
    float values[NUMBERS], expected[NUMBERS];
    reference(8, 1050, 20, 900, expected);
    int cancelled = 0;
    range(context, 0, 20, 900);
    /* Where the other thread has no processor the decode is over first: then it is tried on. */
    for (int attempt = 0; attempt < repeated(6, 20) || (cancelled == 0 && gpu_layers == 0 && attempt < 1000);
         attempt++) {
        NEED(demur_context_remove(context, 0, 0, -1, error));
        NEED(decode(context, 0, 8, 0, 50, false));
        pthread_t thread;
        NEED(pthread_create(&thread, NULL, cancel_soon, &control));
        const int32_t status = decode(context, 0, 8, 50, 1050, true);
        pthread_join(thread, NULL);
        control.cancel = 0;
        CHECK_SAYING(status == DEMUR_OK || status == DEMUR_ERROR_CANCELLED, "%d: %s", status, error);
        cancelled += status == DEMUR_ERROR_CANCELLED;
        if (status == DEMUR_ERROR_CANCELLED) {
            NEED(decode(context, 0, 8, 50, 1050, true));
        }
        read_all(context, 0, values);
        check_values(values, expected, "attempt", attempt);
    }
    CHECK_SAYING(cancelled > 0 || gpu_layers > 0, "none of them was");
    demur_context_free(context);
}

static void a_memory_that_is_packed_anew_is_added_up_once(void) {
    demur_context *context = new_context(256, 256, 2, NULL);
    float values[NUMBERS], expected[NUMBERS];
    for (int32_t i = 0; i < rounds(250); i++) {
        NEED(decode(context, 0, 1, i, i + 1, false));
        NEED(decode(context, 1, 2, i, i + 1, false));
    }
    NEED(demur_context_remove(context, 0, 0, -1, error));
    range(context, 0, 40, 190);
    NEED(decode(context, 0, 3, 0, 200, true));
    read_all(context, 0, values);
    reference(3, 200, 40, 190, expected);
    check_values(values, expected, "packed", 0);
    demur_context_free(context);
}

static void numbers_that_are_not_finite_are_an_error(void) {
    demur_model *damaged = load(nan_path, gpu_layers);
    demur_context *context = NULL;
    float values[NUMBERS];
    NEED(demur_context_create(damaged, 64, 0, 64, 1, 1, NULL, &context, error));
    NEED(demur_context_hidden(context, layers, poolings, VALUES, error));
    range(context, 0, 0, 2);
    batch two = {2, {100, 200}, {0, 1}, {0, 0}, {0, 1}};
    NEED(decode_batch(context, &two));
    CHECK_STATUS(DEMUR_ERROR_LOGITS, demur_context_hidden_read(context, 0, values, error));
    CHECK_MENTIONS("block");
    demur_context_free(context);
    demur_model_free(damaged);
}

/* ---- what cannot be had ---- */

/* The context still decodes, as one that captures nothing. */
static void check_plain(demur_context *context) {
    const float *row = NULL;
    float values[NUMBERS];
    CHECK_OK(decode(context, 0, 1, 0, 10, true));
    CHECK_OK(demur_context_logits(context, 9, &row, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 0, values, error));
    CHECK_MENTIONS("captures no hidden states");
}

static void a_graph_with_other_names_is_refused_before_any_work(void) {
    renamed = true;
    demur_context *context = plain_context(64, 64, 3, NULL);
    CHECK_STATUS(DEMUR_ERROR_UNSUPPORTED, demur_context_hidden(context, layers, poolings, VALUES, error));
    CHECK_MENTIONS("l_out-1");
    check_plain(context);
    demur_context_free(context);
    renamed = false;
}

static void the_mean_of_the_last_block_is_refused(void) {
    static const int32_t last[2] = {0, 1}, mean[2] = {DEMUR_POOLING_LAST, DEMUR_POOLING_MEAN};
    for (int32_t batch = 1; batch <= 64; batch += 63) {
        demur_context *context = plain_context(64, batch, batch == 1 ? 1 : 2, NULL);
        CHECK_STATUS(DEMUR_ERROR_UNSUPPORTED, demur_context_hidden(context, last, mean, 2, error));
        CHECK_MENTIONS("block 1");
        if (batch > 1) {
            check_plain(context);
        }
        demur_context_free(context);
    }
}

static void bad_arguments_change_nothing(void) {
    demur_context *context = plain_context(64, 64, 3, NULL);
    static const int32_t beyond[1] = {MICRO_LAYERS}, below[1] = {-1}, none[1] = {2};
    int32_t kept;
    float values[NUMBERS];
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(NULL, layers, poolings, VALUES, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, NULL, poolings, VALUES, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, layers, NULL, VALUES, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, layers, poolings, 0, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, layers, poolings, INT32_MAX, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, beyond, poolings, 1, error));
    CHECK_MENTIONS("2 blocks");
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, below, poolings, 1, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, layers, none, 1, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_range(context, 0, 0, 5, &kept, error));
    check_plain(context);
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, layers, poolings, VALUES, error));
    CHECK_MENTIONS("holds tokens");
    NEED(demur_context_remove(context, 0, 0, -1, error));
    CHECK_OK(demur_context_hidden(context, layers, poolings, VALUES, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden(context, layers, poolings, VALUES, error));
    CHECK_MENTIONS("already");
    static const int32_t ids[2] = {20, 30};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_graph(context, ids, 2, error));
    CHECK_MENTIONS("hidden states");
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_range(context, 3, 0, 5, &kept, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_range(context, 0, -1, 5, &kept, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_range(context, 0, 6, 5, &kept, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_range(context, 0, 0, 5, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_range(NULL, 0, 0, 5, &kept, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 0, values, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, -1, values, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(NULL, 0, values, error));
    static const batch mixed = {4, {100, 101, 102, 103}, {0, 0, 1, 1}, {0, 1, 0, 1}, {0, 0, 1, 1}};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, decode_batch(context, &mixed));
    CHECK_MENTIONS("neighbours");
    static const batch apart = {2, {100, 101}, {0, 0}, {0, 2}, {1, 1}};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, decode_batch(context, &apart));
    range(context, 0, 0, 5);
    CHECK_OK(decode(context, 0, 1, 0, 10, true));
    CHECK_OK(demur_context_hidden_read(context, 0, values, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 0, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_hidden_read(context, 1, values, error));
    demur_context_free(context);
}

/* ---- the models ---- */

/* Overwrites the embedding of a token; the embeddings are the first tensor, and all tensors are floats without gaps. */
static void write_embedding(const char *file, int32_t token, float value) {
    const long floats = 2L * MICRO_VOCABULARY * WIDTH + WIDTH +
                        MICRO_LAYERS * (2L * WIDTH + 4L * WIDTH * WIDTH + 3L * FEED_FORWARD * WIDTH);
    FILE *out = fopen(file, "r+b");
    bool written = out != NULL && fseek(out, (token * (long)WIDTH - floats) * (long)sizeof value, SEEK_END) == 0;
    for (int32_t k = 0; written && k < WIDTH; k++) {
        written = fwrite(&value, sizeof value, 1, out) == 1;
    }
    if (!written || fclose(out) != 0) {
        perror(file);
        exit(1);
    }
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: hidden_test LIBRARY FOLDER GPU_LAYERS\n");
        return 2;
    }
    gpu_layers = atoi(arguments[3]);
    library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
    flash_attention = dlsym(library, "llama_flash_attn_type_name") != NULL;
    NEED(demur_runtime_open(arguments[1], 0, &runtime, error));
    snprintf(path, sizeof path, "%s/hidden%d.gguf", arguments[2], (int)getpid());
    snprintf(nan_path, sizeof nan_path, "%s/hidden%d-nan.gguf", arguments[2], (int)getpid());
    micro_model_write(path, MICRO_SPM);
    micro_model_write(nan_path, MICRO_SPM);
    write_embedding(nan_path, 200, NAN);
    model = load(path, gpu_layers);
    on_host = load(path, 0);
    RUN(the_last_row_is_what_the_logits_are_computed_of);
    RUN(a_prompt_in_chunks_gives_the_numbers_of_its_tokens_one_by_one);
    RUN(sequences_of_one_batch_have_the_numbers_that_each_has_alone);
    /* A device brings the same rows to the same code, and one in software takes minutes for the rest. */
    if (gpu_layers == 0) {
        RUN(random_batches_that_go_on_give_the_numbers_of_each_prompt_alone);
        RUN(a_turn_that_is_generated_again_gives_the_same_mean_to_the_bit);
        RUN(a_range_that_is_cut_is_added_up_anew_from_its_beginning);
        RUN(a_range_may_grow_behind_what_is_held);
        RUN(a_step_captures_nothing_and_draws_as_elsewhere);
        RUN(a_decode_that_fails_adds_nothing);
        RUN(another_thread_can_cancel_a_decode_that_captures);
        RUN(a_memory_that_is_packed_anew_is_added_up_once);
        RUN(numbers_that_are_not_finite_are_an_error);
        RUN(a_graph_with_other_names_is_refused_before_any_work);
        RUN(the_mean_of_the_last_block_is_refused);
        RUN(bad_arguments_change_nothing);
    }
    demur_model_free(model);
    demur_model_free(on_host);
    unlink(path);
    unlink(nan_path);
    return test_result();
}
