#include <immintrin.h>

#define SIMD_NAME(name) name##_avx512
#define VEC __m512
#define LANES 16
#define v_set _mm512_set1_ps
#define v_load _mm512_loadu_ps
#define v_add _mm512_add_ps
#define v_sub _mm512_sub_ps
#define v_mul _mm512_mul_ps
#define v_max _mm512_max_ps
#define v_min _mm512_min_ps
#define v_fma _mm512_fmadd_ps
#define v_any_greater(a, b) _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ)
#define v_reduce_max _mm512_reduce_max_ps
#define v_mask_from(a, b) (unsigned)_mm512_cmp_ps_mask(a, b, _CMP_GE_OQ)
#define BAD __mmask16
#define bad_none() 0
#define bad_any(bad) ((bad) != 0)
#define SUM __m512d
#define sum_none _mm512_setzero_pd
#define sum_scale(sum, x) _mm512_mul_pd(sum, _mm512_set1_pd(x))
#define sum_total _mm512_reduce_add_pd

static inline __m512 v_load_part(const float *p, int n) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(-__builtin_inff()), (__mmask16)((1u << n) - 1), p);
}

static inline __m512 v_keep_from(__m512 a, __m512 b) {
    return _mm512_mask_mov_ps(_mm512_set1_ps(-__builtin_inff()), _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ), a);
}

static inline __mmask16 bad_or(__mmask16 bad, __m512 a) {
    return (__mmask16)(bad | _mm512_cmp_ps_mask(a, _mm512_set1_ps(__builtin_inff()), _CMP_NLT_UQ));
}

static inline __m512d sum_add(__m512d sum, __m512 a) {
    const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(a));
    const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1));
    return _mm512_add_pd(sum, _mm512_add_pd(low, high));
}

/*
 * 2^t = T[k] * 2^floor(t) * 2^f with t = floor(t) + k / 16 + f and f in [0, 1/16): the table is a register, and
 * vscalefps takes floor(t) and the rest of the range, -inf included, upon itself. Off by 8.1 u for the polynomial, u
 * for the table, u for f where t is a little below a sixteenth, and 1.2 u for the two FMAs; vscalefps is exact above
 * 2^-126.
 */
#define SIMD_POWERS
typedef struct power_constants {
    __m512 table, magic, c0, c1, c2;
} power_constants;

static inline power_constants powers(void) {
    return (power_constants){
        _mm512_setr_ps(0x1p+0f, 0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f, 0x1.306fep+0f, 0x1.3dea64p+0f,
                       0x1.4bfdaep+0f, 0x1.5ab07ep+0f, 0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f,
                       0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f, 0x1.ea4afap+0f),
        v_set(0x1.8p19f), /* its last bits are sixteenths */
        v_set(0x1.000008p+0f),
        v_set(0x1.62d412p-1f),
        v_set(0x1.f6bep-3f),
    };
}

static inline __m512 add_power(__m512 accumulated, __m512 t, const power_constants *k) {
    const __m512 f = _mm512_reduce_ps(t, 4 << 4 | _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __m512 sixteenths = _mm512_add_round_ps(t, k->magic, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __m512 root = _mm512_permutexvar_ps(_mm512_castps_si512(sixteenths), k->table);
    const __m512 q = v_fma(v_fma(k->c2, f, k->c1), f, k->c0);
    return v_fma(q, _mm512_scalef_ps(root, t), accumulated);
}

#include "readout_simd.h"

#include "draw_simd.h"
