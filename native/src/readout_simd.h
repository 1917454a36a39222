/*
 * The body of every SIMD kernel that reads the control tokens, included once per instruction set. The includer defines
 *   VEC, LANES             a vector of floats and how many it holds
 *   v_set(x)  v_load(p)    all lanes x; LANES floats at p, at any address
 *   v_load_part(p, n)      n < LANES floats at p, -inf in the other lanes; reads nothing beyond them
 *   v_add v_sub v_mul v_max v_min(a, b)  v_fma(a, b, c) = a * b + c, rounded once
 *   v_exponent(a)          the low bits of every lane's pattern, shifted into a float's exponent
 *   v_any_greater(a, b)  v_reduce_max(a)
 *   BAD, bad_none(), bad_or(bad, a) (a lane of `a` not below +inf), bad_any(bad)
 *   SUM, sum_none(), sum_add(sum, a), sum_total(sum)   doubles; every lane of `a` is added exactly converted
 *   sum_scale(sum, x)      every lane times the double x
 *   SIMD_NAME(name)        the name with the instruction set
 *
 * and, to take powers of two its own way, SIMD_POWERS with
 *   power_constants, powers()   what it needs, and that filled in
 *   add_power(a, t, k)          a + 2^t, for t <= 126; NaN for NaN
 *
 * Only S, the sum over the row, is vectorised; the numerators of the K + 1 probabilities are the scalar kernel's own.
 * The row is read once, its terms relative to a logit r that is the maximum so far or a little less: a block with one
 * that exceeds r by 4 powers of two is taken again, relative to that, and the sum of the blocks before is scaled. How
 * far that moves a probability: let u = 2^-24, y_i = (z_i - m) / tau <= 0 and S = sum exp(y_i), all exact. S >= 1,
 * since the maximum contributes 1. Per term the code below computes 2^t with t = fl(z_i * c - R), rounded once, where
 * c = fl(log2(e) / tau) and R = fl(r * c). That R is no exact product does not matter: the sum is scaled by what it is,
 * by 2^(R - R') from one reference to the next and by 2^(R - m * c) at the end, exponents in double.
 *  - The argument: c is off by u, the term by |y_i| * u. t is off by |t| * u, and |t| ln 2 <= |y_i| + 4.3 ln 2, since
 *    |R| <= 2^20 lies within 4.3 of m * c: the term by (|y_i| + 3) u. (Draws take fl(fl(z_i - r) * c) with
 *    r >= z_i, off by |y_i| * 3.0001 u.) Weighed with p_i = exp(y_i) / S, |y_i| * 3.0001 u is at most
 *    3.0001 u * sum p_i |y_i|, and sum p_i |y_i| = H(p) - ln S <= ln V: the row's entropy is what counts, not how far
 *    its logits reach.
 *  - 2^t: n = round(t) and f = t - n are exact; the polynomial is off by 44.2 u on [-1/2, 1/2] (with its float
 *    coefficients) and Horner's rule in FMAs by 1.8 u; multiplying with 2^n is exact, as n >= -125. Together 46 u.
 *    (In simd_avx512.c below 12 u.)
 *  - The clamp: t < -125 becomes -125. Terms below 2^-124 are off by as much, V * 2^-124 at the very most; so are the
 *    lanes that fill up the last vector. (Without a clamp they are rounded to multiples of 2^-149.)
 *  - The sum: a float lane takes 4 terms (3 roundings; the first meets a zero) and meets 3 more lanes (2 roundings)
 *    before it goes on in double: below 9 u, since nothing is negative.
 *  - Scaling: a factor in double is off by 2^-31, as |R| and |m * c| are below 2^21, and by 2 * 2^-52 of its own,
 *    once for each block at most: together below u / 4 and V / 64 times 2^-51.
 *  - The scalar kernel itself is off S by ln V * 2^-52 (arguments), 2^-51 (exp) and V * 2^-53 (sum).
 * readout_bound adds these up, with one percent for products of errors. Where temperatures leave [2^-40, 2^40], c,
 * products or their error terms could leave the normal range, and the scalar kernel is used; so it is where |R| exceeds
 * 2^20.
 */
