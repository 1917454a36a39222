/*
 * Drawing against llama.cpp's own sampler chain, the oracle for what the options mean and the order that they apply in.
 * Its sums are in float, so tokens that lie where it cuts are left out, and so is its last step, which draws.
 */
#define _GNU_SOURCE
#include "draw_reference.h"
#include "kernels.h"
#include "llama_chain.h"
#include "rows.h"

static void *new_penalties(int32_t vocabulary, const draw_options *o) {
    const float repeat = (float)o->repeat, frequency = (float)o->frequency, presence = (float)o->presence;
    if (takes_vocabulary) {
        void *(*create)(int32_t, int32_t, float, float, float);
        memcpy(&create, &llama_sampler_init_penalties, sizeof create);
        return create(vocabulary, o->penalty_last, repeat, frequency, presence);
    }
    return llama_sampler_init_penalties(o->penalty_last, repeat, frequency, presence);
}

/* In the order of llama.cpp's programs. */
static void *new_chain(int32_t vocabulary, const draw_options *o) {
    void *chain = llama_sampler_chain_init(llama_sampler_chain_default_params());
    llama_sampler_chain_add(chain, new_penalties(vocabulary, o));
    if (o->temperature == 0) {
        return chain;
    }
    if (o->top_k > 0) {
        llama_sampler_chain_add(chain, llama_sampler_init_top_k(o->top_k));
    }
    if (o->top_p < 1) {
        llama_sampler_chain_add(chain, llama_sampler_init_top_p((float)o->top_p, 1));
    }
    if (o->min_p > 0) {
        llama_sampler_chain_add(chain, llama_sampler_init_min_p((float)o->min_p, 1));
    }
    llama_sampler_chain_add(chain, llama_sampler_init_temp((float)o->temperature));
    return chain;
}

enum { MOST = 4096, MASKED = 4, TOLD = 24 };
static const uint64_t SEED = 20240617; /* printed with every failure; nothing else is random here */

/* What the chain makes of a row, in `listed`. */
static size_t run_chain(const float *row, int32_t count, const draw_options *options, const int32_t *masked,
                        const int32_t *told, candidate *listed) {
    void *chain = new_chain(count, options);
    for (int i = 0; i < TOLD; i++) {
        llama_sampler_accept(chain, told[i]);
    }
    size_t size = 0;
    for (int32_t i = 0; i < count; i++) {
        bool kept = true;
        for (int j = 0; j < MASKED; j++) {
            kept = kept && masked[j] != i;
        }
        if (kept) {
            listed[size++] = (candidate){i, row[i], 0};
        }
    }
    candidates all = {listed, size, -1, false};
    llama_sampler_apply(chain, &all);
    memmove(listed, all.data, all.size * sizeof *listed);
    llama_sampler_free(chain);
    return all.size;
}

static void draw_case(uint64_t *random, float *row, int32_t count, int32_t *masked, int32_t *told) {
    fill(row, count, NORMAL, random);
    for (int i = 0; i < MASKED; i++) {
        masked[i] = (int32_t)(random_bits(random) % (uint64_t)count);
    }
    /* The likeliest tokens and a few others, several times over, some of them masked. */
    for (int i = 0; i < TOLD; i++) {
        int32_t token = masked[0];
        for (int tries = 0; i % 7 != 0 && tries < 40; tries++) {
            const int32_t other = (int32_t)(random_bits(random) % (uint64_t)count);
            token = tries == 0 || row[other] > row[token] ? other : token;
        }
        told[i] = i > 3 && i % 3 == 0 ? told[i - 3] : token;
    }
}

static draw_options random_penalties(uint64_t *random) {
    /* Floats, as llama.cpp takes them. */
    static const double repeats[] = {1, 1.25, 0.5, 2, 1.0625}, amounts[] = {0, 0.5, 1.25, -0.75, 4};
    static const int32_t lasts[] = {0, 1, 5, 16, 64};
    return (draw_options){0,
                          0,
                          1,
                          0,
                          repeats[random_bits(random) % 5],
                          amounts[random_bits(random) % 5],
                          amounts[random_bits(random) % 5],
                          lasts[random_bits(random) % 5],
                          1};
}

static float row[MOST];
static candidate listed[MOST];

