/* Bounds of the sum over a row, for decisions that need no more. */
#ifndef DEMUR_BOUNDS_H
#define DEMUR_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

/* What is known of the sum of exp((z - reference) / temperature) over the logits read so far, rounding left aside. */
typedef struct bounds {
    double least;
    double most;
} bounds;

/*
 * Adds `count` logits to `so_far`, for temperatures within [READOUT_TEMPERATURE_MIN, READOUT_TEMPERATURE_MAX]; may stop
 * early once `least` exceeds `enough`. False where a logit that was read is NaN or +inf. What rounding can do to either
 * bound is within BOUNDS_SLACK, relative, given that `least` is 1 or more at the end.
 */
typedef bool bounds_add(const float *row, int32_t count, float reference, double temperature, double enough,
                        bounds *so_far);

bounds_add bounds_add_scalar, bounds_add_avx2, bounds_add_avx512, bounds_add_neon;

/* See bounds_simd.h; the scalar kernel needs less. */
#define BOUNDS_SLACK 2e-5

#endif
