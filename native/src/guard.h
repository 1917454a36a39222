/* The border that no C++ exception of llama.cpp crosses (guard.cpp), and what that file, the only one in C++, needs. */
#ifndef DEMUR_GUARD_H
#define DEMUR_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "demur.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the sentence to `error` (which may be NULL), cut at a character's edge, and returns `status`. */
int32_t demur_fail(char *error, int32_t status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Runs body(call); an exception that leaves it becomes DEMUR_ERROR_EXCEPTION (or _MEMORY) with its message, and an
 * assertion that fails in it DEMUR_ERROR_ASSERTION.
 */
int32_t demur_guard(void (*body)(void *call), void *call, const char *function, char *error);

/*
 * The same for a body that may have several threads compute. These wait for one another, so that none can be unwound
 * while they are at it: an assertion that fails then ends the process.
 */
int32_t demur_guard_threads(void (*body)(void *call), void *call, const char *function, char *error);

/* Throws what demur_guard catches; returns, having printed it, where nothing would catch it: the process ends. */
void demur_assertion_failed(const char *message);

/* ---- of C, for guard.cpp ---- */

/* Which failed assertions of this thread become exceptions. */
typedef enum demur_guarded { DEMUR_GUARDED_NO, DEMUR_GUARDED_UNLESS_COMPUTING, DEMUR_GUARDED_ALWAYS } demur_guarded;
demur_guarded demur_guard_state(void);
void demur_guard_enter(demur_guarded state);

bool demur_is_computing(void); /* whether this thread is one of those that compute */
void demur_print_error(const char *message);

#ifdef __cplusplus
}
#endif

#endif
