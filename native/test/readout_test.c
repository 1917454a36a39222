/* Reading a row of logits: every kernel against the scalar one, and the scalar one against long double. */
#define _GNU_SOURCE
#include "rows.h"

typedef struct oracle {
    int32_t argmax;
    long double sum;
} oracle;

static oracle judge(const float *row, int32_t count, double temperature) {
    oracle truth = {0, 0};
    for (int32_t i = 1; i < count; i++) {
        truth.argmax = row[i] > row[truth.argmax] ? i : truth.argmax;
    }
    for (int32_t i = 0; i < count; i++) {
        truth.sum += expl(((long double)row[i] - (long double)row[truth.argmax]) / (long double)temperature);
    }
    return truth;
}

static double relative(double value, double reference) {
    return value == reference ? 0 : fabs(value - reference) / fabs(reference);
}

static double worst_of_bound; /* the largest share of the proven bound that was ever used */

static void compare(const float *row, int32_t count, double temperature, const char *what) {
    enum { IDS = 6 };
    const int32_t ids[IDS] = {0, count / 2, count - 1, count / 3, count / 7, 0};
    const oracle truth = judge(row, count, temperature);
    double scalar[2 * IDS + 2];
    CHECK_OK(demur_readout(DEMUR_KERNEL_SCALAR, row, count, ids, IDS, temperature, scalar, error));
    CHECK(scalar[2 * IDS] == truth.argmax);
    CHECK(scalar[2 * IDS + 1] == 0);
    for (int i = 0; i < IDS; i++) {
        CHECK(scalar[IDS + i] == row[ids[i]]);
        long double y = ((long double)row[ids[i]] - (long double)row[truth.argmax]) / (long double)temperature;
        double expected = (double)(expl(y) / truth.sum);
        if (expected > 1e-300) {
            CHECK_SAYING(relative(scalar[i], expected) < 1e-9, "%s, %d tokens, temperature %g: %.17g, not %.17g", what,
                         count, temperature, scalar[i], expected);
        }
    }
    for (size_t k = 1; k < sizeof kernels / sizeof *kernels; k++) {
        if (!demur_kernel_supported(kernels[k])) {
            continue;
        }
        double out[2 * IDS + 2];
        CHECK_OK(demur_readout(kernels[k], row, count, ids, IDS, temperature, out, error));
        CHECK_SAYING(out[2 * IDS] == truth.argmax, "%s by %s, %d tokens: argmax %g, not %d", what, kernel_names[k],
                     count, out[2 * IDS], truth.argmax);
        const double bound = out[2 * IDS + 1];
        CHECK(bound >= 0 && bound <= 1e-5);
        for (int i = 0; i < IDS; i++) {
            CHECK(out[IDS + i] == scalar[IDS + i]);
            double distance = relative(out[i], scalar[i]);
            CHECK_SAYING(distance <= bound, "%s by %s, %d tokens, temperature %g, id %d: %.17g is %g from %.17g", what,
                         kernel_names[k], count, temperature, ids[i], out[i], distance, scalar[i]);
            if (bound > 0 && distance / bound > worst_of_bound) {
                worst_of_bound = distance / bound;
            }
        }
    }
}

static void every_kernel_stays_within_its_bound_of_the_scalar_kernel(void) {
    static const char *names[SHAPES] = {"normal", "flat",  "peaked", "wide",   "huge", "denormal",
                                        "ties",   "holes", "rising", "offset", "cliff"};
    static const double temperatures[] = {1, 2, 0.7, 0.05, 30};
    const uint64_t seed = 20240611;
    uint64_t random = seed;
    for (int s = 0; s < size_count(); s++) {
        for (shape shape = 0; shape < SHAPES; shape++) {
            int rounds = sizes[s] <= 1031 ? 20 : 1;
            for (int round = 0; round < rounds; round++) {
                char what[64];
                snprintf(what, sizeof what, "%s (seed %llu)", names[shape], (unsigned long long)seed);
                float *row = guarded_end - sizes[s];
                fill(row, sizes[s], shape, &random);
                compare(row, sizes[s], temperatures[(round + s + shape) % 5], what);
            }
        }
    }
    printf("     (the most of a bound that was used: %.0f %%)\n", 100 * worst_of_bound);
}

