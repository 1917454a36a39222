/*
 * The body of every SIMD kernel that reads the control tokens, included once per instruction set. The includer defines
 *   VEC, LANES             a vector of floats and how many it holds
 *   v_set(x)  v_load(p)    all lanes x; LANES floats at p, at any address
 *   v_load_part(p, n)      n < LANES floats at p, -inf in the other lanes; reads nothing beyond them
 *   v_add v_sub v_mul v_max v_min(a, b)  v_fma(a, b, c) = a * b + c, rounded once
 *   v_exponent(a)          the low bits of every lane's pattern, shifted into a float's exponent
 *   v_any_greater(a, b)  v_reduce_max(a)
 *   BAD, bad_none(), bad_or(bad, a) (a lane not below +inf), bad_any(bad)
 *   SUM, sum_none(), sum_add(sum, a), sum_total(sum)   doubles; every lane of `a` is added exactly converted
 *   sum_scale(sum, x)      every lane times the double x
 *   SIMD_NAME(name)        the name with the instruction set
 *
 * Only S, the sum over the row, is vectorised; the numerators of the K + 1 probabilities are the scalar kernel's own.
 * The row is read once: each block's maximum is found first, and its terms are then taken relative to r, the maximum so
 * far, where a new maximum scales the sum of the blocks before. How far that moves a probability: let u = 2^-24,
 * y_i = (z_i - m) / tau <= 0 and S = sum exp(y_i), all exact. S >= 1, since the maximum contributes 1. Per term the
 * code below computes 2^t with t = fl(fl(z_i - r) * c): argument    c = fl(log2(e) / tau), the difference and the
 * product are off by at most u each: t = t*(1 + 3.0001 u) with t* = (z_i - r) / tau log2(e), so the term by at most
 * |y_i| * 3.0001 u, as r <= m. Weighed with p_i = exp(y_i) / S this is at most 3.0001 u * sum p_i |y_i|, and sum p_i
 * |y_i| = H(p) - ln S <= ln V: the row's entropy is what counts, not how far its logits reach. 2^t         n = round(t)
 * and f = t - n are exact; the polynomial is off by 7.3 u on [-1/2, 1/2] (with its float coefficients) and Horner's
 * rule in FMAs by 1.7 u; multiplying with 2^n is exact, as n >= -125. Together below 10 u. clamped     t < -125 becomes
 * -125: terms below 2^-124 are off by as much, V * 2^-124 at the very most. So are the lanes that fill up the last
 * vector. sum         a float lane takes 4 terms (3 roundings; the first meets a zero) and meets 3 more lanes (2
 * roundings) before it goes on in double: below 9 u, since nothing is negative. scaled      a factor exp((r - r') /
 * tau) in double is off by |r - r'| / tau * 2^-52 and 1.5 * 2^-52; over all the factors of a term the first adds up to
 * |y_i| * 2^-52, the second to V / 64 times itself. scalar      the scalar kernel itself is off S by ln V * 2^-52
 * (arguments), 2^-51 (exp) and V * 2^-53 (sum). readout_bound adds these up, with one percent for products of errors.
 * Where temperatures leave [2^-40, 2^40], c, products or their error terms could leave the normal range, and the scalar
 * kernel is used.
 */
#include <math.h>

#include "readout.h"

/* What exp((z - r) / tau) is computed with; r is given where it is used. */
typedef struct exp_constants {
    VEC scale, floor, magic, one, c1, c2, c3, c4, c5;
} exp_constants;

static inline exp_constants exp_at(double temperature) {
    return (exp_constants){
        v_set((float)(0x1.71547652b82fep+0 / temperature)),
        v_set(-125.0f),
        v_set(0x1.8p23f + 127.0f),
        v_set(1.0f),
        v_set(0x1.62e39ep-1f),
        v_set(0x1.ebfa4ep-3f),
        v_set(0x1.c74322p-5f),
        v_set(0x1.3cbea8p-7f),
        v_set(0x1.23a608p-10f),
    };
}

/* accumulated + 2^t, for t in [-125, 126] */
static inline VEC add_power(VEC accumulated, VEC t, const exp_constants *k) {
    const VEC shifted = v_add(t, k->magic); /* round(t) + 127 stands in the low bits now */
    const VEC f = v_sub(t, v_sub(shifted, k->magic));
    VEC q = v_fma(k->c5, f, k->c4);
    q = v_fma(q, f, k->c3);
    q = v_fma(q, f, k->c2);
    q = v_fma(q, f, k->c1);
    return v_fma(v_fma(q, f, k->one), v_exponent(shifted), accumulated);
}

