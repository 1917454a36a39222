/* llama.cpp's log: pieces become whole lines, lines go into one bounded store that a reader drains. */
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { LINE_SIZE = 2048, STORE_SIZE = 128 * 1024 };
enum { LEVEL_DEBUG = 1, LEVEL_INFO = 2, LEVEL_WARN = 3, LEVEL_ERROR = 4, LEVEL_CONTINUE = 5 }; /* ggml_log_level */

/* A ring of "L text\n" lines. */
static char store[STORE_SIZE];
static size_t store_begin;
static size_t store_length;
static uint64_t lost;
static char lost_level; /* the most serious one among them */
static demur_lock store_lock = DEMUR_LOCK_INITIAL;

/* The line that this thread has begun. */
static _Thread_local char line[LINE_SIZE];
static _Thread_local size_t line_length;
static _Thread_local char line_level;

static _Thread_local bool watching;
static _Thread_local const int32_t *stop;
static _Thread_local char first_error[512];

static size_t first_line_length(void) {
    size_t length = 0;
    while (store[(store_begin + length) % STORE_SIZE] != '\n') {
        length++;
    }
    return length + 1;
}

/* From least to most serious. */
static int rank(char level) {
    static const char levels[] = "DIWE";
    return (int)(strchr(levels, level) - levels);
}

static void store_append(const char *bytes, size_t length) {
    size_t end = (store_begin + store_length) % STORE_SIZE;
    size_t part = length < STORE_SIZE - end ? length : STORE_SIZE - end;
    memcpy(store + end, bytes, part);
    memcpy(store, bytes + part, length - part);
    store_length += length;
}

static void end_line(void) {
    if (line_length == 0) {
        return;
    }
    if (stop != NULL && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0) {
        line_level = 'D';
    }
    if (watching && line_level == 'E' && first_error[0] == '\0') {
        size_t length = line_length < sizeof first_error ? line_length : sizeof first_error - 1;
        memcpy(first_error, line, length);
        first_error[length] = '\0';
    }
    const char begin[2] = {line_level, ' '};
    demur_lock_acquire(&store_lock);
    while (STORE_SIZE - store_length < line_length + 3) {
        char level = store[store_begin];
        lost_level = lost == 0 || rank(level) > rank(lost_level) ? level : lost_level;
        size_t length = first_line_length();
        store_begin = (store_begin + length) % STORE_SIZE;
        store_length -= length;
        lost++;
    }
    store_append(begin, 2);
    store_append(line, line_length);
    store_append("\n", 1);
    demur_lock_release(&store_lock);
    line_length = 0;
}

void demur_log_callback(int level, const char *text, void *unused) {
    (void)unused;
    if (text == NULL) {
        return;
    }
    if (level != LEVEL_CONTINUE || line_length == 0) {
        end_line();
        line_level = level == LEVEL_DEBUG ? 'D' : level == LEVEL_WARN ? 'W' : level == LEVEL_ERROR ? 'E' : 'I';
    }
    for (const char *byte = text; *byte != '\0'; byte++) {
        if (*byte == '\n') {
            end_line();
        } else if (*byte != '\r') {
            if (line_length == LINE_SIZE) {
                end_line();
            }
            line[line_length++] = *byte;
        }
    }
}

void demur_log_watch(const int32_t *stopped) {
    first_error[0] = '\0';
    watching = true;
    stop = stopped;
}

const char *demur_log_first_error(void) {
    watching = false;
    stop = NULL;
    return first_error;
}

int32_t demur_log_read(char *out, int64_t capacity, int64_t *length, char *error) {
    int32_t status = demur_text_check(out, capacity, length, error);
    if (status != DEMUR_OK) {
        return status;
    }
    size_t written = 0, needed = 0;
    demur_lock_acquire(&store_lock);
    if (lost > 0) {
        char notice[96];
        size_t size = (size_t)snprintf(notice, sizeof notice, "%c %llu older log lines were lost\n", lost_level,
                                       (unsigned long long)lost);
        if (size <= (uint64_t)capacity) {
            memcpy(out, notice, size);
            written = size;
            lost = 0;
        } else {
            needed = size;
        }
    }
    while (needed == 0 && store_length > 0) {
        size_t size = first_line_length();
        if (size > (uint64_t)capacity - written) {
            needed = size;
            break;
        }
        size_t part = size < STORE_SIZE - store_begin ? size : STORE_SIZE - store_begin;
        memcpy(out + written, store + store_begin, part);
        memcpy(out + written + part, store, size - part);
        written += size;
        store_begin = (store_begin + size) % STORE_SIZE;
        store_length -= size;
    }
    demur_lock_release(&store_lock);
    if (written == 0 && needed > 0) {
        *length = (int64_t)needed;
        return demur_fail(error, DEMUR_ERROR_SPACE, "The next log line needs %lld bytes, the buffer has %lld.",
                          (long long)needed, (long long)capacity);
    }
    *length = (int64_t)written;
    return DEMUR_OK;
}
