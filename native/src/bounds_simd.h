/*
 * The body of every SIMD kernel that bounds a row's sum, included behind readout_simd.h. Of 8 vectors the lanes' maxima
 * are taken and exponentiated: in each lane exp(maximum) <= sum of the 8 exp <= 8 * exp(maximum), for one exponential
 * instead of 8. `most` exceeds the true sum by a factor of 8 at the very worst, and that only of what lies outside the
 * control tokens, whose terms the caller has added by themselves.
 *
 * With u = 2^-24 a term is off by less than (3.0001 |y| + 46) u with |y| <= 125 ln 2 (see readout_simd.h), and the
 * float sums below by 9 u more: below 1.9e-5 together. A term below 2^-125 counts as 2^-125, all of them together as no
 * more than V * 2^-122. Above 2^100 a term counts as 2^100; `most` is infinite then. SUM is in double.
 */
#include "bounds.h"

enum { GROUP = 8 * LANES, GROUPS = 4 }; /* GROUPS of them between two looks at `enough` */

static inline VEC group_maximum(const float *group, BAD *bad) {
    return v_max(four_maxima(group, bad), four_maxima(group + 4 * LANES, bad));
}

bool SIMD_NAME(bounds_add)(const float *row, int32_t count, float reference, double temperature, double enough,
                           bounds *so_far) {
    const exp_constants k = exp_at(temperature);
    const VEC zero = v_set(0.0f), ceiling = v_set(100.0f), from = v_set(reference);
#define term(z) v_min(ceiling, v_mul(v_sub(z, from), k.scale))
    SUM groups = sum_none(), singles = sum_none();
    BAD bad = bad_none();
    int32_t begin = 0;
    bool go_on = so_far->least <= enough;
    for (; go_on && count - begin >= GROUPS * GROUP; begin += GROUPS * GROUP) {
        const float *first = row + begin;
        VEC a = add_power(zero, term(group_maximum(first, &bad)), &k.power);
        VEC b = add_power(zero, term(group_maximum(first + GROUP, &bad)), &k.power);
        a = add_power(a, term(group_maximum(first + 2 * GROUP, &bad)), &k.power);
        b = add_power(b, term(group_maximum(first + 3 * GROUP, &bad)), &k.power);
        groups = sum_add(groups, v_add(a, b));
        go_on = so_far->least + sum_total(groups) <= enough;
    }
    for (; go_on && begin < count; begin += LANES) {
        const VEC z = load_some(row + begin, count - begin);
        bad = bad_or(bad, z);
        singles = sum_add(singles, add_power(zero, term(z), &k.power));
    }
#undef term
    const double grouped = sum_total(groups), alone = sum_total(singles);
    so_far->least += grouped + alone;
    so_far->most += grouped + alone < 0x1p99 ? 8 * grouped + alone : INFINITY;
    return !is_bad(row, begin < count ? begin : count, bad);
}
