/*
 * The body of every SIMD kernel that draws, included behind readout_simd.h, whose terms it sums. It needs besides
 *   v_keep_from(a, b)      a where a >= b, else -inf
 *   v_mask_from(a, b)      a bit for each lane with a >= b, the first lane lowest
 */
#include "draw.h"

static inline int32_t group_end(int32_t begin, int32_t group, int32_t count) {
    return count - begin < group ? count : begin + group;
}

bool SIMD_NAME(draw_maxima)(const float *row, int32_t count, int32_t group, float *maxima) {
    BAD bad = bad_none();
    for (int32_t begin = 0, g = 0; begin < count; g++) {
        const int32_t end = group_end(begin, group, count);
        VEC top = v_set(-INFINITY), other = top;
        for (; end - begin >= 8 * LANES; begin += 8 * LANES) {
            top = v_max(top, four_maxima(row + begin, &bad));
            other = v_max(other, four_maxima(row + begin + 4 * LANES, &bad));
        }
        for (; begin < end; begin += LANES) {
            const VEC z = load_some(row + begin, end - begin);
            bad = bad_or(bad, z);
            top = v_max(top, z);
        }
        begin = end;
        maxima[g] = v_reduce_max(v_max(top, other));
    }
    return !is_bad(row, count, bad);
}

int32_t SIMD_NAME(draw_masses)(const float *row, int32_t count, int32_t group, float maximum, double temperature,
                               float cut, double *masses) {
    const exp_constants k = exp_at(temperature);
    const VEC zero = v_set(0.0f), reference = v_set(maximum), least = v_set(cut);
    int32_t kept = 0;
    for (int32_t begin = 0, g = 0; begin < count; g++) {
        const int32_t end = group_end(begin, group, count);
        SUM sum = sum_none();
        for (; end - begin >= 4 * LANES; begin += 4 * LANES) {
            const VEC a = v_load(row + begin), b = v_load(row + begin + LANES);
            const VEC c = v_load(row + begin + 2 * LANES), d = v_load(row + begin + 3 * LANES);
            kept += __builtin_popcount(v_mask_from(a, least)) + __builtin_popcount(v_mask_from(b, least)) +
                    __builtin_popcount(v_mask_from(c, least)) + __builtin_popcount(v_mask_from(d, least));
            const VEC ab =
                add_exp(add_exp(zero, v_keep_from(a, least), reference, &k), v_keep_from(b, least), reference, &k);
            const VEC cd =
                add_exp(add_exp(zero, v_keep_from(c, least), reference, &k), v_keep_from(d, least), reference, &k);
            sum = sum_add(sum, v_add(ab, cd));
        }
        for (; begin < end; begin += LANES) {
            const int32_t left = end - begin;
            const VEC z = load_some(row + begin, left);
            const unsigned lanes = left >= LANES ? ~0u : (1u << left) - 1;
            kept += __builtin_popcount(v_mask_from(z, least) & lanes);
            sum = sum_add(sum, add_exp(zero, v_keep_from(z, least), reference, &k));
        }
        begin = end;
        masses[g] = sum_total(sum);
    }
    return kept;
}

int32_t SIMD_NAME(draw_collect)(const float *row, int32_t begin, int32_t end, float cut, int32_t *ids) {
    const VEC least = v_set(cut);
    int32_t found = 0;
    for (; begin < end; begin += LANES) {
        const int32_t left = end - begin;
        unsigned hits = v_mask_from(load_some(row + begin, left), least);
        for (hits &= left >= LANES ? ~0u : (1u << left) - 1; hits != 0; hits &= hits - 1) {
            ids[found++] = begin + __builtin_ctz(hits);
        }
    }
    return found;
}
