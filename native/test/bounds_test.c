/* The two calls for decisions without numbers: control tokens' logits, and bounds of the row's sum. */
#define _GNU_SOURCE
#include "rows.h"

enum { IDS = 4 };

/* Ascending, distinct, spread over the row or together at its end; returns how many fit. */
static int32_t choose_ids(int32_t count, bool together, int32_t *ids) {
    int32_t used = count < IDS ? count : IDS;
    for (int32_t i = 0; i < used; i++) {
        ids[i] = together ? count - used + i : (int32_t)((int64_t)i * count / used);
    }
    return used;
}

static long double true_sum(const float *row, int32_t count, float reference, double temperature) {
    long double sum = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += expl(((long double)row[i] - (long double)reference) / (long double)temperature);
    }
    return sum;
}

static float largest_of(const float *row, const int32_t *ids, int32_t used) {
    float largest = -INFINITY;
    for (int32_t i = 0; i < used; i++) {
        largest = row[ids[i]] > largest ? row[ids[i]] : largest;
    }
    return largest;
}

static void check_row(const float *row, int32_t count, double temperature, bool together, const char *what) {
    int32_t ids[IDS];
    const int32_t used = choose_ids(count, together, ids);
    const float reference = largest_of(row, ids, used);
    const long double truth = true_sum(row, count, reference, temperature);
    long double inside = 0;
    for (int32_t i = 0; i < used; i++) {
        inside += expl(((long double)row[ids[i]] - (long double)reference) / (long double)temperature);
    }
    for (size_t k = 0; k < 4; k++) {
        if (!demur_kernel_supported(kernels[k])) {
            continue;
        }
        double out[2];
        CHECK_OK(demur_sum_bounds(kernels[k], row, count, ids, used, temperature, INFINITY, out, error));
        if (reference == -INFINITY) {
            CHECK(out[0] == 0 && out[1] == INFINITY);
            continue;
        }
        CHECK_SAYING(out[0] <= truth && truth <= out[1], "%s by %s, %d tokens, temperature %g: %Lg not in [%g, %g]",
                     what, kernel_names[k], count, temperature, truth, out[0], out[1]);
        /* No wider than promised: a factor of 8 outside the control tokens, where nothing was clamped. */
        if (truth < 0x1p90L) {
            CHECK_SAYING(out[1] <= (inside + 8 * (truth - inside)) * (1 + 1e-4L) + 1e-30L,
                         "%s by %s, %d tokens: %g for %Lg", what, kernel_names[k], count, out[1], truth);
            CHECK_SAYING(out[0] >= (inside + (truth - inside) / 8) * (1 - 1e-4L), "%s by %s, %d tokens: %g for %Lg",
                         what, kernel_names[k], count, out[0], truth);
        }
        const double enough = (double)(inside + (truth - inside) / 16);
        double early[2];
        CHECK_OK(demur_sum_bounds(kernels[k], row, count, ids, used, temperature, enough, early, error));
        CHECK(early[0] <= truth && truth <= early[1]);
        CHECK_SAYING(early[0] > enough || early[1] < INFINITY || truth > 0x1p90L,
                     "%s by %s, %d tokens: stopped at %g before %g", what, kernel_names[k], count, early[0], enough);
    }
}

static void the_sum_lies_between_its_bounds(void) {
    static const double temperatures[] = {1, 2, 0.7, 0.05, 30};
    uint64_t random = 20240612;
    for (int s = 0; s < size_count(); s++) {
        for (shape shape = 0; shape < SHAPES; shape++) {
            for (int round = 0; round < (sizes[s] <= 1031 ? 10 : 1); round++) {
                const bool low = round % 2 == 0;
                float *row = low ? guarded : guarded_end - sizes[s];
                fill(row, sizes[s], shape, &random);
                char what[64];
                snprintf(what, sizeof what, "shape %d (seed 20240612)", (int)shape);
                check_row(row, sizes[s], temperatures[(round + s + shape) % 5], round % 3 == 0, what);
            }
        }
    }
}

static void a_row_may_begin_at_any_address_here_too(void) {
    uint64_t random = 21;
    for (int s = 0; s < size_count(); s++) {
        for (int offset = 0; offset<17; offset += sizes[s]> 1031 ? 5 : 1) {
            fill(guarded + offset, sizes[s], NORMAL, &random);
            check_row(guarded + offset, sizes[s], 1, offset % 2 == 0, "shifted");
        }
    }
}

