/* The specification: every kernel's decisions are those of this code. */
#include <math.h>

#include "draw.h"
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

bool readout_read_scalar(const float *row, int32_t count, double temperature, readout_row *found) {
    if (!readout_scan_scalar(row, count, found)) {
        return false;
    }
    found->sum = readout_sum_scalar(row, count, found->maximum, temperature);
    return true;
}

bool draw_maxima_scalar(const float *row, int32_t count, int32_t group, float *maxima) {
    for (int32_t begin = 0, g = 0; begin < count; begin += group, g++) {
        float top = -INFINITY;
        for (int32_t i = begin; i < count && i < begin + group; i++) {
            if (!(row[i] < INFINITY)) {
                return false;
            }
            top = row[i] > top ? row[i] : top;
        }
        maxima[g] = top;
    }
    return true;
}

int32_t draw_masses_scalar(const float *row, int32_t count, int32_t group, float maximum, double temperature, float cut,
                           double *masses) {
    int32_t kept = 0;
    for (int32_t begin = 0, g = 0; begin < count; begin += group, g++) {
        masses[g] = 0;
        for (int32_t i = begin; i < count && i < begin + group; i++) {
            if (row[i] >= cut) {
                kept++;
                masses[g] += exp(((double)row[i] - (double)maximum) / temperature);
            }
        }
    }
    return kept;
}

int32_t draw_collect_scalar(const float *row, int32_t begin, int32_t end, float cut, int32_t *ids) {
    int32_t found = 0;
    for (int32_t i = begin; i < end; i++) {
        if (row[i] >= cut) {
            ids[found++] = i;
        }
    }
    return found;
}
