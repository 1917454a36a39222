/* Rows of every awkward kind and size, between pages that must not be read. Includes need _GNU_SOURCE. */
#ifndef DEMUR_ROWS_H
#define DEMUR_ROWS_H

#include <float.h>
#include <math.h>

#include "portable.h"
#include "test.h"

static const int32_t kernels[] = {DEMUR_KERNEL_SCALAR, DEMUR_KERNEL_AVX2, DEMUR_KERNEL_AVX512, DEMUR_KERNEL_NEON};
static const char *kernel_names[] = {"scalar", "avx2", "avx512", "neon"};
static const int32_t sizes[] = {1,  2,   3,   4,   5,   7,   8,   9,   15,   16,   17,   31,    33,    63,     64,
                                65, 127, 255, 256, 257, 511, 512, 513, 1000, 1024, 1031, 32000, 49152, 128256, 262144};
enum { SIZES = sizeof sizes / sizeof *sizes, LARGEST = 262144 };

/* DEMUR_TEST_SMALL leaves the large sizes out and draws less, for an emulated processor. */
static inline bool small_set(void) { return getenv("DEMUR_TEST_SMALL") != NULL; }

static inline int size_count(void) {
    int count = SIZES;
    while (small_set() && sizes[count - 1] > 1031) {
        count--;
    }
    return count;
}

/* Room that ends right before a page that must not be read, and begins right after one. */
static float *guarded;
static float *guarded_end;

static inline void set_up_guard(void) {
    size_t bytes = (LARGEST + 64) * sizeof(float);
    char *area = guarded_memory(&bytes);
    if (area == NULL) {
        perror("guarded memory");
        exit(1);
    }
    guarded = (float *)(void *)area;
    guarded_end = (float *)(void *)(area + bytes);
}

typedef enum shape {
    NORMAL,
    FLAT,
    PEAKED,
    WIDE,
    HUGE_VALUES,
    DENORMAL,
    TIES,
    HOLES,
    RISING,
    OFFSET,
    CLIFF,
    SHAPES
} shape;

static inline void fill(float *row, int32_t count, shape shape, uint64_t *random) {
    for (int32_t i = 0; i < count; i++) {
        float x = random_float(random), y = random_float(random);
        switch (shape) {
            case FLAT:
                row[i] = 1.25f + 1e-3f * x;
                break;
            case PEAKED:
                row[i] = i == count / 3 ? 60 : 10 * x;
                break;
            case WIDE:
                row[i] = 100 * x;
                break;
            case HUGE_VALUES:
                row[i] = y > 0 ? 3e38f * (x > 0 ? 1 : -1) : 3e38f * x;
                break;
            case DENORMAL:
                row[i] = 1e-38f * x * y;
                break;
            case TIES:
                row[i] = (float)(int)(4 * x);
                break;
            case HOLES:
                row[i] = x < 0 && i != 0 ? -INFINITY : 8 * y;
                break;
            case RISING: /* a new maximum almost everywhere */
                row[i] = 90 * (float)i / (float)count + x;
                break;
            case OFFSET: /* nearly as far as SIMD kernels go at a temperature of 1 */
                row[i] = (i % 2 == 0 ? 7e5f : 6.99e5f) + 8 * x;
                break;
            case CLIFF:
                row[i] = i < count / 2 ? -3e38f : 4 * x;
                break;
            default:
                row[i] = 8 * (x + y + random_float(random));
                break;
        }
    }
}

#endif
