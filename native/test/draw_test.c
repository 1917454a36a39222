/* Drawing from a row, against a reference that sorts all tokens in long double. */
#define _GNU_SOURCE
#include "draw_reference.h"
#include "kernels.h"
#include "rows.h"
#include "xoshiro.h"

/* A sanitizer finds what is read or written wrongly by the first draws; how often each token comes is told by the other
 * build. */
#ifdef __SANITIZE_ADDRESS__
static const bool few_draws = true;
#else
static const bool few_draws = false;
#endif

static const uint64_t SEED = 20240613; /* printed with every failure; nothing else is random here */

/* ---- kernels ---- */

static void the_kernels_agree_with_long_double_at_every_size_and_address(void) {
    uint64_t random = SEED;
    static float maxima[LARGEST];
    static double masses[LARGEST];
    static int32_t ids[LARGEST];
    for (int s = 0; s < size_count(); s++) {
        for (shape shape = 0; shape < SHAPES; shape++) {
            const int32_t count = sizes[s], group = 16 << (random_bits(&random) % 5);
            float *row = shape % 2 == 0 ? guarded + shape : guarded_end - count;
            fill(row, count, shape, &random);
            float top = -INFINITY;
            for (int32_t i = 0; i < count; i++) {
                top = row[i] > top ? row[i] : top;
            }
            const float cut = shape % 3 == 0 ? -FLT_MAX : row[random_bits(&random) % (uint64_t)count];
            const double temperature = shape % 2 == 0 ? 1 : 0.7;
            for (size_t k = 0; k < 4; k++) {
                if (!demur_kernel_supported(kernels[k])) {
                    continue;
                }
                const kernel *kernel = kernel_of(kernels[k]);
                CHECK(kernel->maxima(row, count, group, maxima));
                const int32_t kept = kernel->masses(row, count, group, top, temperature, cut, masses);
                const int32_t begin = count / 3, end = count - count / 5;
                const int32_t found = kernel->collect(row, begin, end, cut, ids);
                int32_t expected_kept = 0, expected_found = 0;
                for (int32_t first = 0, g = 0; first < count; first += group, g++) {
                    float largest = -INFINITY;
                    long double mass = 0;
                    for (int32_t i = first; i < count && i < first + group; i++) {
                        largest = row[i] > largest ? row[i] : largest;
                        if (row[i] >= cut) {
                            expected_kept++;
                            mass += expl(((long double)row[i] - (long double)top) / (long double)temperature);
                        }
                        if (row[i] >= cut && i >= begin && i < end) {
                            CHECK(expected_found < found && ids[expected_found] == i);
                            expected_found++;
                        }
                    }
                    CHECK(maxima[g] == largest);
                    CHECK_SAYING(fabsl(masses[g] - mass) <= 1e-5L * mass + 1e-30L,
                                 "%s, %d tokens, group %d: %.12g, not %.12Lg", kernel_names[k], count, g, masses[g],
                                 mass);
                }
                CHECK(kept == expected_kept && found == expected_found);
            }
        }
    }
}

static void no_kernel_overlooks_nan_or_positive_infinity(void) {
    uint64_t random = SEED;
    static float maxima[LARGEST];
    for (int s = 0; s < size_count(); s++) {
        float *row = guarded_end - sizes[s];
        static const shape among[] = {NORMAL, HUGE_VALUES, HOLES};
        for (int i = 0; i < 60; i++) {
            if (i % 20 == 0) {
                fill(row, sizes[s], among[i / 20], &random);
            }
            const int32_t place = (int32_t)(random_bits(&random) % (uint64_t)sizes[s]);
            const float before = row[place];
            row[place] = i % 2 == 0 ? NAN : INFINITY;
            for (size_t k = 0; k < 4; k++) {
                if (demur_kernel_supported(kernels[k])) {
                    CHECK(!kernel_of(kernels[k])->maxima(row, sizes[s], 64, maxima));
                }
            }
            row[place] = before;
        }
    }
}

/* ---- ranking ---- */

