/* The kernels that read rows. */
#ifndef DEMUR_READOUT_H
#define DEMUR_READOUT_H

#include <stdbool.h>
#include <stdint.h>

/* What a kernel finds in a row; `sum` is S, the sum over all tokens of exp((z_i - maximum) / temperature). */
typedef struct readout_row {
    float maximum;
    int32_t argmax; /* the lowest id among equals */
    double sum;
} readout_row;

/* The first token whose logit is NaN or +inf, or -1. */
int32_t readout_first_bad(const float *row, int32_t count);

/*
 * Each kernel has these two: scan finds maximum and argmax, read the sum besides. They answer false where a logit is
 * NaN or +inf, or none is larger than -inf. The SIMD sums are for temperatures within [READOUT_TEMPERATURE_MIN,
 * READOUT_TEMPERATURE_MAX] and obey readout_bound.
 */
typedef bool readout_scan(const float *row, int32_t count, readout_row *found);
typedef bool readout_read(const float *row, int32_t count, double temperature, readout_row *found);

readout_scan readout_scan_scalar, readout_scan_avx2, readout_scan_avx512, readout_scan_neon;
readout_read readout_read_scalar, readout_read_avx2, readout_read_avx512, readout_read_neon;

/* The specification's sum, relative to the row's maximum. */
double readout_sum_scalar(const float *row, int32_t count, float maximum, double temperature);

#define READOUT_TEMPERATURE_MIN 0x1p-40
#define READOUT_TEMPERATURE_MAX 0x1p40

/* How far p computed with a SIMD sum can lie from p computed with the scalar sum, relative; see readout_simd.h. */
double readout_bound(int32_t count);

/* DEMUR_ERROR_LOGITS, naming what is wrong with a row that scan refused. */
int32_t readout_refuse(const float *row, int32_t count, char *error);

#endif
