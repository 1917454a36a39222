/*
 * Temperature, top-k, top-p, min-p and penalties on the row itself, in llama.cpp's default order: penalties, top-k,
 * top-p, min-p, temperature. Each of top-k, top-p and min-p keeps the first tokens of one order (ranking.h), so what is
 * left is always that order up to some token, found without sorting the rest. Against llama.cpp: equal logits are taken
 * by id (there as its sort happens to leave them), sums are in double, a penalised logit is rounded to float once, at
 * least one token is kept.
 */
#include "draw.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "kernels.h"
#include "penalties.h"
#include "ranking.h"
#include "xoshiro.h"

enum {
    FEW = 64,     /* tokens that are ranked first where there is no top-k: mostly they hold all that is kept */
    ROOM = 1024,  /* ranks at least that are held at a time */
    GROUPS = 512, /* at most, of the smallest fitting power of two */
};

static const uint64_t ALL = UINT64_MAX; /* ranks behind every token */

typedef struct overwritten {
    int32_t token;
    float logit;
} overwritten;

struct drawer {
    const kernel *kernel;
    draw_options options;
    xoshiro random;
    int32_t vocabulary;
    int32_t group;
    int32_t groups;
    int32_t *masked; /* ascending, distinct */
    int32_t masked_count;
    int32_t masked_room;
    penalties penalties;
    overwritten *kept; /* of the row in hand, in the order of overwriting */
    int32_t kept_count;
    float maximum; /* likewise */
    float *maxima; /* likewise; per group */
    float *shuffled;
    double *masses;
    int32_t *ids;    /* of a group */
    uint64_t *ranks; /* room + group of them, and as many: */
    uint64_t *scratch;
    double *weights;
    int32_t room;
};

/* ---- life ---- */