static void ranks_order_by_logit_and_then_by_id(void) {
    const float ascending[] = {-FLT_MAX, -1, -1e-40f, 0, 1e-40f, 1, FLT_MAX};
    for (int i = 0; i < 7; i++) {
        CHECK(rank_logit(rank_of(ascending[i], 5)) == ascending[i] && rank_token(rank_of(ascending[i], 5)) == 5);
        CHECK(i == 0 || rank_of(ascending[i], 5) < rank_of(ascending[i - 1], 5));
        CHECK(rank_of(ascending[i], 5) < rank_of(ascending[i], 6));
    }
    CHECK(rank_of(-0.0f, 7) == rank_of(0.0f, 7));
    uint64_t random = SEED;
    enum { MOST = 3000 };
    static uint64_t ranks[MOST], sorted[MOST], scratch[MOST];
    static float values[MOST];
    for (int round = 0; round < (small_set() || few_draws ? 50 : 500); round++) {
        const int32_t count = 1 + (int32_t)(random_bits(&random) % MOST),
                      k = 1 + (int32_t)(random_bits(&random) % (uint64_t)count);
        for (int32_t i = 0; i < count; i++) {
            values[i] = round % 3 == 0   ? (float)(random_bits(&random) % 5)
                        : round % 3 == 1 ? (float)i
                                         : random_float(&random);
            ranks[i] = sorted[i] = rank_of(values[i], i);
        }
        qsort(sorted, (size_t)count, sizeof *sorted, compare_ranks);
        CHECK(kth_largest(values, count, k) == rank_logit(sorted[k - 1]));
        ranks_select(ranks, count, k);
        CHECK(ranks[k - 1] == sorted[k - 1]);
        ranks_sort(ranks, count, scratch);
        CHECK(memcmp(ranks, sorted, (size_t)count * sizeof *ranks) == 0);
    }
}

/* ---- draws ---- */

/*
 * Chi-square of `draws` draws against the reference, tokens expected fewer than 8 times together; the bound is 7
 * standard deviations of the normal that Wilson and Hilferty approximate it by: a false alarm in 10^12.
 */
static bool fits(const reference *truth, const int64_t *seen, int64_t draws) {
    double chi = 0, rest = 0, rest_seen = 0;
    int bins = 0;
    for (int32_t i = 0; i < truth->count; i++) {
        const double expected = truth->probabilities[i] * (double)draws, found = (double)seen[truth->tokens[i]];
        if (expected < 8) {
            rest += expected;
            rest_seen += found;
        } else {
            chi += (found - expected) * (found - expected) / expected;
            bins++;
        }
    }
    if (rest >= 8) {
        chi += (rest_seen - rest) * (rest_seen - rest) / rest;
        bins++;
    } else if (rest_seen > rest + 10 * sqrt(rest) + 20) {
        return false;
    }
    const double freedom = bins - 1;
    if (freedom < 1) {
        return true;
    }
    const double normal = (cbrt(chi / freedom) - (1 - 2 / (9 * freedom))) / sqrt(2 / (9 * freedom));
    return normal < 7;
}

enum { MASKED = 3, TOLD = 8, RECENT = 5 };