#include <math.h>

#include "readout.h"

#ifndef SIMD_POWERS
typedef struct power_constants {
    VEC floor, magic, c0, c1, c2, c3, c4;
} power_constants;

static inline power_constants powers(void) {
    return (power_constants){
        v_set(-125.0f),        v_set(0x1.8p23f + 127.0f), v_set(0x1.ffffe6p-1f), v_set(0x1.62e0dcp-1f),
        v_set(0x1.ec06dcp-3f), v_set(0x1.ca1442p-5f),     v_set(0x1.3997d8p-7f),
    };
}

static inline VEC add_power(VEC accumulated, VEC t, const power_constants *k) {
    const VEC clamped = v_max(k->floor, t);       /* t where it is NaN */
    const VEC shifted = v_add(clamped, k->magic); /* round(t) + 127 stands in the low bits now */
    const VEC f = v_sub(clamped, v_sub(shifted, k->magic));
    VEC q = v_fma(k->c4, f, k->c3);
    q = v_fma(q, f, k->c2);
    q = v_fma(q, f, k->c1);
    return v_fma(v_fma(q, f, k->c0), v_exponent(shifted), accumulated);
}
#endif

/* What exp(z / tau) is computed with. */
typedef struct exp_constants {
    float factor;
    VEC scale; /* the same */
    power_constants power;
} exp_constants;

static inline exp_constants exp_at(double temperature) {
    const float factor = (float)(0x1.71547652b82fep+0 / temperature);
    return (exp_constants){factor, v_set(factor), powers()};
}

/* accumulated + exp((z - reference) / temperature), for z <= reference */
static inline VEC add_exp(VEC accumulated, VEC z, VEC reference, const exp_constants *k) {
    return add_power(accumulated, v_mul(v_sub(z, reference), k->scale), &k->power);
}

enum { BLOCK = 16 * LANES };

/*
 * The lanes' maxima of four vectors. Their sum goes to *bad: it is NaN or +inf where one of them is, and then, seldom,
 * where they are merely huge.
 */
static inline VEC four_maxima(const float *p, BAD *bad) {
    const VEC a = v_load(p), b = v_load(p + LANES), c = v_load(p + 2 * LANES), d = v_load(p + 3 * LANES);
    *bad = bad_or(*bad, v_add(v_add(a, b), v_add(c, d)));
    return v_max(v_max(a, b), v_max(c, d));
}

static inline VEC block_maximum(const float *block, BAD *bad) {
    const VEC a = four_maxima(block, bad), b = four_maxima(block + 4 * LANES, bad);
    const VEC c = four_maxima(block + 8 * LANES, bad), d = four_maxima(block + 12 * LANES, bad);
    return v_max(v_max(a, b), v_max(c, d));
}

/* Whether it is more than huge logits that *bad has of a row. */
static inline bool is_bad(const float *row, int32_t count, BAD bad) {
    return bad_any(bad) && readout_first_bad(row, count) >= 0;
}

static inline VEC load_some(const float *p, int32_t n) { return n >= LANES ? v_load(p) : v_load_part(p, n); }

/* The largest logit and where its block begins. */
typedef struct leader {
    VEC value; /* in all lanes */
    int32_t begin;
} leader;

