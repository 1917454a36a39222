/* A test program is a list of functions whose names are sentences; it fails when any CHECK in them did. */
#ifndef DEMUR_TEST_H
#define DEMUR_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "demur.h"
#include "random.h"

static int test_failures;
static char error[DEMUR_ERROR_SIZE];

/* Whether this is the long run, mvn verify -Plong. */
static inline bool long_run(void) {
    const char *wanted = getenv("DEMUR_TEST_LONG");
    return wanted != NULL && strcmp(wanted, "true") == 0;
}

/* demur_context_step of one sequence; `sampler` NULL where the compute graph draws. */
static inline int32_t step_one(demur_context *context, demur_sampler *sampler, int32_t token, int32_t sequence,
                               int32_t *next, char *message) {
    return demur_context_step(context, 1, &token, &sequence, sampler == NULL ? NULL : &sampler, next, message);
}

#define CHECK_SAYING(condition, ...)                                                                                   \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            test_failures++;                                                                                           \
            fprintf(stderr, "%s:%d: in %s: %s: ", __FILE__, __LINE__, __func__, #condition);                           \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
        }                                                                                                              \
    } while (0)
#define CHECK(condition) CHECK_SAYING(condition, "does not hold")

/* The call gives this status, and a sentence in `error` exactly when it is no success. */
#define CHECK_STATUS(expected, call)                                                                                   \
    do {                                                                                                               \
        error[0] = '\0';                                                                                               \
        int32_t status_ = (call);                                                                                      \
        CHECK_SAYING(status_ == (expected), "%s is %d, not %d: %s", #call, status_, (int)(expected), error);           \
        CHECK_SAYING((error[0] != '\0') == (status_ != DEMUR_OK), "status %d with the message \"%s\"", status_,        \
                     error);                                                                                           \
    } while (0)
#define CHECK_OK(call) CHECK_STATUS(DEMUR_OK, call)

/* For what the rest of a test cannot do without. */
#define NEED(call)                                                                                                     \
    do {                                                                                                               \
        error[0] = '\0';                                                                                               \
        int32_t status_ = (call);                                                                                      \
        if (status_ != DEMUR_OK) {                                                                                     \
            fprintf(stderr, "%s:%d: in %s: %s is %d: %s\n", __FILE__, __LINE__, __func__, #call, status_, error);      \
            exit(1);                                                                                                   \
        }                                                                                                              \
    } while (0)

#define CHECK_MENTIONS(part) CHECK_SAYING(strstr(error, part) != NULL, "\"%s\" does not mention \"%s\"", error, part)

#define RUN(test)                                                                                                      \
    do {                                                                                                               \
        int before_ = test_failures;                                                                                   \
        test();                                                                                                        \
        printf("%s %s\n", before_ == test_failures ? "ok  " : "FAIL", #test);                                          \
        fflush(stdout);                                                                                                \
    } while (0)

static inline int test_result(void) {
    if (test_failures > 0) {
        fprintf(stderr, "%d checks failed\n", test_failures);
    }
    return test_failures > 0;
}

#endif
