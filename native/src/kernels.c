#include "kernels.h"

#include <stddef.h>

#include "internal.h"

/* By demur_kernel; those that this build lacks have no functions. */
static const kernel kernels[] = {
    [DEMUR_KERNEL_SCALAR] = {readout_scan_scalar, readout_read_scalar, draw_maxima_scalar, draw_masses_scalar,
                             draw_collect_scalar, 0},
#if defined(__x86_64__)
    [DEMUR_KERNEL_AVX2] = {readout_scan_avx2, readout_read_avx2, draw_maxima_avx2, draw_masses_avx2, draw_collect_avx2,
                           DEMUR_CPU_AVX2 | DEMUR_CPU_FMA},
    [DEMUR_KERNEL_AVX512] = {readout_scan_avx512, readout_read_avx512, draw_maxima_avx512, draw_masses_avx512,
                             draw_collect_avx512, DEMUR_CPU_AVX512},
#endif
#if defined(__aarch64__)
    [DEMUR_KERNEL_NEON] = {readout_scan_neon, readout_read_neon, draw_maxima_neon, draw_masses_neon, draw_collect_neon,
                           DEMUR_CPU_NEON},
#else
    [DEMUR_KERNEL_NEON] = {0},
#endif
};
static const int32_t kernel_count = sizeof kernels / sizeof *kernels;

static int64_t cpu_features(void) {
    /* CPUID is slow, in virtual machines above all; detecting twice does no harm. */
    static int64_t known = -1;
    int64_t features = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (features < 0) {
        features = demur_cpu_features();
        __atomic_store_n(&known, features, __ATOMIC_RELAXED);
    }
    return features;
}

const kernel *kernel_of(int32_t id) { return id >= 0 && id < kernel_count ? &kernels[id] : NULL; }

int32_t demur_kernel_supported(int32_t kernel) {
    return kernel >= 0 && kernel < kernel_count && kernels[kernel].scan != NULL &&
           (kernels[kernel].features & ~cpu_features()) == 0;
}

int32_t kernel_require(int32_t id, char *error) {
    if (kernel_of(id) == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "There is no kernel %d.", id);
    }
    if (!demur_kernel_supported(id)) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "This CPU or this build of libdemur lacks kernel %d.", id);
    }
    return DEMUR_OK;
}

int32_t demur_kernel_best(int32_t cap) {
    static const int32_t order[] = {DEMUR_KERNEL_AVX512, DEMUR_KERNEL_AVX2, DEMUR_KERNEL_NEON};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        /* NEON's number is the highest, but only a cap of scalar is less. */
        const bool within = cap < 0 || order[i] <= cap || (order[i] == DEMUR_KERNEL_NEON && cap > DEMUR_KERNEL_SCALAR);
        if (within && demur_kernel_supported(order[i])) {
            return order[i];
        }
    }
    return DEMUR_KERNEL_SCALAR;
}
