#include "penalties.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

bool penalties_start(penalties *penalties, double repeat, double frequency, double presence, int32_t last) {
    const bool off = repeat == 1 && frequency == 0 && presence == 0;
    penalties->repeat = repeat;
    penalties->frequency = frequency;
    penalties->presence = presence;
    penalties->last = off ? 0 : last;
    penalties->recent = malloc(((size_t)penalties->last + 1) * sizeof *penalties->recent);
    penalties->distinct = malloc(((size_t)penalties->last + 1) * sizeof *penalties->distinct);
    penalties->recent_count = penalties->recent_next = penalties->distinct_count = 0;
    return penalties->recent != NULL && penalties->distinct != NULL;
}

void penalties_free(penalties *penalties) {
    free(penalties->recent);
    free(penalties->distinct);
}

/* The place of a token that may not be there yet, and is then put there with a count of 0. */
static penalised *place_of(penalties *penalties, int32_t token) {
    int32_t i = 0;
    while (i < penalties->distinct_count && penalties->distinct[i].token != token) {
        i++;
    }
    if (i == penalties->distinct_count) {
        penalties->distinct[penalties->distinct_count++] = (penalised){token, 0};
    }
    return &penalties->distinct[i];
}

void penalties_accept(penalties *penalties, int32_t token) {
    if (penalties->last == 0) {
        return;
    }
    if (penalties->recent_count == penalties->last) {
        penalised *oldest = place_of(penalties, penalties->recent[penalties->recent_next]);
        if (--oldest->count == 0) {
            *oldest = penalties->distinct[--penalties->distinct_count];
        }
    } else {
        penalties->recent_count++;
    }
    place_of(penalties, token)->count++;
    penalties->recent[penalties->recent_next] = token;
    penalties->recent_next = (penalties->recent_next + 1) % penalties->last;
}

float penalties_logit(const penalties *penalties, float logit, int32_t count) {
    if (!isfinite(logit)) {
        return logit;
    }
    /* Dividing a negative logit would make the token likelier. */
    const double repeated = logit <= 0 ? logit * penalties->repeat : logit / penalties->repeat;
    const double changed = repeated - count * penalties->frequency - penalties->presence;
    return (float)fmin(fmax(changed, -FLT_MAX), FLT_MAX);
}
