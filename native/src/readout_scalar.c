/* The specification: every kernel's decisions are those of this code. */
#include <math.h>

#include "readout.h"

int32_t readout_first_bad(const float *row, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        if (!(row[i] < INFINITY)) {
            return i;
        }
    }
    return -1;
}

bool readout_scan_scalar(const float *row, int32_t count, readout_row *found) {
    found->maximum = -INFINITY;
    found->argmax = -1;
    for (int32_t i = 0; i < count; i++) {
        if (!(row[i] < INFINITY)) {
            return false;
        }
        if (row[i] > found->maximum) {
            found->maximum = row[i];
            found->argmax = i;
        }
    }
    return found->argmax >= 0;
}

/* Summed in the order of the tokens, in double, by the C library's exp. */
double readout_sum_scalar(const float *row, int32_t count, float maximum, double temperature) {
    double sum = 0;
    for (int32_t i = 0; i < count; i++) {
        sum += exp(((double)row[i] - (double)maximum) / temperature);
    }
    return sum;
}
