/* The same numbers for the same seed everywhere. */
#ifndef DEMUR_RANDOM_H
#define DEMUR_RANDOM_H

#include <stdint.h>

/* xorshift64* */
static inline uint64_t random_bits(uint64_t *state) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* In [-1, 1). */
static inline float random_float(uint64_t *state) { return (float)(int32_t)(random_bits(state) >> 32) * 0x1p-31f; }

#endif