static int compare_tokens(const void *a, const void *b) {
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

drawer *drawer_create(int32_t kernel, int32_t vocabulary, const draw_options *options, const int32_t *masked,
                      int32_t masked_count) {
    drawer *created = calloc(1, sizeof *created);
    if (created == NULL) {
        return NULL;
    }
    created->kernel = kernel_of(kernel);
    created->options = *options;
    created->vocabulary = vocabulary;
    xoshiro_seed(&created->random, options->seed);
    created->group = 16;
    while (vocabulary / created->group > GROUPS) {
        created->group *= 2;
    }
    created->groups = (vocabulary + created->group - 1) / created->group;
    const int64_t wanted = 2 * (int64_t)options->top_k;
    created->room = wanted > vocabulary ? vocabulary : (int32_t)wanted;
    created->room = created->room < ROOM ? ROOM : created->room;
    const size_t ranks = (size_t)created->room + (size_t)created->group, groups = (size_t)created->groups;
    const bool penalties = penalties_start(&created->penalties, options->repeat, options->frequency, options->presence,
                                           options->penalty_last);
    created->masked_room = masked_count;
    created->masked = malloc(((size_t)masked_count + 1) * sizeof *created->masked);
    created->kept = malloc(((size_t)masked_count + (size_t)created->penalties.last + 1) * sizeof *created->kept);
    created->maxima = malloc(groups * sizeof *created->maxima);
    created->shuffled = malloc(groups * sizeof *created->shuffled);
    created->masses = malloc(groups * sizeof *created->masses);
    created->ids = malloc((size_t)created->group * sizeof *created->ids);
    created->ranks = malloc(ranks * sizeof *created->ranks);
    created->scratch = malloc(ranks * sizeof *created->scratch);
    created->weights = malloc(ranks * sizeof *created->weights);
    if (!penalties || created->masked == NULL || created->kept == NULL || created->maxima == NULL ||
        created->shuffled == NULL || created->masses == NULL || created->ids == NULL || created->ranks == NULL ||
        created->scratch == NULL || created->weights == NULL) {
        drawer_free(created);
        return NULL;
    }
    if (masked_count > 0) {
        memcpy(created->masked, masked, (size_t)masked_count * sizeof *masked);
        qsort(created->masked, (size_t)masked_count, sizeof *masked, compare_tokens);
    }
    for (int32_t i = 0; i < masked_count; i++) {
        if (i == 0 || created->masked[i] != created->masked[i - 1]) {
            created->masked[created->masked_count++] = created->masked[i];
        }
    }
    return created;
}

void drawer_free(drawer *drawer) {
    if (drawer != NULL) {
        free(drawer->masked);
        penalties_free(&drawer->penalties);
        free(drawer->kept);
        free(drawer->maxima);
        free(drawer->shuffled);
        free(drawer->masses);
        free(drawer->ids);
        free(drawer->ranks);
        free(drawer->scratch);
        free(drawer->weights);
        free(drawer);
    }
}

/* As many tokens as there are. */
static bool make_room(drawer *drawer) {
    const size_t vocabulary = (size_t)drawer->vocabulary;
    const size_t recent = (size_t)drawer->penalties.last;
    int32_t *masked = realloc(drawer->masked, vocabulary * sizeof *masked);
    if (masked == NULL) {
        return false;
    }
    drawer->masked = masked;
    overwritten *kept = realloc(drawer->kept, (vocabulary + recent) * sizeof *kept);
    if (kept == NULL) {
        return false;
    }
    drawer->kept = kept;
    drawer->masked_room = drawer->vocabulary;
    return true;
}

bool drawer_mask(drawer *drawer, const uint8_t *masked) {
    if (drawer->masked_room < drawer->vocabulary && !make_room(drawer)) {
        return false;
    }
    drawer->masked_count = 0;
    for (int32_t i = 0; i < drawer->vocabulary; i++) {
        if (masked[i] != 0) {
            drawer->masked[drawer->masked_count++] = i;
        }
    }
    return true;
}

void drawer_accept(drawer *drawer, int32_t token) { penalties_accept(&drawer->penalties, token); }

/* ---- mask and penalties, on the row ---- */

static void overwrite(drawer *drawer, float *row, int32_t token, float logit) {
    drawer->kept[drawer->kept_count++] = (overwritten){token, row[token]};
    row[token] = logit;
}

/* False where a masked logit is NaN or +inf. */
static bool prepare(drawer *drawer, float *row) {
    drawer->kept_count = 0;
    bool good = true;
    for (int32_t i = 0; i < drawer->masked_count; i++) {
        good = good && row[drawer->masked[i]] < INFINITY;
        overwrite(drawer, row, drawer->masked[i], -INFINITY);
    }
    for (int32_t i = 0; i < drawer->penalties.distinct_count; i++) {
        const penalised *p = &drawer->penalties.distinct[i];
        overwrite(drawer, row, p->token, penalties_logit(&drawer->penalties, row[p->token], p->count));
    }
    return good;
}

static void put_back(drawer *drawer, float *row) {
    /* From the last on: a token may be masked and penalised. */
    for (int32_t i = drawer->kept_count - 1; i >= 0; i--) {
        row[drawer->kept[i].token] = drawer->kept[i].logit;
    }
}

/* ---- the best tokens ---- */

static int32_t end_of(const drawer *drawer, int32_t g) {
    const int64_t end = ((int64_t)g + 1) * drawer->group;
    return end < drawer->vocabulary ? (int32_t)end : drawer->vocabulary;
}

/* The ids of a group's tokens from `cut` on, in drawer->ids. */
static int32_t collect(drawer *drawer, const float *row, int32_t g, float cut) {
    return drawer->kernel->collect(row, g * drawer->group, end_of(drawer, g), cut, drawer->ids);
}

/*
 * The k best tokens above -inf, ranked, in drawer->ranks; returns how many there are. k groups hold a token from the
 * k-th largest of their maxima on: no token below that is among the k best.
 */
static int32_t rank_best(drawer *drawer, const float *row, int32_t k) {
    float cut = -FLT_MAX;
    if (k < drawer->groups) {
        memcpy(drawer->shuffled, drawer->maxima, (size_t)drawer->groups * sizeof *drawer->maxima);
        cut = fmaxf(cut, kth_largest(drawer->shuffled, drawer->groups, k));
    }
    int32_t count = 0;
    for (int32_t g = 0; g < drawer->groups; g++) {
        if (drawer->maxima[g] >= cut) {
            const int32_t found = collect(drawer, row, g, cut);
            for (int32_t i = 0; i < found; i++) {
                drawer->ranks[count++] = rank_of(row[drawer->ids[i]], drawer->ids[i]);
            }
            if (count > drawer->room) {
                ranks_select(drawer->ranks, count, k);
                count = k;
                cut = fmaxf(cut, rank_logit(drawer->ranks[k - 1]));
            }
        }
    }
    if (count > k) {
        ranks_select(drawer->ranks, count, k);
        count = k;
    }
    ranks_sort(drawer->ranks, count, drawer->scratch);
    return count;
}

/* exp((z - maximum) / temperature) */
static double weight(const drawer *drawer, float logit, double temperature) {
    return exp(((double)logit - (double)drawer->maximum) / temperature);
}

/* Their weights at temperature 1, in drawer->weights, and the sum of those. */
static double weigh_ranked(drawer *drawer, int32_t count) {
    double sum = 0;
    for (int32_t i = 0; i < count; i++) {
        drawer->weights[i] = weight(drawer, rank_logit(drawer->ranks[i]), 1);
        sum += drawer->weights[i];
    }
    return sum;
}

static int32_t draw_ranked(drawer *drawer, int32_t count) {
    double sum = 0;
    for (int32_t i = 0; i < count; i++) {
        drawer->weights[i] = weight(drawer, rank_logit(drawer->ranks[i]), drawer->options.temperature);
        sum += drawer->weights[i];
    }
    const double at = xoshiro_uniform(&drawer->random) * sum;
    int32_t chosen = 0;
    double passed = drawer->weights[0];
    for (int32_t i = 1; i < count && passed <= at; i++) {
        passed += drawer->weights[i];
        chosen = drawer->weights[i] > 0 ? i : chosen;
    }
    return rank_token(drawer->ranks[chosen]);
}

/* ---- top-p over the whole row ---- */

/* Where the weights of the ranked tokens, `above` them first, reach a goal. */
typedef struct reach {
    int32_t last; /* the token that reaches it; -1: they do not */
    bool certain; /* also where sums are off by `slack` */
} reach;

static reach find_reach(const drawer *drawer, int32_t count, double above, double goal, double slack) {
    double before = above;
    for (int32_t i = 0; i < count; i++) {
        const double now = before + drawer->weights[i];
        if (now >= goal) {
            const bool first = i == 0 && above == 0; /* one token is kept always */
            return (reach){i, now >= goal + slack && (first || before < goal - slack)};
        }
        before = now;
    }
    return (reach){-1, before < goal - slack};
}

/* A part [low, high) of the logits in which top-p's last token lies; `above` is the weight from high on. */
typedef struct bracket {
    float low;
    float high;
    double above;
    int32_t tokens;
} bracket;

static double mass_from(drawer *drawer, draw_masses *masses, const float *row, float cut, int32_t *tokens) {
    *tokens = masses(row, drawer->vocabulary, drawer->group, drawer->maximum, 1, cut, drawer->masses);
    double sum = 0;
    for (int32_t g = 0; g < drawer->groups; g++) {
        sum += drawer->masses[g];
    }
    return sum;
}

static float between(float low, float high) {
    if (high - low < 64) {
        return low + (high - low) / 2;
    }
    const uint64_t a = rank_of(high, 0) >> 32, b = rank_of(low, 0) >> 32;
    return rank_logit((a + (b - a) / 2) << 32);
}

static bracket find_bracket(drawer *drawer, draw_masses *masses, const float *row, double goal) {
    bracket found = {-FLT_MAX, nextafterf(drawer->maximum, INFINITY), 0, 0};
    int32_t tokens_low, tokens_high = 0, tokens;
    mass_from(drawer, masses, row, found.low, &tokens_low);
    float middle = fmaxf(found.low, drawer->maximum - 30);
    while (tokens_low - tokens_high > drawer->room && middle > found.low && middle < found.high) {
        const double mass = mass_from(drawer, masses, row, middle, &tokens);
        if (mass >= goal) {
            found.low = middle;
            tokens_low = tokens;
        } else {
            found.high = middle;
            found.above = mass;
            tokens_high = tokens;
        }
        middle = between(found.low, found.high);
    }
    found.tokens = tokens_low - tokens_high;
    return found;
}

/* The id of the n-th token with this logit, n from 1. */
static int32_t nth_equal(const drawer *drawer, const float *row, float logit, int32_t n) {
    int32_t id = -1;
    while (n > 0 && ++id < drawer->vocabulary) {
        n -= row[id] == logit;
    }
    return id;
}

/* Finds top-p's last token within a bracket; false where `slack` leaves it open, or it lies elsewhere. */
static bool resolve(drawer *drawer, const float *row, const bracket *in, double goal, double slack, uint64_t *last) {
    if (in->tokens > drawer->room) { /* no float lies between its ends: they are all equal */
        const double one = weight(drawer, in->low, 1);
        const double from = ceil((goal - slack - in->above) / one), to = ceil((goal + slack - in->above) / one);
        if (!(from == to && from >= 1 && from <= in->tokens)) {
            return false;
        }
        *last = rank_of(in->low, nth_equal(drawer, row, in->low, (int32_t)from));
        return true;
    }
    int32_t count = 0;
    for (int32_t g = 0; g < drawer->groups; g++) {
        const int32_t found = drawer->maxima[g] >= in->low ? collect(drawer, row, g, in->low) : 0;
        for (int32_t i = 0; i < found; i++) {
            if (row[drawer->ids[i]] < in->high) {
                drawer->ranks[count++] = rank_of(row[drawer->ids[i]], drawer->ids[i]);
            }
        }
    }
    ranks_sort(drawer->ranks, count, drawer->scratch);
    weigh_ranked(drawer, count);
    const reach reached = find_reach(drawer, count, in->above, goal, slack);
    if (reached.last < 0 || !reached.certain) {
        return false;
    }
    *last = drawer->ranks[reached.last];
    return true;
}

/*
 * The rank of the last token that top-p keeps of the whole row, of which the `count` best are ranked. The sums that a
 * kernel gives are trusted as far as its bound goes; where that leaves the token open they are taken in double.
 */
static uint64_t top_p_last(drawer *drawer, const float *row, int32_t count) {
    const double p = drawer->options.top_p;
    const double ranked = weigh_ranked(drawer, count);
    const bool whole = count < FEW;
    const double error = whole ? 1e-12 : readout_bound(drawer->vocabulary);
    int32_t tokens;
    double sum = whole ? ranked : mass_from(drawer, drawer->kernel->masses, row, -FLT_MAX, &tokens);
    reach reached = find_reach(drawer, count, 0, p * sum, error * sum);
    if (whole) {
        return reached.last < 0 ? ALL : drawer->ranks[reached.last];
    }
    if (reached.certain && reached.last >= 0) {
        return drawer->ranks[reached.last];
    }
    uint64_t last;
    bracket in = {0, 0, 0, 0};
    if (reached.last < 0) {
        in = find_bracket(drawer, drawer->kernel->masses, row, p * sum);
        if (resolve(drawer, row, &in, p * sum, 2 * error * sum, &last)) {
            return last;
        }
    }
    sum = mass_from(drawer, draw_masses_scalar, row, -FLT_MAX, &tokens);
    if (reached.last >= 0) {
        reached = find_reach(drawer, count, 0, p * sum, 0);
        if (reached.last >= 0) {
            return drawer->ranks[reached.last];
        }
    } else {
        in.above = mass_from(drawer, draw_masses_scalar, row, in.high, &tokens);
        if (in.above < p * sum && resolve(drawer, row, &in, p * sum, 0, &last)) {
            return last;
        }
    }
    in = find_bracket(drawer, draw_masses_scalar, row, p * sum);
    return resolve(drawer, row, &in, p * sum, 0, &last) ? last : ALL;
}

/* ---- min-p ---- */

/* The least logit that is at least min_p times as likely as the best. */
static float min_p_cut(const drawer *drawer) {
    const double least = log(drawer->options.min_p), maximum = drawer->maximum;
    float cut = fmaxf((float)(maximum + least), -FLT_MAX);
    while ((double)cut - maximum < least) {
        cut = nextafterf(cut, INFINITY);
    }
    while (cut > -FLT_MAX && (double)nextafterf(cut, -INFINITY) - maximum >= least) {
        cut = nextafterf(cut, -INFINITY);
    }
    return cut;
}

static int32_t drop_behind(const drawer *drawer, int32_t count, uint64_t last) {
    while (count > 1 && drawer->ranks[count - 1] > last) {
        count--;
    }
    return count;
}

static uint64_t min_p_last(const drawer *drawer) {
    return drawer->options.min_p > 0 ? rank_of(min_p_cut(drawer), INT32_MAX) : ALL;
}

/* ---- draws ---- */

/* Among a group's tokens from `cut` on; `share` of their weight is passed over. */
static int32_t draw_in_group(drawer *drawer, const float *row, int32_t g, float cut, double share) {
    const int32_t found = collect(drawer, row, g, cut);
    double sum = 0;
    for (int32_t i = 0; i < found; i++) {
        drawer->weights[i] = weight(drawer, row[drawer->ids[i]], drawer->options.temperature);
        sum += drawer->weights[i];
    }
    double passed = 0;
    int32_t chosen = -1;
    for (int32_t i = 0; i < found && (chosen < 0 || passed <= share * sum); i++) {
        passed += drawer->weights[i];
        chosen = chosen < 0 || drawer->weights[i] > 0 ? i : chosen;
    }
    return drawer->ids[chosen];
}

/* Among all tokens that rank up to `last`: those from a logit on, and those that equal the last one up to its id. */
static int32_t draw_in_row(drawer *drawer, const float *row, uint64_t last) {
    const double temperature = drawer->options.temperature;
    const float edge = last == ALL ? -FLT_MAX : rank_logit(last);
    const int32_t edge_token = rank_token(last);
    int32_t equals = 0;
    float cut = edge;
    if (last != ALL && edge_token != INT32_MAX) {
        cut = nextafterf(edge, INFINITY);
        for (int32_t id = 0; id <= edge_token; id++) {
            equals += row[id] == edge;
        }
    }
    drawer->kernel->masses(row, drawer->vocabulary, drawer->group, drawer->maximum, temperature, cut, drawer->masses);
    double sum = 0;
    for (int32_t g = 0; g < drawer->groups; g++) {
        sum += drawer->maxima[g] >= cut ? drawer->masses[g] : 0;
    }
    const double equal = weight(drawer, edge, temperature);
    double at = xoshiro_uniform(&drawer->random) * (sum + equals * equal);
    if (equals == 0) {
        at = fmin(at, nextafter(sum, 0)); /* what rounding may have reached is no token's */
    }
    if (equals > 0 && at >= sum) {
        const double nth = equal > 0 ? 1 + floor((at - sum) / equal) : 1;
        return nth_equal(drawer, row, edge, (int32_t)fmin(nth, equals));
    }
    int32_t chosen = -1;
    double before = 0, passed = 0;
    for (int32_t g = 0; g < drawer->groups && (chosen < 0 || passed <= at); g++) {
        if (drawer->maxima[g] >= cut) {
            before = passed;
            passed += drawer->masses[g];
            chosen = g;
        }
    }
    return draw_in_group(drawer, row, chosen, cut, fmin(1, (at - before) / drawer->masses[chosen]));
}

static int32_t draw_prepared(drawer *drawer, const float *row) {
    const draw_options *options = &drawer->options;
    if (options->top_k > 0 && options->top_k < drawer->vocabulary) {
        int32_t count = rank_best(drawer, row, options->top_k);
        if (options->top_p < 1) {
            const double sum = weigh_ranked(drawer, count);
            const reach reached = find_reach(drawer, count, 0, options->top_p * sum, 0);
            count = reached.last < 0 ? count : reached.last + 1;
        }
        return draw_ranked(drawer, drop_behind(drawer, count, min_p_last(drawer)));
    }
    uint64_t last = min_p_last(drawer);
    if (options->top_p >= 1 && last == ALL) {
        return draw_in_row(drawer, row, ALL);
    }
    int32_t count = rank_best(drawer, row, FEW);
    if (options->top_p < 1) {
        const uint64_t top_p = top_p_last(drawer, row, count);
        last = top_p < last ? top_p : last;
        /* Looking for it may have used the ranks. */
        count = rank_best(drawer, row, FEW);
    }
    return count < FEW || drawer->ranks[count - 1] > last ? draw_ranked(drawer, drop_behind(drawer, count, last))
                                                          : draw_in_row(drawer, row, last);
}

static int32_t draw_somehow(drawer *drawer, const float *row, int32_t *token, char *error) {
    float maximum = -INFINITY;
    if (drawer->options.temperature == 0) {
        readout_row best;
        if (drawer->kernel->scan(row, drawer->vocabulary, &best)) {
            *token = best.argmax;
            return DEMUR_OK;
        }
        if (readout_first_bad(row, drawer->vocabulary) >= 0) {
            return DEMUR_ERROR_LOGITS;
        }
    } else {
        if (!drawer->kernel->maxima(row, drawer->vocabulary, drawer->group, drawer->maxima)) {
            return DEMUR_ERROR_LOGITS;
        }
        for (int32_t g = 0; g < drawer->groups; g++) {
            maximum = fmaxf(maximum, drawer->maxima[g]);
        }
    }
    if (maximum == -INFINITY) {
        return demur_fail(error, DEMUR_ERROR_LOGITS, "All logits of unmasked tokens are -inf.");
    }
    drawer->maximum = maximum;
    *token = draw_prepared(drawer, row);
    return DEMUR_OK;
}

int32_t drawer_draw(drawer *drawer, float *row, int32_t *token, char *error) {
    const bool good = prepare(drawer, row);
    const int32_t status = good ? draw_somehow(drawer, row, token, error) : DEMUR_ERROR_LOGITS;
    put_back(drawer, row);
    if (status == DEMUR_ERROR_LOGITS && readout_first_bad(row, drawer->vocabulary) >= 0) {
        return readout_refuse(row, drawer->vocabulary, error);
    }
    return status;
}