static void check_draws(int32_t kernel, float *row, int32_t count, draw_options options, int64_t draws,
                        const char *what) {
    static int64_t seen[LARGEST];
    static float before[LARGEST];
    const bool mask = count > 20;
    draws = (small_set() || few_draws) && draws > 20 ? draws / 20 : draws;
    const int32_t masked[MASKED] = {count / 2, count - 1, count / 2};
    int32_t best = 0;
    for (int32_t i = 0; i < count; i++) {
        best = row[i] > row[best] ? i : best;
    }
    /* The last ones hold the best token twice, and a masked one; those before are forgotten where RECENT count. */
    const int32_t told[TOLD] = {count / 5, count / 6, best, 0, best, count / 4, best, count / 2};
    reference truth = judge(row, count, &options, masked, mask ? MASKED : 0, told, TOLD, 1e-9);
    drawer *drawer = drawer_create(kernel, count, &options, masked, mask ? MASKED : 0);
    for (int32_t i = 0; i < TOLD; i++) {
        drawer_accept(drawer, told[i]);
    }
    memset(seen, 0, (size_t)count * sizeof *seen);
    memcpy(before, row, (size_t)count * sizeof *row);
    for (int64_t i = 0; i < draws; i++) {
        int32_t token = -1;
        CHECK_OK(drawer_draw(drawer, row, &token, error));
        CHECK(token >= 0 && token < count);
        seen[token]++;
    }
    CHECK(memcmp(before, row, (size_t)count * sizeof *row) == 0);
    int64_t inside = 0;
    for (int32_t i = 0; i < truth.count; i++) {
        inside += seen[truth.tokens[i]];
    }
    CHECK_SAYING(inside == draws || truth.close,
                 "%s (%s): %lld of %lld draws outside the %d tokens kept of %d; k %d, p %g, min-p %g, seed %llu", what,
                 kernel_names[kernel], (long long)(draws - inside), (long long)draws, truth.count, count, options.top_k,
                 options.top_p, options.min_p, (unsigned long long)options.seed);
    CHECK_SAYING(fits(&truth, seen, draws) || truth.close, "%s (%s): %d tokens kept of %d; k %d, p %g, min-p %g, t %g",
                 what, kernel_names[kernel], truth.count, count, options.top_k, options.top_p, options.min_p,
                 options.temperature);
    /* All but equally likely, and drawn often enough that each kept token must have been seen. */
    if (options.temperature >= 1e5 && !truth.close) {
        for (int32_t i = 0; i < truth.count; i++) {
            CHECK_SAYING(seen[truth.tokens[i]] > 0 || truth.probabilities[i] * (double)draws < 40,
                         "%s (%s): token %d, place %d of %d, is never drawn; k %d, p %g, min-p %g", what,
                         kernel_names[kernel], truth.tokens[i], i, truth.count, options.top_k, options.top_p,
                         options.min_p);
        }
    }
    drawer_free(drawer);
    free_reference(&truth);
}

static draw_options random_options(uint64_t *random) {
    static const double temperatures[] = {1, 0.8, 0.3, 1.7, 1e6};
    static const int32_t ks[] = {0, 0, 1, 2, 5, 40, 300, 100000000};
    static const double ps[] = {1, 1, 0.9, 0.95, 0.5, 0.999, 0.05, 0};
    static const double mins[] = {0, 0, 0.05, 0.5, 1e-4, 1};
    static const double repeats[] = {1, 1.3, 0.8}, amounts[] = {0, 0, 0.7, -1.1};
    const bool penalised = random_bits(random) % 3 == 0;
    return (draw_options){temperatures[random_bits(random) % 5],
                          ks[random_bits(random) % 8],
                          ps[random_bits(random) % 8],
                          mins[random_bits(random) % 6],
                          penalised ? repeats[random_bits(random) % 3] : 1,
                          penalised ? amounts[random_bits(random) % 4] : 0,
                          penalised ? amounts[random_bits(random) % 4] : 0,
                          RECENT,
                          random_bits(random)};
}

static void draws_follow_the_reference_on_every_kernel(void) {
    uint64_t random = SEED;
    static const shape tried[] = {NORMAL, FLAT, PEAKED, WIDE, TIES, HOLES};
    for (int s = 0; s < size_count(); s++) {
        const int rounds = sizes[s] > 1031 ? 3 : long_run() ? 25 : 10;
        for (int round = 0; round < rounds; round++) {
            float *row = guarded_end - sizes[s];
            fill(row, sizes[s], tried[random_bits(&random) % 6], &random);
            const draw_options options = random_options(&random);
            const int64_t draws = sizes[s] <= 64 ? 3000 : sizes[s] <= 1031 ? 1500 : 20;
            for (size_t k = 0; k < 4; k++) {
                if (demur_kernel_supported(kernels[k])) {
                    check_draws(kernels[k], row, sizes[s], options, draws, "random options");
                }
            }
        }
    }
}