static void a_row_may_begin_at_any_address(void) {
    uint64_t random = 7;
    for (int s = 0; s < size_count(); s++) {
        for (int offset = 0; offset<17; offset += sizes[s]> 1031 ? 5 : 1) {
            fill(guarded + offset, sizes[s], NORMAL, &random);
            compare(guarded + offset, sizes[s], 1, "shifted");
        }
    }
}

/* Both ends of the row lie at a page whose reading ends the process; the tests above have the upper one. */
static void no_kernel_reads_before_or_behind_the_row(void) {
    uint64_t random = 11;
    for (int s = 0; s < size_count(); s++) {
        fill(guarded, sizes[s], WIDE, &random);
        compare(guarded, sizes[s], 1, "at the lower page");
        float *row = guarded_end - sizes[s];
        fill(row, sizes[s], WIDE, &random);
        compare(row, sizes[s], 1, "at the upper page");
    }
}

static void extreme_temperatures_are_exact_or_within_the_bound(void) {
    static const double temperatures[] = {DBL_MIN, 5e-324, 1e-300, 1e-40,  1e-20, 0x1p-41, 0x1p-40, 0x1p-39, 1e-6,
                                          1e6,     0x1p39, 0x1p40, 0x1p41, 1e20,  1e40,    1e300,   DBL_MAX};
    uint64_t random = 13;
    for (size_t t = 0; t < sizeof temperatures / sizeof *temperatures; t++) {
        for (shape shape = 0; shape < SHAPES; shape++) {
            float *row = guarded_end - 1031;
            fill(row, 1031, shape, &random);
            compare(row, 1031, temperatures[t], "extreme temperature");
        }
    }
}

static void a_probability_at_the_edge_of_underflow_keeps_its_bound(void) {
    for (float gap = 690; gap < 760; gap += 0.25f) {
        float *row = guarded_end - 100;
        for (int i = 0; i < 100; i++) {
            row[i] = i == 99 ? 0 : -gap - (float)(i % 7) * 0.1f;
        }
        compare(row, 100, 1, "underflow");
    }
}

static void equal_logits_go_to_the_lowest_id(void) {
    for (int s = 0; s < size_count(); s++) {
        float *row = guarded_end - sizes[s];
        const int32_t last = sizes[s] - 1, places[] = {0, last / 3, last / 2, last};
        for (size_t first = 0; first < 4; first++) {
            for (int32_t i = 0; i < sizes[s]; i++) {
                row[i] = -3;
            }
            for (size_t p = first; p < 4; p++) {
                row[places[p]] = p % 2 == 0 ? 0.0f : -0.0f;
            }
            for (size_t k = 0; k < 4; k++) {
                if (demur_kernel_supported(kernels[k])) {
                    double out[2];
                    CHECK_OK(demur_readout(kernels[k], row, sizes[s], NULL, 0, 1, out, error));
                    CHECK_SAYING(out[0] == places[first], "%s, %d tokens: %g, not %d", kernel_names[k], sizes[s],
                                 out[0], places[first]);
                }
            }
        }
    }
}

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void nan_and_positive_infinity_are_found_wherever_they_stand(void) {
    const float bad[] = {NAN, -NAN, INFINITY, from_bits(0x7f800001), from_bits(0xffffffff), from_bits(0x7fc00001)};
    uint64_t random = 17;
    for (int s = 0; s < size_count(); s++) {
        const int32_t count = sizes[s];
        float *row = guarded_end - count;
        static const shape among[] = {NORMAL, HUGE_VALUES, HOLES};
        for (int32_t i = 0; i < 60; i++) {
            if (i % 20 == 0) {
                fill(row, count, among[i / 20], &random);
            }
            const int32_t place = i % 20 < 10   ? (int32_t)(random_bits(&random) % (uint64_t)count)
                                  : i % 20 < 15 ? i % 20 % count
                                                : count - 1 - i % 20 % count;
            const int32_t later = place + (int32_t)(random_bits(&random) % (uint64_t)(count - place));
            const float kept = row[place], kept_later = row[later];
            row[later] = bad[(i + 1) % 6];
            row[place] = bad[i % 6];
            for (size_t k = 0; k < 4; k++) {
                if (demur_kernel_supported(kernels[k])) {
                    double out[2] = {-5, -6};
                    char token[32];
                    CHECK_STATUS(DEMUR_ERROR_LOGITS, demur_readout(kernels[k], row, count, NULL, 0, 1, out, error));
                    snprintf(token, sizeof token, "token %d is %s", place, isnan(bad[i % 6]) ? "NaN" : "+inf");
                    CHECK_MENTIONS(token);
                    CHECK(out[0] == -5 && out[1] == -6);
                }
            }
            row[later] = kept_later;
            row[place] = kept;
        }
    }
}

