#include <immintrin.h>

#define SIMD_NAME(name) name##_avx2
#define VEC __m256
#define LANES 8
#define v_set _mm256_set1_ps
#define v_load _mm256_loadu_ps
#define v_add _mm256_add_ps
#define v_sub _mm256_sub_ps
#define v_mul _mm256_mul_ps
#define v_max _mm256_max_ps
#define v_min _mm256_min_ps
#define v_fma _mm256_fmadd_ps
#define v_mask_from(a, b) (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ))
#define BAD __m256
#define bad_none _mm256_setzero_ps
#define SUM __m256d
#define sum_none _mm256_setzero_pd
#define sum_scale(sum, x) _mm256_mul_pd(sum, _mm256_set1_pd(x))

static inline __m256 v_load_part(const float *p, int n) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i wanted = _mm256_cmpgt_epi32(_mm256_set1_epi32(n), lanes);
    const __m256 loaded = _mm256_maskload_ps(p, wanted);
    return _mm256_blendv_ps(_mm256_set1_ps(-__builtin_inff()), loaded, _mm256_castsi256_ps(wanted));
}

static inline __m256 v_keep_from(__m256 a, __m256 b) {
    return _mm256_blendv_ps(_mm256_set1_ps(-__builtin_inff()), a, _mm256_cmp_ps(a, b, _CMP_GE_OQ));
}

static inline __m256 v_exponent(__m256 a) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(a), 23)); }

static inline int v_any_greater(__m256 a, __m256 b) { return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)); }

static inline float v_reduce_max(__m256 a) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
}

static inline __m256 bad_or(__m256 bad, __m256 a) {
    return _mm256_or_ps(bad, _mm256_cmp_ps(a, _mm256_set1_ps(__builtin_inff()), _CMP_NLT_UQ));
}

static inline int bad_any(__m256 bad) { return _mm256_movemask_ps(bad); }

static inline __m256d sum_add(__m256d sum, __m256 a) {
    const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(a));
    const __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1));
    return _mm256_add_pd(sum, _mm256_add_pd(low, high));
}

static inline double sum_total(__m256d sum) {
    const __m128d half = _mm_add_pd(_mm256_castpd256_pd128(sum), _mm256_extractf128_pd(sum, 1));
    return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

#include "readout_simd.h"

#include "draw_simd.h"
