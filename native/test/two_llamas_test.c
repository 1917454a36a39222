/* An old and a new llama.cpp in one process. Arguments: the old library, the new one, a folder for model files. */
#define _GNU_SOURCE
#include <math.h>

#include "micro_model.h"
#include "portable.h"
#include "test.h"

static demur_runtime *runtimes[2];
static char path[4096];
enum { PROMPT = 40 };

typedef struct generation {
    demur_runtime *runtime;
    float row[MICRO_VOCABULARY];
    int32_t tokens[32];
    int32_t status;
    char message[DEMUR_ERROR_SIZE];
} generation;

static int32_t decode_prompt(demur_context *context, char *message) {
    int32_t tokens[PROMPT], positions[PROMPT], sequences[PROMPT] = {0};
    int8_t outputs[PROMPT] = {0};
    for (int32_t i = 0; i < PROMPT; i++) {
        tokens[i] = 100 + 3 * i;
        positions[i] = i;
    }
    outputs[PROMPT - 1] = 1;
    return demur_context_decode(context, PROMPT, tokens, positions, sequences, outputs, message);
}

static void *generate(void *data) {
    generation *run = data;
    demur_model *model = NULL;
    demur_context *context = NULL;
    demur_sampler *sampler = NULL;
    const float *row = NULL;
    char *message = run->message;
    int32_t status = demur_model_load(run->runtime, path, NULL, -1, NULL, &model, message);
    if (status == DEMUR_OK) {
        status = demur_context_create(model, 128, 0, 64, 1, 1, NULL, &context, message);
    }
    if (status == DEMUR_OK) {
        status = demur_sampler_create(model, demur_kernel_best(-1), 0, 0, 1, 0, 1.2, 0, 0, 16, 0, NULL, 0, &sampler,
                                      message);
    }
    if (status == DEMUR_OK) {
        status = decode_prompt(context, message);
    }
    if (status == DEMUR_OK) {
        status = demur_context_logits(context, PROMPT - 1, &row, message);
    }
    if (status == DEMUR_OK) {
        memcpy(run->row, row, sizeof run->row);
    }
    int32_t token = 200;
    for (int32_t i = 0; i < 32 && status == DEMUR_OK; i++) {
        status = step_one(context, sampler, token, 0, &token, message);
        run->tokens[i] = token;
    }
    run->status = status;
    demur_sampler_free(sampler);
    demur_context_free(context);
    demur_model_free(model);
    return NULL;
}

static void check_run(const generation *run, const generation *reference) {
    CHECK_SAYING(run->status == DEMUR_OK, "%d: %s", run->status, run->message);
    CHECK(memcmp(run->row, reference->row, sizeof run->row) == 0);
    CHECK(memcmp(run->tokens, reference->tokens, sizeof run->tokens) == 0);
}

static generation references[2];

static void each_library_works_while_the_other_is_loaded_and_they_agree(void) {
    CHECK(runtimes[0] != runtimes[1]);
    float most = 0;
    for (int i = 0; i < 2; i++) {
        references[i].runtime = runtimes[i];
        generate(&references[i]);
        CHECK_SAYING(references[i].status == DEMUR_OK, "%d: %s", references[i].status, references[i].message);
    }
    for (int i = 0; i < MICRO_VOCABULARY; i++) {
        most = fmaxf(most, fabsf(references[0].row[i] - references[1].row[i]));
    }
    CHECK_SAYING(most < 0.05f, "the rows are %g apart", most);
}

static void both_work_at_the_same_time_in_several_threads(void) {
    enum { THREADS = 4 };
    static generation runs[THREADS];
    pthread_t threads[THREADS];
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < THREADS; i++) {
            runs[i].runtime = runtimes[i % 2];
            NEED(pthread_create(&threads[i], NULL, generate, &runs[i]));
        }
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
            check_run(&runs[i], &references[i % 2]);
        }
    }
}

static void one_log_gathers_the_lines_of_both(void) {
    static char out[1 << 18];
    int64_t length = 0;
    NEED(demur_log_read(out, sizeof out, &length, error));
    for (int i = 0; i < 2; i++) {
        demur_model *model = NULL;
        NEED(demur_model_load(runtimes[i], path, NULL, -1, NULL, &model, error));
        demur_model_free(model);
        CHECK_OK(demur_log_read(out, sizeof out, &length, error));
        CHECK_SAYING(length > 500, "%lld bytes of library %d", (long long)length, i);
    }
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: %s OLD NEW FOLDER\n", arguments[0]);
        return 2;
    }
    snprintf(path, sizeof path, "%s/both-%ld.gguf", arguments[3], (long)getpid());
    micro_model_write(path, MICRO_SPM);
    for (int i = 0; i < 2; i++) {
        NEED(demur_runtime_open(arguments[1 + i], 0, &runtimes[i], error));
    }
    RUN(each_library_works_while_the_other_is_loaded_and_they_agree);
    RUN(both_work_at_the_same_time_in_several_threads);
    RUN(one_log_gathers_the_lines_of_both);
    unlink(path);
    return test_result();
}