/* The first of a good row's largest; false where there is none above -inf. */
static bool conclude(const float *row, const leader *best, readout_row *found) {
    const float maximum = v_reduce_max(best->value);
    if (maximum == -INFINITY) {
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
    return !is_bad(row, count, bad) && conclude(row, &best, found);
}

/* The largest logit so far, and what terms are relative to meanwhile. */
typedef struct pace {
    leader best;
    float shift;  /* R */
    float limit;  /* the largest logit that terms relative to R are taken of */
    VEC shifting; /* -R */
} pace;

static const float FARTHEST = 0x1p20f;

/* By exp, whose code the caller needs anyway. */
static inline double power_of_two(double x) { return exp(x * 0x1.62e42fefa39efp-1); }

/*
 * `top` has a new maximum, in the block that begins at `begin`. True where the terms relative to R are too large for
 * it: the sum so far is relative to another R then.
 */
static bool advance(pace *pace, VEC top, int32_t begin, const exp_constants *k, SUM *sum) {
    const bool first = !v_any_greater(pace->best.value, v_set(-INFINITY));
    const float now = v_reduce_max(top);
    pace->best = (leader){v_set(now), begin};
    if (now <= pace->limit) {
        return false;
    }
    const float shift = now * k->factor;
    *sum = sum_scale(*sum, first ? 0 : power_of_two((double)pace->shift - (double)shift));
    pace->shift = shift;
    pace->shifting = v_set(-shift);
    pace->limit = now + 4 / k->factor;
    return true;
}

static inline VEC add_shifted(VEC accumulated, VEC z, const pace *pace, const exp_constants *k) {
    return add_power(accumulated, v_fma(z, k->scale, pace->shifting), &k->power);
}

/* The terms of a block; *top has its maxima too afterwards. */
static inline VEC block_terms(const float *block, const pace *pace, const exp_constants *k, VEC *top) {
    const VEC zero = v_set(0.0f);
    VEC a = zero, b = zero, c = zero, d = zero, largest = *top;
    for (int i = 0; i < BLOCK; i += 4 * LANES) {
        const VEC va = v_load(block + i), vb = v_load(block + i + LANES);
        const VEC vc = v_load(block + i + 2 * LANES), vd = v_load(block + i + 3 * LANES);
        largest = v_max(largest, v_max(v_max(va, vb), v_max(vc, vd)));
        a = add_shifted(a, va, pace, k);
        b = add_shifted(b, vb, pace, k);
        c = add_shifted(c, vc, pace, k);
        d = add_shifted(d, vd, pace, k);
    }
    *top = largest;
    return v_add(v_add(a, b), v_add(c, d));
}

bool SIMD_NAME(readout_read)(const float *row, int32_t count, double temperature, readout_row *found) {
    const exp_constants k = exp_at(temperature);
    const VEC zero = v_set(0.0f), lowest = v_set(-INFINITY);
    pace pace = {{lowest, 0}, 0, -INFINITY, zero};
    SUM sum = sum_none();
    int32_t begin = 0;
    for (; count - begin >= BLOCK; begin += BLOCK) {
        VEC top = pace.best.value;
        VEC terms = block_terms(row + begin, &pace, &k, &top);
        if (v_any_greater(top, pace.best.value) && advance(&pace, top, begin, &k, &sum)) {
            terms = block_terms(row + begin, &pace, &k, &top);
        }
        sum = sum_add(sum, terms);
    }
    for (; begin < count; begin += LANES) {
        const VEC z = load_some(row + begin, count - begin);
        if (v_any_greater(z, pace.best.value)) {
            advance(&pace, z, begin, &k, &sum);
        }
        sum = sum_add(sum, add_shifted(zero, z, &pace, &k));
    }
    const double largest = v_reduce_max(pace.best.value);
    found->sum = sum_total(sum) * power_of_two((double)pace.shift - largest * (double)k.factor);
    /* A NaN among the logits is one of the sum, and so is what comes of an infinite R. */
    if (fabsf(pace.shift) <= FARTHEST && !isnan(found->sum)) {
        return conclude(row, &pace.best, found);
    }
    if (!SIMD_NAME(readout_scan)(row, count, found)) {
        return false;
    }
    found->sum = readout_sum_scalar(row, count, found->maximum, temperature);
    return true;
}