static void a_row_of_nothing_but_negative_infinity_is_refused(void) {
    for (int s = 0; s < size_count(); s++) {
        float *row = guarded_end - sizes[s];
        for (int32_t i = 0; i < sizes[s]; i++) {
            row[i] = -INFINITY;
        }
        for (size_t k = 0; k < 4; k++) {
            if (demur_kernel_supported(kernels[k])) {
                double out[2];
                CHECK_STATUS(DEMUR_ERROR_LOGITS, demur_readout(kernels[k], row, sizes[s], NULL, 0, 1, out, error));
                CHECK_MENTIONS("-inf");
            }
        }
        row[sizes[s] - 1] = -FLT_MAX;
        compare(row, sizes[s], 1, "one finite logit");
    }
}

static void bad_arguments_change_nothing(void) {
    float row[4] = {1, 2, 3, 4};
    double out[6] = {9, 9, 9, 9, 9, 9};
    const int32_t ids[2] = {0, 3}, low[2] = {-1, 0}, high[2] = {0, 4};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, NULL, 4, ids, 2, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, 4, NULL, 2, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, 4, ids, 2, 1, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, 0, ids, 0, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, -4, ids, 2, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, 4, ids, -1, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, 4, low, 2, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, 4, high, 2, 1, out, error));
    const double temperatures[] = {0, -1, NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 5; i++) {
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(0, row, 4, ids, 2, temperatures[i], out, error));
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(-1, row, 4, ids, 2, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_readout(4, row, 4, ids, 2, 1, out, error));
    for (int32_t kernel = 0; kernel < 4; kernel++) {
        if (!demur_kernel_supported(kernel)) {
            CHECK_STATUS(DEMUR_ERROR_UNSUPPORTED, demur_readout(kernel, row, 4, ids, 2, 1, out, error));
        }
    }
    CHECK(demur_readout(0, row, 4, high, 2, 1, out, NULL) == DEMUR_ERROR_ARGUMENT);
    for (int i = 0; i < 6; i++) {
        CHECK(out[i] == 9);
    }
}

int main(void) {
    set_up_guard();
    printf("     rows of up to %d tokens\n", sizes[size_count() - 1]);
    for (size_t k = 0; k < 4; k++) {
        printf("     kernel %s: %s\n", kernel_names[k], demur_kernel_supported(kernels[k]) ? "tested" : "not here");
    }
    RUN(every_kernel_stays_within_its_bound_of_the_scalar_kernel);
    RUN(a_row_may_begin_at_any_address);
    RUN(no_kernel_reads_before_or_behind_the_row);
    RUN(extreme_temperatures_are_exact_or_within_the_bound);
    RUN(a_probability_at_the_edge_of_underflow_keeps_its_bound);
    RUN(equal_logits_go_to_the_lowest_id);
    RUN(nan_and_positive_infinity_are_found_wherever_they_stand);
    RUN(a_row_of_nothing_but_negative_infinity_is_refused);
    RUN(bad_arguments_change_nothing);
    return test_result();
}