/* accumulated + exp((z - reference) / temperature), for z <= reference */
static inline VEC add_exp(VEC accumulated, VEC z, VEC reference, const exp_constants *k) {
    return add_power(accumulated, v_max(v_mul(v_sub(z, reference), k->scale), k->floor), k);
}

enum { BLOCK = 16 * LANES };

/* The lanes' maxima of a whole block; lanes not below +inf go to *bad. */
static inline VEC block_maximum(const float *block, BAD *bad) {
    const VEC lowest = v_set(-INFINITY);
    VEC a = lowest, b = lowest, c = lowest, d = lowest;
    for (int i = 0; i < BLOCK; i += 4 * LANES) {
        const VEC va = v_load(block + i), vb = v_load(block + i + LANES);
        const VEC vc = v_load(block + i + 2 * LANES), vd = v_load(block + i + 3 * LANES);
        a = v_max(a, va);
        b = v_max(b, vb);
        c = v_max(c, vc);
        d = v_max(d, vd);
        *bad = bad_or(bad_or(bad_or(bad_or(*bad, va), vb), vc), vd);
    }
    return v_max(v_max(a, b), v_max(c, d));
}

static inline VEC load_some(const float *p, int32_t n) { return n >= LANES ? v_load(p) : v_load_part(p, n); }

/* The largest logit and where its block begins. */
typedef struct leader {
    VEC value; /* in all lanes */
    int32_t begin;
} leader;

/* The first of the row's largest; false where the row is refused. */
static bool conclude(const float *row, const leader *best, BAD bad, readout_row *found) {
    const float maximum = v_reduce_max(best->value);
    if (bad_any(bad) || maximum == -INFINITY) {
        return false;
    }
    int32_t argmax = best->begin;
    while (row[argmax] != maximum) {
        argmax++;
    }
    found->maximum = maximum;
    found->argmax = argmax;
    return true;
}

bool SIMD_NAME(readout_scan)(const float *row, int32_t count, readout_row *found) {
    leader best = {v_set(-INFINITY), 0};
    BAD bad = bad_none();
    int32_t begin = 0;
    for (; count - begin >= BLOCK; begin += BLOCK) {
        const VEC top = block_maximum(row + begin, &bad);
        if (v_any_greater(top, best.value)) {
            best = (leader){v_set(v_reduce_max(top)), begin};
        }
    }
    for (; begin < count; begin += LANES) {
        const VEC z = load_some(row + begin, count - begin);
        bad = bad_or(bad, z);
        if (v_any_greater(z, best.value)) {
            best = (leader){v_set(v_reduce_max(z)), begin};
        }
    }
    return conclude(row, &best, bad, found);
}

/* The block that begins at `begin` holds a new maximum, relative to which the sum goes on. */
static inline SUM lead(leader *best, VEC top, int32_t begin, SUM sum, double temperature) {
    const double before = v_reduce_max(best->value), now = v_reduce_max(top);
    *best = (leader){v_set((float)now), begin};
    return sum_scale(sum, exp((before - now) / temperature));
}

bool SIMD_NAME(readout_read)(const float *row, int32_t count, double temperature, readout_row *found) {
    const exp_constants k = exp_at(temperature);
    const VEC zero = v_set(0.0f), lowest = v_set(-INFINITY);
    leader best = {lowest, 0};
    BAD bad = bad_none();
    SUM sum = sum_none();
    int32_t begin = 0;
    for (; count - begin >= BLOCK; begin += BLOCK) {
        const float *block = row + begin;
        const VEC top = block_maximum(block, &bad);
        if (v_any_greater(top, best.value)) {
            sum = lead(&best, top, begin, sum, temperature);
        } else if (!v_any_greater(best.value, lowest)) {
            continue; /* nothing but -inf so far, whose difference would be NaN */
        }
        VEC a = zero, b = zero, c = zero, d = zero;
        for (int i = 0; i < BLOCK; i += 4 * LANES) {
            a = add_exp(a, v_load(block + i), best.value, &k);
            b = add_exp(b, v_load(block + i + LANES), best.value, &k);
            c = add_exp(c, v_load(block + i + 2 * LANES), best.value, &k);
            d = add_exp(d, v_load(block + i + 3 * LANES), best.value, &k);
        }
        sum = sum_add(sum, v_add(v_add(a, b), v_add(c, d)));
    }
    for (; begin < count; begin += LANES) {
        const VEC z = load_some(row + begin, count - begin);
        bad = bad_or(bad, z);
        if (v_any_greater(z, best.value)) {
            sum = lead(&best, z, begin, sum, temperature);
        }
        if (v_any_greater(best.value, lowest)) {
            sum = sum_add(sum, add_exp(zero, z, best.value, &k));
        }
    }
    found->sum = sum_total(sum);
    return conclude(row, &best, bad, found);
}