/* The options in use, and each cut alone, with enough draws for a sharp comparison. */
static void the_usual_options_draw_as_the_reference(void) {
    static const draw_options usual[] = {
        {0.8, 40, 0.95, 0.05, 1, 0, 0, 0, 1}, {1, 0, 0.9, 0, 1, 0, 0, 0, 2},    {0.8, 0, 1, 0, 1, 0, 0, 0, 3},
        {1e6, 40, 1, 0, 1, 0, 0, 0, 4},       {1e6, 0, 1, 0.02, 1, 0, 0, 0, 5}, {1e6, 0, 0.9, 0, 1, 0, 0, 0, 6},
        {1, 0, 1, 0, 1.5, 0.25, 0.5, 64, 7},
    };
    uint64_t random = SEED + 1;
    for (size_t o = 0; o < sizeof usual / sizeof *usual; o++) {
        float *row = guarded + o;
        fill(row, 1024, NORMAL, &random);
        for (size_t k = 0; k < 4; k++) {
            if (demur_kernel_supported(kernels[k])) {
                check_draws(kernels[k], row, 1024, usual[o], kernels[k] == DEMUR_KERNEL_SCALAR ? 5000 : 60000, "usual");
            }
        }
    }
}

/* Rows on which top-p's last token is far down, or one of many equal ones, or hard to tell from its neighbours. */
static void top_p_finds_its_last_token_wherever_it_lies(void) {
    uint64_t random = SEED + 2;
    static const double ps[] = {0.9, 0.5, 0.999999, 0.0001, 0.37};
    for (int round = 0; round < 25; round++) {
        const int32_t count = small_set() ? 1031 : round % 2 == 0 ? 32000 : 5000;
        float *row = guarded_end - count;
        for (int32_t i = 0; i < count; i++) {
            const float x = random_float(&random);
            row[i] = round % 5 == 0   ? 0.25f
                     : round % 5 == 1 ? (float)(int)(3 * x)
                     : round % 5 == 2 ? x
                     : round % 5 == 3 ? 1e-6f * x
                                      : -(float)i * 1e-3f;
        }
        const draw_options options = {1e6, 0, ps[(round / 5 + round) % 5], 0, 1, 0, 0, 0, (uint64_t)round};
        for (size_t k = 0; k < 4; k++) {
            if (demur_kernel_supported(kernels[k])) {
                check_draws(kernels[k], row, count, options, kernels[k] == DEMUR_KERNEL_SCALAR ? 10 : 60, "far down");
            }
        }
    }
}

static void greedy_takes_the_best_unmasked_token(void) {
    uint64_t random = SEED;
    for (int s = 0; s < size_count(); s++) {
        for (shape shape = 0; shape < SHAPES; shape++) {
            float *row = guarded_end - sizes[s];
            fill(row, sizes[s], shape, &random);
            for (size_t k = 0; k < 4; k++) {
                if (demur_kernel_supported(kernels[k])) {
                    const draw_options greedy = {0, 3, 0.1, 0.9, shape % 2 == 0 ? 1 : 1.3, 0, shape % 3, RECENT, 1};
                    check_draws(kernels[k], row, sizes[s],
                                (draw_options){1e-6, 1, 1, 0, greedy.repeat, 0, greedy.presence, RECENT, 1}, 1,
                                "top-k 1");
                    check_draws(kernels[k], row, sizes[s], greedy, 1, "greedy");
                }
            }
        }
    }
}

static void the_same_seed_draws_the_same_tokens(void) {
    uint64_t random = SEED;
    fill(guarded, 1024, NORMAL, &random);
    for (size_t k = 0; k < 4; k++) {
        if (!demur_kernel_supported(kernels[k])) {
            continue;
        }
        int same = 0, other = 0;
        const draw_options options = {1, 0, 1, 0, 1, 0, 0, 0, 5}, different = {1, 0, 1, 0, 1, 0, 0, 0, 6};
        drawer *a = drawer_create(kernels[k], 1024, &options, NULL, 0);
        drawer *b = drawer_create(kernels[k], 1024, &options, NULL, 0);
        drawer *c = drawer_create(kernels[k], 1024, &different, NULL, 0);
        for (int i = 0; i < 200; i++) {
            int32_t x, y, z;
            CHECK_OK(drawer_draw(a, guarded, &x, error));
            CHECK_OK(drawer_draw(b, guarded, &y, error));
            CHECK_OK(drawer_draw(c, guarded, &z, error));
            same += x == y;
            other += x == z;
        }
        CHECK(same == 200 && other < 50);
        drawer_free(a);
        drawer_free(b);
        drawer_free(c);
    }
}

