/* The code that reads rows, once per instruction set. */
#ifndef DEMUR_KERNELS_H
#define DEMUR_KERNELS_H

#include "draw.h"
#include "readout.h"

typedef struct kernel {
    readout_scan *scan;
    readout_read *read;
    draw_maxima *maxima;
    draw_masses *masses;
    draw_collect *collect;
    int64_t features; /* of the processor */
} kernel;

/* By demur_kernel, NULL where there is none of that number; one that this build lacks has no functions. */
const kernel *kernel_of(int32_t id);

/* DEMUR_ERROR_ARGUMENT where there is none of that number, DEMUR_ERROR_UNSUPPORTED where it cannot run here. */
int32_t kernel_require(int32_t id, char *error);

#endif
