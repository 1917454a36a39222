/*
 * What reading, deciding on and drawing from a row of logits costs, against one plain read of it and against
 * llama.cpp's sampler chains. Contenders take turns, so that what slows the machine slows all of them; compared are
 * ratios within a turn. Arguments: a llama.cpp library, "old" or "new", the number of turns, and files with rows of
 * models (model_row.c), which are measured besides made-up ones. Prints JSON, a line for each ratio.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "demur.h"
#include "draw.h"
#include "llama_chain.h"
#include "random.h"

/* ---- what is measured ---- */

enum { LARGEST = 262144, CONTROL = 6, MOST_CONTROL = 65, MOST_TURNS = 1001 };

static float *row;
static int32_t vocabulary;
static int32_t control[MOST_CONTROL + 1][MOST_CONTROL]; /* by their number, ascending */
static const char *row_name;
static candidate *listed;
static volatile int64_t sink;
static char error[DEMUR_ERROR_SIZE];

static void require(int32_t status) {
    if (status != DEMUR_OK) {
        fprintf(stderr, "%s\n", error);
        exit(1);
    }
}

typedef struct contender {
    const char *name;
    void (*run)(const struct contender *);
    int32_t kernel;
    int32_t controls; /* tokens: categories and respond */
    bool masks;       /* a chain: leaves the control tokens out, as a drawer does */
    void *chain;
    drawer *drawer;
    double times[MOST_TURNS];
} contender;

/* In the widest vectors that there are. */
#if defined(__x86_64__)
__attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#endif
static int32_t
combine(const int32_t *words, int32_t words_count) {
    int32_t all = 0;
    for (int32_t i = 0; i < words_count; i++) {
        all ^= words[i];
    }
    return all;
}

static void read_row(const contender *c) {
    (void)c;
    sink = combine((const int32_t *)(const void *)row, vocabulary);
}

static void exact(const contender *c) {
    double out[2 * MOST_CONTROL + 2];
    require(demur_readout(c->kernel, row, vocabulary, control[c->controls], c->controls, 1, out, error));
}

static void chain(const contender *c) {
    for (int32_t i = 0; i < vocabulary; i++) {
        listed[i] = (candidate){i, row[i], 0};
    }
    size_t size = (size_t)vocabulary;
    for (int i = CONTROL - 1; c->masks && i >= 0; i--) {
        listed[control[CONTROL][i]] = listed[--size];
    }
    candidates all = {listed, size, -1, false};
    llama_sampler_apply(c->chain, &all);
    sink = all.data[all.selected].id;
}

static void draw(const contender *c) {
    int32_t token;
    require(drawer_draw(c->drawer, row, &token, error));
    sink = token;
}

static int by_logit(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    return x->logit != y->logit ? (x->logit < y->logit) - (x->logit > y->logit) : (x->id > y->id) - (x->id < y->id);
}

/* The plain float64 way: sort everything, then cut and weigh. */
static void reference(const contender *c) {
    (void)c;
    for (int32_t i = 0; i < vocabulary; i++) {
        listed[i] = (candidate){i, row[i], 0};
    }
    qsort(listed, (size_t)vocabulary, sizeof *listed, by_logit);
    double sum = 0, passed = 0;
    int32_t kept = 0;
    for (int32_t i = 0; i < 40; i++) {
        sum += exp((double)listed[i].logit - (double)listed[0].logit);
    }
    while (kept < 40 && passed < 0.95 * sum) {
        passed += exp((double)listed[kept++].logit - (double)listed[0].logit);
    }
    sink = kept;
}

/* ---- turns ---- */

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec * 1e-3;
}