static void reading_stops_once_the_sum_is_enough(void) {
    const int32_t count = 100000, ids[2] = {0, 1};
    float *row = guarded;
    for (int32_t i = 0; i < count; i++) {
        row[i] = 0;
    }
    row[count - 1] = NAN;
    for (size_t k = 0; k < 4; k++) {
        double out[2];
        if (demur_kernel_supported(kernels[k])) {
            CHECK_OK(demur_sum_bounds(kernels[k], row, count, ids, 2, 1, 5000, out, error));
            CHECK(out[0] > 5000 && out[0] <= count && out[1] == INFINITY);
            CHECK_OK(demur_sum_bounds(kernels[k], row, count, ids, 2, 1, 1.5, out, error));
            CHECK(out[0] > 1.5 && out[0] <= 2 && out[1] == INFINITY);
            CHECK_STATUS(DEMUR_ERROR_LOGITS, demur_sum_bounds(kernels[k], row, count, ids, 2, 1, 1e9, out, error));
            CHECK_MENTIONS("token 99999 is NaN");
        }
    }
}

static void what_was_read_and_is_no_logit_is_named(void) {
    uint64_t random = 23;
    for (int s = 4; s < size_count(); s++) {
        const int32_t count = sizes[s], ids[2] = {1, count / 2};
        float *row = guarded_end - count;
        fill(row, count, s % 2 == 0 ? NORMAL : HUGE_VALUES, &random);
        for (int i = 0; i < 20; i++) {
            const int32_t place = (int32_t)(random_bits(&random) % (uint64_t)count);
            const float kept = row[place];
            row[place] = i % 2 == 0 ? NAN : INFINITY;
            char token[32];
            snprintf(token, sizeof token, "token %d is %s", place, i % 2 == 0 ? "NaN" : "+inf");
            double out[2] = {-5, -6};
            for (size_t k = 0; k < 4; k++) {
                if (demur_kernel_supported(kernels[k])) {
                    CHECK_STATUS(DEMUR_ERROR_LOGITS,
                                 demur_sum_bounds(kernels[k], row, count, ids, 2, 1, INFINITY, out, error));
                    CHECK_MENTIONS(token);
                    CHECK(out[0] == -5 && out[1] == -6);
                }
            }
            if (place == ids[0] || place == ids[1]) {
                CHECK_STATUS(DEMUR_ERROR_LOGITS, demur_control_logits(row, count, ids, 2, out, error));
                CHECK_MENTIONS(token);
                CHECK(out[0] == -5 && out[1] == -6);
            } else {
                CHECK_OK(demur_control_logits(row, count, ids, 2, out, error));
                CHECK(out[0] == row[ids[0]] && out[1] == row[ids[1]]);
            }
            row[place] = kept;
        }
    }
}

static void nothing_is_claimed_where_nothing_is_known(void) {
    float row[3] = {-INFINITY, 1, -INFINITY};
    const int32_t ids[2] = {0, 2};
    for (size_t k = 0; k < 4; k++) {
        double out[2] = {9, 9};
        if (demur_kernel_supported(kernels[k])) {
            CHECK_OK(demur_sum_bounds(kernels[k], row, 3, ids, 2, 1, 7, out, error));
            CHECK(out[0] == 0 && out[1] == INFINITY);
            CHECK_OK(demur_sum_bounds(kernels[k], row, 3, NULL, 0, 1, 7, out, error));
            CHECK(out[0] == 0 && out[1] == INFINITY);
            const int32_t one[1] = {1};
            CHECK_OK(demur_sum_bounds(kernels[k], row, 3, one, 1, 0x1p41, 7, out, error));
            CHECK(out[0] == 0 && out[1] == INFINITY);
        }
    }
}

static void bad_arguments_are_refused(void) {
    float row[4] = {1, 2, 3, 4};
    double out[2] = {9, 9};
    const int32_t ids[2] = {0, 3}, twice[2] = {1, 1}, back[2] = {3, 0}, high[2] = {0, 4};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_control_logits(NULL, 4, ids, 2, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_control_logits(row, 4, NULL, 2, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_control_logits(row, 4, ids, 2, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_control_logits(row, 0, ids, 0, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_control_logits(row, 4, high, 2, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(0, NULL, 4, ids, 2, 1, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(0, row, 4, ids, 2, 1, 1, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(0, row, 4, twice, 2, 1, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(0, row, 4, back, 2, 1, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(0, row, 4, ids, 2, 0, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(0, row, 4, ids, 2, NAN, 1, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(0, row, 4, ids, 2, 1, NAN, out, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sum_bounds(9, row, 4, ids, 2, 1, 1, out, error));
    CHECK(out[0] == 9 && out[1] == 9);
}

int main(void) {
    set_up_guard();
    printf("     rows of up to %d tokens\n", sizes[size_count() - 1]);
    RUN(the_sum_lies_between_its_bounds);
    RUN(a_row_may_begin_at_any_address_here_too);
    RUN(reading_stops_once_the_sum_is_enough);
    RUN(what_was_read_and_is_no_logit_is_named);
    RUN(nothing_is_claimed_where_nothing_is_known);
    RUN(bad_arguments_are_refused);
    return test_result();
}
