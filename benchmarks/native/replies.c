/*
 * The plain loop over llama.cpp that Demur's is compared with: decode a token, take the largest logit of the row.
 * Arguments: a llama.cpp library, a model, threads, the size of the context, the most tokens of a reply, and the ids of
 * a prompt, with commas. For every line of standard input, a number of replies, it gives that many to the prompt and
 * prints "tokens after_ns whole_ns hash": the tokens of a reply; the time of all replies from their first token on, and
 * the whole of it; the FNV-1a hash of the reply's text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plain.h"

enum { MOST_TOKENS = 4096 };

static int32_t prompt[BATCH];
static int32_t prompt_count;
static int32_t reply[MOST_TOKENS];
static int32_t reply_count;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

/* Decodes tokens from `position` on and returns the best one after the last of them. */
static int32_t step(int32_t *tokens, int32_t count, int32_t position) {
    const float *row = row_behind(tokens, count, position);
    int32_t best = 0;
    for (int32_t i = 1; i < vocabulary_size; i++) {
        best = row[i] > row[best] ? i : best;
    }
    return best;
}

/* Returns the time from the first token on. */
static int64_t answer(int32_t most) {
    reply_count = 0;
    if (!abi_memory_remove(&llama, context, 0, 0, -1)) {
        fail("the model's memory cannot forget");
    }
    int32_t token = step(prompt, prompt_count, 0);
    const int64_t begin = now();
    while (!llama.llama_vocab_is_eog(vocabulary, token)) {
        reply[reply_count++] = token;
        if (reply_count == most) {
            break;
        }
        token = step(&token, 1, prompt_count + reply_count - 1);
    }
    return now() - begin;
}

static uint64_t hash(void) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (int32_t i = 0; i < reply_count; i++) {
        char piece[256];
        int32_t length = llama.llama_token_to_piece(vocabulary, reply[i], piece, sizeof piece, 0, false);
        for (int32_t b = 0; b < length; b++) {
            hash = (hash ^ (unsigned char)piece[b]) * UINT64_C(0x100000001b3);
        }
    }
    return hash;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fail("usage: replies_benchmark LLAMA MODEL THREADS CONTEXT TOKENS ID,ID,…");
    }
    const int32_t threads = atoi(argv[3]), size = atoi(argv[4]), most = atoi(argv[5]);
    if (threads < 1 || most < 1 || most > MOST_TOKENS) {
        fail("threads must be 1 or more, tokens 1 to 4096");
    }
    for (char *id = strtok(argv[6], ","); id != NULL; id = strtok(NULL, ",")) {
        if (prompt_count == BATCH) {
            fail("the prompt is longer than 512 tokens");
        }
        prompt[prompt_count++] = atoi(id);
    }
    open_model(argv[1], argv[2], (uint32_t)size, threads);
    int replies;
    while (scanf("%d", &replies) == 1) {
        int64_t after = 0;
        const int64_t begin = now();
        for (int i = 0; i < replies; i++) {
            after += answer(most);
        }
        const int64_t whole = now() - begin;
        printf("%d %lld %lld %016llx\n", reply_count, (long long)after, (long long)whole, (unsigned long long)hash());
        fflush(stdout);
    }
    close_model();
    return 0;
}
