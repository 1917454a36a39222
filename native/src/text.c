#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* The length of `text` without the beginning of a UTF-8 character whose rest was cut off. */
static size_t whole_characters(const char *text, size_t length) {
    size_t start = length;
    while (start > 0 && length - start < 4) {
        unsigned char byte = (unsigned char)text[--start];
        if (byte < 0x80) {
            return length;
        }
        if (byte >= 0xC0) {
            size_t need = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            return length - start < need ? start : length;
        }
    }
    return length;
}

int32_t demur_fail(char *error, int32_t status, const char *format, ...) {
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        int written = vsnprintf(error, DEMUR_ERROR_SIZE, format, arguments);
        va_end(arguments);
        if (written < 0) {
            error[0] = '\0';
        } else if (written >= DEMUR_ERROR_SIZE) {
            error[whole_characters(error, DEMUR_ERROR_SIZE - 1)] = '\0';
        }
    }
    return status;
}

void demur_text_append(demur_text *text, const char *bytes, size_t length) {
    if (text->failed || length == 0) {
        return;
    }
    if (length > text->capacity - text->length) {
        size_t capacity = text->capacity < 512 ? 512 : text->capacity * 2;
        while (capacity - text->length < length) {
            capacity *= 2;
        }
        char *grown = realloc(text->bytes, capacity);
        if (grown == NULL) {
            text->failed = true;
            return;
        }
        text->bytes = grown;
        text->capacity = capacity;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void demur_text_line(demur_text *text, const char *key, const char *value) {
    demur_text_append(text, key, strlen(key));
    demur_text_append(text, "\t", 1);
    size_t begin = text->length;
    demur_text_append(text, value, strlen(value));
    if (!text->failed) {
        for (size_t i = begin; i < text->length; i++) {
            char byte = text->bytes[i];
            if (byte == '\t' || byte == '\n' || byte == '\r') {
                text->bytes[i] = ' ';
            }
        }
    }
    demur_text_append(text, "\n", 1);
}

int32_t demur_text_check(const char *out, int64_t capacity, const int64_t *length, char *error) {
    if (length == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "length is NULL.");
    }
    if (capacity < 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "capacity is negative: %lld.", (long long)capacity);
    }
    if (out == NULL && capacity > 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "out is NULL with a capacity of %lld.", (long long)capacity);
    }
    return DEMUR_OK;
}

int32_t demur_text_copy(const char *bytes, size_t bytes_length, char *out, int64_t capacity, int64_t *length,
                        char *error) {
    *length = (int64_t)bytes_length;
    if ((uint64_t)capacity < bytes_length) {
        return demur_fail(error, DEMUR_ERROR_SPACE, "The text needs %lld bytes, the buffer has %lld.",
                          (long long)bytes_length, (long long)capacity);
    }
    if (bytes_length > 0) {
        memcpy(out, bytes, bytes_length);
    }
    return DEMUR_OK;
}

int32_t demur_text_hand_over(demur_text *text, char *out, int64_t capacity, int64_t *length, char *error) {
    int32_t status = text->failed ? demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.")
                                  : demur_text_copy(text->bytes, text->length, out, capacity, length, error);
    free(text->bytes);
    return status;
}