/* The first numbers that the authors' own programs give for the seed 0 of SplitMix64. */
static void the_random_numbers_are_those_of_the_published_generators(void) {
    xoshiro random;
    xoshiro_seed(&random, 0);
    CHECK(random.state[0] == UINT64_C(0xe220a8397b1dcdaf) && random.state[1] == UINT64_C(0x6e789e6aa1b965f4));
    CHECK(random.state[2] == UINT64_C(0x06c45d188009454f) && random.state[3] == UINT64_C(0xf88bb8a8724c81ec));
    random = (xoshiro){{1, 2, 3, 4}};
    CHECK(xoshiro_next(&random) == UINT64_C(41943041));
    CHECK(xoshiro_next(&random) == UINT64_C(58720359));
    double sum = 0;
    for (int i = 0; i < 100000; i++) {
        const double u = xoshiro_uniform(&random);
        CHECK(u >= 0 && u < 1);
        sum += u;
    }
    CHECK(fabs(sum / 100000 - 0.5) < 0.01);
}

static void rows_that_readouts_refuse_draw_nothing_and_stay_as_they_were(void) {
    uint64_t random = SEED;
    const int32_t masked[2] = {3, 40};
    for (int i = 0; i < 200; i++) {
        float *row = guarded;
        fill(row, 100, NORMAL, &random);
        const int32_t place = i % 3 == 0 ? masked[i % 2] : (int32_t)(random_bits(&random) % 100);
        row[place] = i % 2 == 0 ? NAN : INFINITY;
        float before[100];
        memcpy(before, row, sizeof before);
        const draw_options options = {i % 4 == 0 ? 0 : 0.8, i % 5, i % 7 == 0 ? 0.9 : 1, 0, 1.2, 0.1, 0, 8, 1};
        drawer *drawer = drawer_create(demur_kernel_best(-1), 100, &options, masked, 2);
        drawer_accept(drawer, place);
        int32_t token = -7;
        char said[40];
        snprintf(said, sizeof said, "token %d is %s", place, i % 2 == 0 ? "NaN" : "+inf");
        CHECK_STATUS(DEMUR_ERROR_LOGITS, drawer_draw(drawer, row, &token, error));
        CHECK_MENTIONS(said);
        CHECK(token == -7 && memcmp(before, row, sizeof before) == 0);
        for (int32_t j = 0; j < 100; j++) {
            row[j] = j == 3 || j == 40 ? 5 : -INFINITY;
        }
        CHECK_STATUS(DEMUR_ERROR_LOGITS, drawer_draw(drawer, row, &token, error));
        CHECK_MENTIONS("unmasked");
        drawer_free(drawer);
    }
}

int main(void) {
    set_up_guard();
    printf("     rows of up to %d tokens\n", sizes[size_count() - 1]);
    RUN(the_kernels_agree_with_long_double_at_every_size_and_address);
    RUN(no_kernel_overlooks_nan_or_positive_infinity);
    RUN(ranks_order_by_logit_and_then_by_id);
    RUN(draws_follow_the_reference_on_every_kernel);
    RUN(the_usual_options_draw_as_the_reference);
    RUN(top_p_finds_its_last_token_wherever_it_lies);
    RUN(greedy_takes_the_best_unmasked_token);
    RUN(the_same_seed_draws_the_same_tokens);
    RUN(the_random_numbers_are_those_of_the_published_generators);
    RUN(rows_that_readouts_refuse_draw_nothing_and_stay_as_they_were);
    return test_result();
}