static int compare(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void take_turns(contender *all, int count, int turns) {
    for (int turn = -2; turn < turns; turn++) {
        for (int i = 0; i < count; i++) {
            /* Short ones are repeated: the clock takes 20 to 50 ns. */
            const int times = vocabulary <= 1024 ? 20 : 1;
            read_row(NULL); /* a row that was just computed is in the cache as well */
            const double begin = now();
            for (int t = 0; t < times; t++) {
                all[i].run(&all[i]);
            }
            all[i].times[turn < 0 ? 0 : turn] = (now() - begin) / times;
        }
    }
}

static double median(const double *values, int count) {
    double sorted[MOST_TURNS];
    memcpy(sorted, values, (size_t)count * sizeof *values);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    return sorted[count / 2];
}

/* b's time as a multiple of a's: the median over the turns, with its 95 % interval from the order of the turns' ratios.
 */
static void print_ratio(const contender *b, const contender *a, int turns, const char *llama) {
    double ratios[MOST_TURNS];
    for (int i = 0; i < turns; i++) {
        ratios[i] = b->times[i] / a->times[i];
    }
    qsort(ratios, (size_t)turns, sizeof *ratios, compare);
    const int margin = (int)ceil(0.98 * sqrt(turns));
    const int low = turns / 2 - margin, high = turns / 2 + margin;
    printf("{\"llama\": \"%s\", \"row\": \"%s\", \"vocabulary\": %d, \"what\": \"%s\", \"against\": \"%s\", "
           "\"microseconds\": %.3f, "
           "\"ratio\": %.4g, \"low\": %.4g, \"high\": %.4g}\n",
           llama, row_name, vocabulary, b->name, a->name, median(b->times, turns), ratios[turns / 2],
           ratios[low < 0 ? 0 : low], ratios[high >= turns ? turns - 1 : high]);
}

static void *new_chain(int32_t top_k, float top_p, float min_p, float temperature) {
    void *made = llama_sampler_chain_init(llama_sampler_chain_default_params());
    if (top_k > 0) {
        llama_sampler_chain_add(made, llama_sampler_init_top_k(top_k));
    }
    if (top_p < 1) {
        llama_sampler_chain_add(made, llama_sampler_init_top_p(top_p, 1));
    }
    if (min_p > 0) {
        llama_sampler_chain_add(made, llama_sampler_init_min_p(min_p, 1));
    }
    if (temperature != 1) {
        llama_sampler_chain_add(made, llama_sampler_init_temp(temperature));
    }
    llama_sampler_chain_add(made, llama_sampler_init_dist(1));
    return made;
}

/* The bulk of a vocabulary around 0, twenty tokens that fit, and the control tokens. */
static void fill(void) {
    uint64_t random = 20240614;
    for (int32_t i = 0; i < vocabulary; i++) {
        float sum = 0;
        for (int k = 0; k < 6; k++) {
            sum += random_float(&random);
        }
        row[i] = 1.75f * sum;
    }
    for (int i = 0; i < 20; i++) {
        row[random_bits(&random) % (uint64_t)vocabulary] = 15 + 3 * random_float(&random);
    }
    for (int i = 0; i < CONTROL; i++) {
        row[vocabulary - CONTROL + i] = i == CONTROL - 1 ? 21 : 12 + (float)i;
    }
    for (int n = 1; n <= MOST_CONTROL; n++) {
        for (int i = 0; i < n; i++) {
            control[n][i] = vocabulary - n + i;
        }
    }
    row_name = "made up";
}

static int ascending(const void *a, const void *b) {
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* A model's row; its control tokens are taken to be the likeliest, as those of a model with refusal tokens are. */
static void read_from(const char *path) {
    FILE *file = fopen(path, "rb");
    vocabulary = file == NULL ? 0 : (int32_t)fread(row, sizeof *row, LARGEST, file);
    if (vocabulary < MOST_CONTROL || fclose(file) != 0) {
        fprintf(stderr, "%s holds no row\n", path);
        exit(1);
    }
    for (int32_t i = 0; i < vocabulary; i++) {
        listed[i] = (candidate){i, row[i], 0};
    }
    qsort(listed, (size_t)vocabulary, sizeof *listed, by_logit);
    for (int n = 1; n <= MOST_CONTROL; n++) {
        for (int i = 0; i < n; i++) {
            control[n][i] = listed[i].id;
        }
        qsort(control[n], (size_t)n, sizeof(int32_t), ascending);
    }
    const char *slash = strrchr(path, '/');
    row_name = slash == NULL ? path : slash + 1;
}

static contender all[64];
static int count;

/* `kernel` < 0: in the name there is none. */
static contender *add(void (*run)(const contender *), int32_t kernel, const char *name) {
    static const char *const kernels[] = {"scalar", "avx2", "avx512", "neon"};
    static char names[64][64];
    snprintf(names[count], sizeof names[0], "%s%s%s", name, kernel < 0 ? "" : ", ", kernel < 0 ? "" : kernels[kernel]);
    all[count] = (contender){.name = names[count], .run = run, .kernel = kernel, .controls = CONTROL};
    return &all[count++];
}

/* The row that is there. */
static void measure(const char *llama, int turns) {
    count = 0;
    add(read_row, -1, "one read of the row");
    const int exact_first = count;
    for (int32_t k = 0; k < 4; k++) {
        if (demur_kernel_supported(k)) {
            add(exact, k, "exact");
            add(exact, k, "exact, 1 category")->controls = 2;
            add(exact, k, "exact, 64 categories")->controls = MOST_CONTROL;
        }
    }
    const int draw_first = count;
    static const draw_options options[] = {
        {0.8, 40, 0.95, 0.05, 1, 0, 0, 0, 1}, {1, 0, 0.9, 0, 1, 0, 0, 0, 1}, {0.8, 0, 1, 0, 1, 0, 0, 0, 1}};
    static const char *const settings[] = {"usual", "top-p", "temperature"};
    add(chain, -1, "chain, top-k top-p temperature")->chain = new_chain(40, 0.95f, 0, 0.8f);
    for (int o = 0; o < 3; o++) {
        const draw_options *given = &options[o];
        char name[40];
        snprintf(name, sizeof name, "chain, %s", settings[o]);
        contender *masking = add(chain, -1, name);
        masking->chain = new_chain(given->top_k, (float)given->top_p, (float)given->min_p, (float)given->temperature);
        masking->masks = true;
        snprintf(name, sizeof name, "draw, %s", settings[o]);
        for (int32_t k = 0; k < 4; k++) {
            if (demur_kernel_supported(k)) {
                add(draw, k, name)->drawer = drawer_create(k, vocabulary, given, control[CONTROL], CONTROL);
            }
        }
    }
    add(reference, -1, "float64 reference, usual");
    take_turns(all, count, turns);
    for (int i = 1; i < count; i++) {
        print_ratio(&all[i], &all[0], turns, llama);
    }
    for (int i = exact_first; i < draw_first; i++) {
        print_ratio(&all[draw_first], &all[i], turns, llama);
    }
    const contender *chain_of_setting = NULL;
    for (int i = draw_first + 1; i < count; i++) {
        if (all[i].run == chain) {
            chain_of_setting = &all[i];
        } else if (all[i].run == draw) {
            print_ratio(chain_of_setting, &all[i], turns, llama);
        }
        if (all[i].chain != NULL) {
            llama_sampler_free(all[i].chain);
        }
    }
    for (int i = 0; i < count; i++) {
        drawer_free(all[i].drawer);
    }
    fflush(stdout);
}

int main(int argc, char **argv) {
    static const int32_t sizes[] = {1024, 32000, 128256, LARGEST};
    const int turns = argc >= 4 ? atoi(argv[3]) : 0;
    if (turns < 1 || turns > MOST_TURNS) {
        fprintf(stderr, "usage: rows_benchmark LLAMA old|new TURNS (1 to %d) [ROW...]\n", MOST_TURNS);
        return 2;
    }
    open_llama(argv[1]);
    row = aligned_alloc(64, LARGEST * sizeof *row);
    listed = malloc(LARGEST * sizeof *listed);
    if (row == NULL || listed == NULL) {
        return 1;
    }
    for (int i = 0; i < 4; i++) {
        vocabulary = sizes[i];
        fill();
        measure(argv[2], turns);
    }
    for (int i = 4; i < argc; i++) {
        read_from(argv[i]);
        measure(argv[2], turns);
    }
    return 0;
}
