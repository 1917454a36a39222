#include "ranking.h"

/* Pivots from a sequence that no row is made for: a bad one costs time only. */
static int32_t pick(uint32_t *state, int32_t low, int32_t high) {
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return low + (int32_t)(((uint64_t)*state * (uint32_t)(high - low + 1)) >> 32);
}

void ranks_select(uint64_t *ranks, int32_t count, int32_t k) {
    int32_t low = 0, high = count - 1;
    uint32_t state = 1;
    while (low < high) {
        const uint64_t pivot = ranks[pick(&state, low, high)];
        int32_t i = low, j = high;
        while (i <= j) {
            while (ranks[i] < pivot) {
                i++;
            }
            while (ranks[j] > pivot) {
                j--;
            }
            if (i <= j) {
                const uint64_t swapped = ranks[i];
                ranks[i++] = ranks[j];
                ranks[j--] = swapped;
            }
        }
        if (k - 1 <= j) {
            high = j;
        } else if (k - 1 >= i) {
            low = i;
        } else {
            return;
        }
    }
}

enum { SHORT = 24 };

static void sort_few(uint64_t *ranks, int32_t count) {
    for (int32_t i = 1; i < count; i++) {
        const uint64_t rank = ranks[i];
        int32_t at = i;
        for (; at > 0 && ranks[at - 1] > rank; at--) {
            ranks[at] = ranks[at - 1];
        }
        ranks[at] = rank;
    }
}

/* Short runs by insertion, then merged from one array into the other. */
void ranks_sort(uint64_t *ranks, int32_t count, uint64_t *scratch) {
    for (int32_t begin = 0; begin < count; begin += SHORT) {
        sort_few(ranks + begin, count - begin < SHORT ? count - begin : SHORT);
    }
    uint64_t *from = ranks, *to = scratch;
    for (int64_t run = SHORT; run < count; run *= 2) {
        for (int64_t begin = 0; begin < count; begin += 2 * run) {
            const int64_t middle = begin + run < count ? begin + run : count;
            const int64_t end = begin + 2 * run < count ? begin + 2 * run : count;
            int64_t a = begin, b = middle;
            for (int64_t i = begin; i < end; i++) {
                to[i] = b >= end || (a < middle && from[a] < from[b]) ? from[a++] : from[b++];
            }
        }
        uint64_t *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != ranks) {
        memcpy(ranks, from, (size_t)count * sizeof *ranks);
    }
}

float kth_largest(float *values, int32_t count, int32_t k) {
    int32_t low = 0, high = count - 1;
    uint32_t state = 1;
    while (low < high) {
        const float pivot = values[pick(&state, low, high)];
        int32_t i = low, j = high;
        while (i <= j) {
            while (values[i] > pivot) {
                i++;
            }
            while (values[j] < pivot) {
                j--;
            }
            if (i <= j) {
                const float swapped = values[i];
                values[i++] = values[j];
                values[j--] = swapped;
            }
        }
        if (k - 1 <= j) {
            high = j;
        } else if (k - 1 >= i) {
            low = i;
        } else {
            break;
        }
    }
    return values[k - 1];
}
