/* Penalties on tokens that were drawn not long ago, as llama.cpp's sampler of that name has them. */
#ifndef DEMUR_PENALTIES_H
#define DEMUR_PENALTIES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct penalised {
    int32_t token;
    int32_t count; /* how often it is among the last tokens */
} penalised;

typedef struct penalties {
    double repeat;    /* divides positive logits and multiplies the others; 1: off */
    double frequency; /* is subtracted for each time; 0: off */
    double presence;  /* is subtracted once; 0: off */
    int32_t last;     /* how many tokens count; 0: all three are off */
    int32_t *recent;  /* a ring of them */
    int32_t recent_count;
    int32_t recent_next;
    penalised *distinct; /* the same tokens, once each and in any order */
    int32_t distinct_count;
} penalties;

/* False when there is no memory; to be freed in any case. */
bool penalties_start(penalties *penalties, double repeat, double frequency, double presence, int32_t last);
void penalties_free(penalties *penalties);

/* Remembers a token and forgets the one that is `last` tokens back. */
void penalties_accept(penalties *penalties, int32_t token);

/* The logit of a token that is among the last ones `count` times; -inf, +inf and NaN stay. */
float penalties_logit(const penalties *penalties, float logit, int32_t count);

#endif
