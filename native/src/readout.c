#include "readout.h"

#include <float.h>
#include <math.h>

#include "internal.h"
#include "kernels.h"

double readout_bound(int32_t count) {
    const double logarithm = log(count);
    const double single = 0x1p-24 * (3.0001 * logarithm + 59);
    const double twice = 0x1p-52 * (2 * logarithm + count + 16);
    return 1.01 * (single + twice);
}

static int32_t refuse_token(const float *row, int32_t token, char *error) {
    return demur_fail(error, DEMUR_ERROR_LOGITS, "The logit of token %d is %s.", token,
                      isnan(row[token]) ? "NaN" : "+inf");
}

int32_t readout_refuse(const float *row, int32_t count, char *error) {
    int32_t bad = readout_first_bad(row, count);
    if (bad < 0) {
        return demur_fail(error, DEMUR_ERROR_LOGITS, "All %d logits are -inf.", count);
    }
    return refuse_token(row, bad, error);
}

static int32_t check_row(const float *row, int32_t vocabulary, const int32_t *ids, int32_t id_count, const double *out,
                         char *error) {
    if (row == NULL || out == NULL || (ids == NULL && id_count > 0)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.",
                          row == NULL   ? "row"
                          : out == NULL ? "out"
                                        : "ids");
    }
    if (vocabulary < 1 || id_count < 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d ids of a vocabulary of %d cannot be.", id_count, vocabulary);
    }
    for (int32_t i = 0; i < id_count; i++) {
        if (ids[i] < 0 || ids[i] >= vocabulary) {
            return demur_fail(error, DEMUR_ERROR_ARGUMENT, "ids[%d] is %d: the vocabulary has %d.", i, ids[i],
                              vocabulary);
        }
    }
    return DEMUR_OK;
}

static int32_t check_kernel(int32_t kernel, double temperature, char *error) {
    if (!isfinite(temperature) || temperature <= 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "temperature must be finite and positive, not %g.", temperature);
    }
    return kernel_require(kernel, error);
}

static double numerator(float logit, float maximum, double temperature) {
    return exp(((double)logit - (double)maximum) / temperature);
}

/* No relative bound holds for a quotient that leaves the normal range. */
static bool underflows(const float *row, const int32_t *ids, int32_t id_count, float maximum, double temperature,
                       double sum) {
    for (int32_t i = 0; i < id_count; i++) {
        double top = numerator(row[ids[i]], maximum, temperature);
        if (top > 0 && top / sum < 4 * DBL_MIN) {
            return true;
        }
    }
    return false;
}

static bool within_simd(double temperature) {
    return temperature >= READOUT_TEMPERATURE_MIN && temperature <= READOUT_TEMPERATURE_MAX;
}

int32_t demur_readout(int32_t kernel, const float *row, int32_t vocabulary, const int32_t *ids, int32_t id_count,
                      double temperature, double *out, char *error) {
    int32_t status = check_row(row, vocabulary, ids, id_count, out, error);
    if (status == DEMUR_OK) {
        status = check_kernel(kernel, temperature, error);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    bool exact = kernel == DEMUR_KERNEL_SCALAR || !within_simd(temperature);
    readout_row found;
    if (!kernel_of(exact ? DEMUR_KERNEL_SCALAR : kernel)->read(row, vocabulary, temperature, &found)) {
        return readout_refuse(row, vocabulary, error);
    }
    if (!exact && underflows(row, ids, id_count, found.maximum, temperature, found.sum)) {
        exact = true;
        found.sum = readout_sum_scalar(row, vocabulary, found.maximum, temperature);
    }
    for (int32_t i = 0; i < id_count; i++) {
        out[i] = numerator(row[ids[i]], found.maximum, temperature) / found.sum;
        out[(int64_t)id_count + i] = row[ids[i]];
    }
    out[2 * (int64_t)id_count] = found.argmax;
    out[2 * (int64_t)id_count + 1] = exact ? 0 : readout_bound(vocabulary);
    return DEMUR_OK;
}
