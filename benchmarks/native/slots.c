/*
 * What a server over llama.cpp does with requests at once, as a loop in C: each decode has a token of every reply that
 * grows, and of the prompts that wait as many tokens as fit; the largest logit is taken. Arguments: a llama.cpp
 * library, a model, threads, the cells of the context, the most tokens of a reply, and how many requests. It reads the
 * ids of a prompt, with commas, from a line of standard input for each request. For every line behind these it answers
 * all of them, which come at the same time, and prints "tokens whole_ns", and "first_ns,last_ns" for each request: when
 * its first token and its last were there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plain.h"

enum { MOST_REQUESTS = 64 };

typedef struct request {
    int32_t prompt[BATCH];
    int32_t count;   /* of the prompt */
    int32_t decoded; /* of the prompt and the reply */
    int32_t replied;
    int32_t next; /* the reply's token to decode */
    int32_t output;
    bool done;
    int64_t first, last;
} request;

static request requests[MOST_REQUESTS];
static int32_t request_count;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int32_t tokens[BATCH], positions[BATCH], sequence_ids[BATCH], *sequences[BATCH], counts[BATCH];
static int8_t outputs[BATCH];
static int32_t batch_count;

static void add(int32_t sequence, int32_t token, int32_t position, bool output) {
    const int32_t i = batch_count++;
    tokens[i] = token;
    positions[i] = position;
    sequence_ids[i] = sequence;
    sequences[i] = &sequence_ids[i];
    counts[i] = 1;
    outputs[i] = output;
}

static int32_t best_of(const float *row) {
    int32_t best = 0;
    for (int32_t i = 1; i < vocabulary_size; i++) {
        best = row[i] > row[best] ? i : best;
    }
    return best;
}

/* One decode; false where all is done. */
static bool turn(int64_t begin, int32_t most) {
    batch_count = 0;
    for (int32_t s = 0; s < request_count; s++) {
        request *of = &requests[s];
        of->output = -1;
        if (!of->done && of->decoded >= of->count) {
            of->output = batch_count;
            add(s, of->next, of->decoded++, true);
        }
    }
    for (int32_t s = 0; s < request_count; s++) {
        request *of = &requests[s];
        while (of->decoded < of->count && batch_count < BATCH) {
            const bool last = of->decoded + 1 == of->count;
            of->output = last ? batch_count : -1;
            add(s, of->prompt[of->decoded], of->decoded, last);
            of->decoded++;
        }
    }
    if (batch_count == 0) {
        return false;
    }
    const abi_batch batch = {batch_count, tokens, NULL, positions, counts, sequences, outputs};
    if (llama.llama_decode(context, batch) != 0) {
        fail("llama_decode failed");
    }
    for (int32_t s = 0; s < request_count; s++) {
        request *of = &requests[s];
        if (of->output < 0) {
            continue;
        }
        of->next = best_of(llama.llama_get_logits_ith(context, of->output));
        of->done = llama.llama_vocab_is_eog(vocabulary, of->next) || ++of->replied == most;
        of->last = now() - begin;
        of->first = of->first == 0 ? of->last : of->first;
    }
    return true;
}

static void answer_all(int32_t most) {
    int32_t replied = 0;
    for (int32_t s = 0; s < request_count; s++) {
        requests[s].decoded = requests[s].replied = 0;
        requests[s].first = requests[s].last = 0;
        requests[s].done = false;
        if (!abi_memory_remove(&llama, context, s, 0, -1)) {
            fail("the model's memory cannot forget");
        }
    }
    const int64_t begin = now();
    while (turn(begin, most)) {
    }
    const int64_t whole = now() - begin;
    for (int32_t s = 0; s < request_count; s++) {
        replied += requests[s].replied;
    }
    printf("%d %lld", replied, (long long)whole);
    for (int32_t s = 0; s < request_count; s++) {
        printf(" %lld,%lld", (long long)requests[s].first, (long long)requests[s].last);
    }
    printf("\n");
    fflush(stdout);
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fail("usage: slots_benchmark LLAMA MODEL THREADS CELLS TOKENS REQUESTS");
    }
    const int32_t threads = atoi(argv[3]), cells = atoi(argv[4]), most = atoi(argv[5]);
    request_count = atoi(argv[6]);
    if (threads < 1 || most < 1 || cells < 256 || request_count < 1 || request_count > MOST_REQUESTS) {
        fail("threads and tokens must be 1 or more, cells 256 or more, requests 1 to 64");
    }
    static char line[16 * BATCH];
    for (int32_t s = 0; s < request_count; s++) {
        if (fgets(line, sizeof line, stdin) == NULL) {
            fail("there must be a line with a prompt for each request");
        }
        for (char *id = strtok(line, ","); id != NULL; id = strtok(NULL, ",")) {
            if (requests[s].count == BATCH) {
                fail("a prompt is longer than 512 tokens");
            }
            requests[s].prompt[requests[s].count++] = atoi(id);
        }
    }
    open_shared(argv[1], argv[2], (uint32_t)cells / 2, (uint32_t)cells, (uint32_t)request_count, threads);
    while (fgets(line, sizeof line, stdin) != NULL) {
        answer_all(most);
    }
    close_model();
    return 0;
}
