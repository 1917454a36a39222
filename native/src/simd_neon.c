#include <arm_neon.h>

#define SIMD_NAME(name) name##_neon
#define VEC float32x4_t
#define LANES 4
#define v_set vdupq_n_f32
#define v_load vld1q_f32
#define v_add vaddq_f32
#define v_sub vsubq_f32
#define v_mul vmulq_f32
#define v_max vmaxq_f32
#define v_min vminq_f32
#define v_fma(a, b, c) vfmaq_f32(c, a, b)
#define v_reduce_max vmaxvq_f32
#define v_any_greater(a, b) vmaxvq_u32(vcgtq_f32(a, b))
#define v_exponent(a) vreinterpretq_f32_u32(vshlq_n_u32(vreinterpretq_u32_f32(a), 23))
#define v_keep_from(a, b) vbslq_f32(vcgeq_f32(a, b), a, vdupq_n_f32(-__builtin_inff()))
#define BAD uint32x4_t
#define bad_none() vdupq_n_u32(0)
#define bad_or(bad, a) vornq_u32(bad, vcltq_f32(a, vdupq_n_f32(__builtin_inff())))
#define bad_any vmaxvq_u32
#define SUM float64x2_t
#define sum_none() vdupq_n_f64(0)
#define sum_scale(sum, x) vmulq_n_f64(sum, x)
#define sum_add(sum, a) vaddq_f64(sum, vaddq_f64(vcvt_f64_f32(vget_low_f32(a)), vcvt_high_f64_f32(a)))
#define sum_total vaddvq_f64

static inline unsigned v_mask_from(float32x4_t a, float32x4_t b) {
    static const uint32_t bits[4] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(vcgeq_f32(a, b), vld1q_u32(bits)));
}

static inline float32x4_t v_load_part(const float *p, int n) {
    float lanes[4] = {-__builtin_inff(), -__builtin_inff(), -__builtin_inff(), -__builtin_inff()};
    for (int i = 0; i < n; i++) {
        lanes[i] = p[i];
    }
    return vld1q_f32(lanes);
}

#include "readout_simd.h"

#include "draw_simd.h"
