/* Drawing a token from a row as it lies, without an array of candidates. */
#ifndef DEMUR_DRAW_H
#define DEMUR_DRAW_H

#include <stdbool.h>
#include <stdint.h>

/* As demur_sampler_create takes them, checked. */
typedef struct draw_options {
    double temperature;
    int32_t top_k;
    double top_p;
    double min_p;
    double repeat;
    double frequency;
    double presence;
    int32_t penalty_last;
    uint64_t seed;
} draw_options;

typedef struct drawer drawer;

/* `masked` (valid ids, any order, repeats allowed) is copied; NULL when there is no memory. */
drawer *drawer_create(int32_t kernel, int32_t vocabulary, const draw_options *options, const int32_t *masked,
                      int32_t masked_count);
void drawer_free(drawer *drawer); /* NULL is ignored */

/* Masks the tokens whose byte is not 0, and no others; false when there is no memory, and nothing has changed. */
bool drawer_mask(drawer *drawer, const uint8_t *masked);

/* Remembers a token for the penalties. */
void drawer_accept(drawer *drawer, int32_t token);

/*
 * Draws and does not accept. The logits of masked and of penalised tokens are overwritten meanwhile and put back.
 * DEMUR_ERROR_LOGITS for rows that readouts refuse, and where no unmasked token is left above -inf.
 */
int32_t drawer_draw(drawer *drawer, float *row, int32_t *token, char *error);

/* ---- kernels; groups are of `group` tokens, a power of two from 16 on, the last one may be shorter ---- */

/* The largest logit of every group; false where one is NaN or +inf. */
typedef bool draw_maxima(const float *row, int32_t count, int32_t group, float *maxima);

/* Per group the sum of exp((z - maximum) / temperature) over z >= cut, each to 1e-5; returns how many tokens that are.
 */
typedef int32_t draw_masses(const float *row, int32_t count, int32_t group, float maximum, double temperature,
                            float cut, double *masses);

/* Writes the tokens of [begin, end) with z >= cut to `ids`, in their order; returns how many. */
typedef int32_t draw_collect(const float *row, int32_t begin, int32_t end, float cut, int32_t *ids);

draw_maxima draw_maxima_scalar, draw_maxima_avx2, draw_maxima_avx512, draw_maxima_neon;
draw_masses draw_masses_scalar, draw_masses_avx2, draw_masses_avx512, draw_masses_neon;
draw_collect draw_collect_scalar, draw_collect_avx2, draw_collect_avx512, draw_collect_neon;

#endif
