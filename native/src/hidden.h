/* What hidden.c, which captures hidden states, and hidden_attach.c, which prepares that, have in common. */
#ifndef DEMUR_HIDDEN_H
#define DEMUR_HIDDEN_H

#include "internal.h"

#define HIDDEN_TENSOR "l_out-" /* and the number of the block */

enum {
    HIDDEN_CHUNK = 32, /* rows that are brought from a device at once */
    HIDDEN_LOST = -1   /* as the end of a sum: it holds positions that are forgotten */
};

/*
 * How llama.cpp splits a batch of several sequences, which stand one behind the other, into the parts that it computes
 * in one go; the tokens of a part are the rows of its tensors, in this order. It depends on the release, and on the
 * memory that a model has.
 */
typedef enum hidden_split {
    HIDDEN_SPLIT_WHOLE,            /* by size alone */
    HIDDEN_SPLIT_EQUAL_NEIGHBOURS, /* as many tokens of each sequence, up to the first that has none left */
    HIDDEN_SPLIT_EQUAL,            /* as many tokens of each sequence that has some left */
    HIDDEN_SPLIT_SEQUENCE,         /* one sequence after another */
    HIDDEN_SPLITS
} hidden_split;

typedef struct hidden_layer {
    int32_t number;
    int32_t last; /* its place in `rows`; -1 where that is not asked for */
    int32_t mean; /* its place in `sums`; -1 likewise */
    int32_t seen; /* in how many parts of the batch in hand */
    bool outputs; /* in the part in hand it has no rows but those of outputs */
} hidden_layer;

typedef struct hidden_part {
    int32_t begin, end; /* in `order` */
    int32_t outputs;
    bool has_chosen, has_added;
} hidden_part;

typedef struct hidden_sequence {
    int32_t from, to;    /* positions that the mean is taken over; none where they are equal */
    int32_t summed;      /* the sums are those of [from, summed), or HIDDEN_LOST */
    bool adds;           /* the batch in hand adds to them */
    bool has_row;        /* the last decode gave it an output */
    int32_t begin, left; /* scratch: its tokens of the batch in hand */
} hidden_sequence;

struct demur_hidden {
    const abi *abi;
    demur_context *context;
    int32_t width;
    int32_t value_count; /* what is asked for: layers[value_layers[i]], pooled as value_poolings[i] */
    int32_t *value_layers, *value_poolings;
    hidden_layer *layers;
    int32_t layer_count, last_count, mean_count;
    hidden_split split;
    int32_t part_size; /* the most tokens of a part */
    hidden_sequence *sequences;
    float *rows;     /* by sequence, then by layer */
    double *sums;    /* by sequence, then by layer */
    double *in_hand; /* the same, with the batch in hand */
    /* The batch in hand. */
    int32_t *order; /* its tokens as they are computed */
    int8_t *chosen; /* by token: the output whose row is taken */
    int8_t *added;  /* by token: it belongs to its sequence's mean */
    hidden_part *parts;
    int32_t part_count;
    bool planned;           /* something of it is asked for */
    bool capturing;         /* and nothing failed */
    hidden_layer *computed; /* the one whose tensor comes next */
    float *chunk;
    char failure[320];
};

#endif
