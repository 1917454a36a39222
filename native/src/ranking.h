/*
 * The order in which top-k and top-p take tokens: by logit, equal ones by id. A token's rank is 64 bits that compare
 * so, the best smallest; no two tokens have the same.
 */
#ifndef DEMUR_RANKING_H
#define DEMUR_RANKING_H

#include <stdint.h>
#include <string.h>

/* Of a logit that is not NaN; the zeros are equal. */
static inline uint64_t rank_of(float logit, int32_t id) {
    const float value = logit + 0.0f;
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t ascending = bits >> 31 ? ~bits : bits | UINT32_C(0x80000000);
    return (uint64_t)~ascending << 32 | (uint32_t)id;
}

static inline int32_t rank_token(uint64_t rank) { return (int32_t)(uint32_t)rank; }

static inline float rank_logit(uint64_t rank) {
    const uint32_t ascending = ~(uint32_t)(rank >> 32);
    const uint32_t bits = ascending >> 31 ? ascending & UINT32_C(0x7fffffff) : ~ascending;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Moves the `k` smallest of `count` ranks to the front, in any order; 1 <= k <= count. */
void ranks_select(uint64_t *ranks, int32_t count, int32_t k);

/* Ascending; `scratch` has room for as many. */
void ranks_sort(uint64_t *ranks, int32_t count, uint64_t *scratch);

/* The k-th largest of `count` values, 1 <= k <= count, which are shuffled. */
float kth_largest(float *values, int32_t count, int32_t k);

#endif