static void greedy_takes_a_token_that_the_chain_finds_best(void) {
    uint64_t random = SEED;
    int changed = 0;
    for (int round = 0; round < 2000; round++) {
        const int32_t count = 30 + (int32_t)(random_bits(&random) % 1000);
        int32_t masked[MASKED], told[TOLD], token = -1;
        draw_case(&random, row, count, masked, told);
        const draw_options options = random_penalties(&random);
        const size_t size = run_chain(row, count, &options, masked, told, listed);
        float best = -INFINITY, drawn = -INFINITY, plain = -INFINITY;
        for (size_t k = 0; k < 4; k++) {
            if (!demur_kernel_supported(kernels[k])) {
                continue;
            }
            drawer *drawer = drawer_create(kernels[k], count, &options, masked, MASKED);
            for (int i = 0; i < TOLD; i++) {
                drawer_accept(drawer, told[i]);
            }
            CHECK_OK(drawer_draw(drawer, row, &token, error));
            for (size_t i = 0; i < size; i++) {
                best = fmaxf(best, listed[i].logit);
                plain = fmaxf(plain, row[listed[i].id]);
                drawn = listed[i].id == token ? listed[i].logit : drawn;
            }
            CHECK_SAYING(
                drawn >= best - 1e-5f * fmaxf(1, fabsf(best)),
                "%s, round %d, %d tokens, repeat %g, frequency %g, presence %g of the last %d: %d has %.9g of %.9g",
                kernel_names[k], round, count, options.repeat, options.frequency, options.presence,
                options.penalty_last, token, drawn, best);
            changed += k == 0 && best != plain; /* the scalar kernel is always there */
            drawer_free(drawer);
        }
    }
    CHECK_SAYING(changed > 200, "penalties changed the best logit only %d times", changed);
}

/* The reference is what draw_test compares draws with. */
static void the_chain_keeps_and_weighs_tokens_as_the_reference(void) {
    static const int32_t ks[] = {0, 0, 1, 5, 40, 300};
    static const double ps[] = {1, 1, 0.95, 0.5, 0.0625}, mins[] = {0, 0, 0.0625, 0.5}, temperatures[] = {1, 0.75, 2};
    uint64_t random = SEED + 1;
    int compared = 0;
    for (int round = 0; round < 3000; round++) {
        const int32_t count = 30 + (int32_t)(random_bits(&random) % 1000);
        int32_t masked[MASKED], told[TOLD];
        draw_case(&random, row, count, masked, told);
        draw_options options = random_penalties(&random);
        options.temperature = temperatures[random_bits(&random) % 3];
        options.top_k = ks[random_bits(&random) % 6];
        options.top_p = ps[random_bits(&random) % 5];
        options.min_p = mins[random_bits(&random) % 4];
        reference truth = judge(row, count, &options, masked, MASKED, told, TOLD, 1e-4);
        const size_t size = run_chain(row, count, &options, masked, told, listed);
        double sum = 0, top = -INFINITY;
        for (size_t i = 0; i < size; i++) {
            top = fmax(top, listed[i].logit);
        }
        for (size_t i = 0; i < size; i++) {
            sum += exp(listed[i].logit - top);
        }
        CHECK_SAYING(truth.close || (size_t)truth.count == size, "round %d: %zu tokens of %d, not %d", round, size,
                     count, truth.count);
        for (int32_t t = 0; !truth.close && t < truth.count; t++) {
            double p = -1;
            for (size_t i = 0; i < size; i++) {
                p = listed[i].id == truth.tokens[t] ? exp(listed[i].logit - top) / sum : p;
            }
            CHECK_SAYING(
                fabs(p - truth.probabilities[t]) <= 3e-5 * truth.probabilities[t],
                "round %d, token %d of %d: %.9g, not %.9g; repeat %g, frequency %g, presence %g of the last %d", round,
                truth.tokens[t], count, p, truth.probabilities[t], options.repeat, options.frequency, options.presence,
                options.penalty_last);
        }
        compared += !truth.close;
        free_reference(&truth);
    }
    CHECK_SAYING(compared > 2000, "only %d of 3000 rows compared", compared);
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: %s LLAMA\n", arguments[0]);
        return 2;
    }
    open_llama(arguments[1]);
    RUN(greedy_takes_a_token_that_the_chain_finds_best);
    RUN(the_chain_keeps_and_weighs_tokens_as_the_reference);
    return test_result();
}
