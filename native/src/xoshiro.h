/* xoshiro256++ (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021), seeded by SplitMix64. */
#ifndef DEMUR_XOSHIRO_H
#define DEMUR_XOSHIRO_H

#include <stdint.h>

typedef struct xoshiro {
    uint64_t state[4];
} xoshiro;

static inline void xoshiro_seed(xoshiro *random, uint64_t seed) {
    for (int i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        random->state[i] = z ^ (z >> 31);
    }
}

static inline uint64_t xoshiro_rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

static inline uint64_t xoshiro_next(xoshiro *random) {
    uint64_t *s = random->state;
    const uint64_t result = xoshiro_rotate(s[0] + s[3], 23) + s[0];
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = xoshiro_rotate(s[3], 45);
    return result;
}

/* In [0, 1), a multiple of 2^-53. */
static inline double xoshiro_uniform(xoshiro *random) { return (double)(xoshiro_next(random) >> 11) * 0x1p-53; }

#endif
