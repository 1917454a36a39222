#include <stdlib.h>
#include <string.h>

#include "internal.h"

typedef struct apply_call {
    const abi *abi;
    const char *chat_template;
    const abi_message *messages;
    size_t count;
    bool add_generation_prompt;
    char *out;
    int32_t capacity;
    int32_t result;
} apply_call;

static void apply(void *argument) {
    apply_call *call = argument;
    call->result = call->abi->llama_chat_apply_template(call->chat_template, call->messages, call->count,
                                                        call->add_generation_prompt, call->out, call->capacity);
}

/* Splits "role NUL content NUL" into messages; false where the text does not hold exactly `count` of them. */
static bool split_messages(const char *text, int64_t bytes, abi_message *messages, int32_t count) {
    const char *position = text;
    const char *end = text + bytes;
    for (int32_t i = 0; i < 2 * count; i++) {
        const char *stop = position < end ? memchr(position, '\0', (size_t)(end - position)) : NULL;
        if (stop == NULL) {
            return false;
        }
        *(i % 2 == 0 ? &messages[i / 2].role : &messages[i / 2].content) = position;
        position = stop + 1;
    }
    return position == end;
}

static int32_t render(apply_call *call, int64_t messages_bytes, char **rendered, char *error) {
    /* A first guess that is nearly always enough; the answer says what is. */
    int64_t guess = 2 * messages_bytes + 1024;
    call->capacity = guess < INT32_MAX ? (int32_t)guess : INT32_MAX;
    for (;;) {
        call->out = malloc((size_t)call->capacity);
        if (call->out == NULL) {
            return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
        }
        *rendered = call->out;
        int32_t status = demur_guard(apply, call, "llama_chat_apply_template", error);
        if (status != DEMUR_OK) {
            return status;
        }
        if (call->result < 0) {
            return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                              "llama.cpp does not know this chat template; name one that it knows.");
        }
        if (call->result <= call->capacity) {
            return DEMUR_OK;
        }
        free(call->out);
        *rendered = NULL;
        call->capacity = call->result;
    }
}

int32_t demur_chat_apply(demur_runtime *runtime, const char *chat_template, const char *messages,
                         int64_t messages_bytes, int32_t message_count, int32_t add_generation_prompt, char *out,
                         int64_t capacity, int64_t *length, char *error) {
    if (runtime == NULL || chat_template == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", runtime == NULL ? "runtime" : "chat_template");
    }
    int32_t status = demur_text_check(out, capacity, length, error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (message_count < 0 || messages_bytes < 0 || messages_bytes > INT32_MAX / 4) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d messages in %lld bytes cannot be.", message_count,
                          (long long)messages_bytes);
    }
    if (messages == NULL && messages_bytes > 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "messages is NULL.");
    }
    if ((int64_t)message_count * 2 > messages_bytes) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d messages do not fit into %lld bytes.", message_count,
                          (long long)messages_bytes);
    }
    abi_message *list = malloc((size_t)(message_count > 0 ? message_count : 1) * sizeof *list);
    if (list == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    char *rendered = NULL;
    if (!split_messages(messages, messages_bytes, list, message_count)) {
        status = demur_fail(error, DEMUR_ERROR_ARGUMENT, "messages does not hold exactly %d roles and contents.",
                            message_count);
    } else {
        apply_call call = {
            &runtime->abi, chat_template, list, (size_t)message_count, add_generation_prompt != 0, NULL, 0, 0};
        status = render(&call, messages_bytes, &rendered, error);
        if (status == DEMUR_OK) {
            status = demur_text_copy(rendered, (size_t)call.result, out, capacity, length, error);
        }
    }
    free(rendered);
    free(list);
    return status;
}

typedef struct names_call {
    const abi *abi;
    const char **names;
    size_t capacity;
    int32_t count;
} names_call;

static void list_names(void *argument) {
    names_call *call = argument;
    call->count = call->abi->llama_chat_builtin_templates(call->names, call->capacity);
}

int32_t demur_chat_template_names(demur_runtime *runtime, char *out, int64_t capacity, int64_t *length, char *error) {
    if (runtime == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "runtime is NULL.");
    }
    int32_t status = demur_text_check(out, capacity, length, error);
    if (status != DEMUR_OK) {
        return status;
    }
    enum { MOST = 512 };
    const char *names[MOST];
    names_call call = {&runtime->abi, names, MOST, 0};
    status = demur_guard(list_names, &call, "llama_chat_builtin_templates", error);
    if (status != DEMUR_OK) {
        return status;
    }
    demur_text text = {0};
    for (int32_t i = 0; i < call.count && i < MOST; i++) {
        demur_text_append(&text, names[i], strlen(names[i]));
        demur_text_append(&text, "\n", 1);
    }
    return demur_text_hand_over(&text, out, capacity, length, error);
}
