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

static inline __m512 v_exponent(__m512 a) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(a), 23)); }

static inline __mmask16 bad_or(__mmask16 bad, __m512 a) {
    return (__mmask16)(bad | _mm512_cmp_ps_mask(a, _mm512_set1_ps(__builtin_inff()), _CMP_NLT_UQ));
}

static inline __m512d sum_add(__m512d sum, __m512 a) {
    const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(a));
    const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1));
    return _mm512_add_pd(sum, _mm512_add_pd(low, high));
}

#include "readout_simd.h"

#include "bounds_simd.h"
#include "draw_simd.h"
