#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "system.h"

/* ---- loading ---- */

typedef struct load_call {
    const abi *abi;
    const char *path;
    struct ggml_backend_device **devices;
    int32_t gpu_layers;
    demur_control *control;
    demur_model *model;
} load_call;

static bool report_progress(float progress, void *data) {
    demur_control *control = data;
    if (control == NULL) {
        return true;
    }
    __atomic_store(&control->progress, &progress, __ATOMIC_RELAXED);
    return __atomic_load_n(&control->cancel, __ATOMIC_RELAXED) == 0;
}

static void load(void *argument) {
    load_call *call = argument;
    demur_model *model = call->model;
    model->llama =
        abi_model_load(call->abi, call->path, call->devices, call->gpu_layers, report_progress, call->control);
    if (model->llama != NULL) {
        model->vocabulary = call->abi->llama_model_get_vocab(model->llama);
        /* A model without a vocabulary (type 0) makes llama.cpp's tokeniser abort. */
        if (call->abi->llama_vocab_type(model->vocabulary) != 0) {
            model->vocabulary_size = call->abi->llama_vocab_n_tokens(model->vocabulary);
        }
    }
}

enum { MOST_DEVICES = 16 };

typedef struct devices_call {
    const abi *abi;
    const char *names;
    struct ggml_backend_device *devices[MOST_DEVICES + 1];
    char *error;
    int32_t status;
} devices_call;

static struct ggml_backend_device *device_named(const abi *abi, const char *name, size_t length) {
    for (size_t i = 0; i < abi->ggml_backend_dev_count(); i++) {
        struct ggml_backend_device *device = abi->ggml_backend_dev_get(i);
        const char *known = abi->ggml_backend_dev_name(device);
        if (known != NULL && strlen(known) == length && memcmp(known, name, length) == 0) {
            return device;
        }
    }
    return NULL;
}

/* The processor computes what no device does: it is no entry of llama.cpp's list. */
static void find_devices(void *argument) {
    devices_call *call = argument;
    size_t count = 0;
    bool processor = false;
    for (const char *name = call->names; *name != '\0';) {
        size_t length = strcspn(name, "\n");
        struct ggml_backend_device *device = device_named(call->abi, name, length);
        if (device == NULL || count == MOST_DEVICES) {
            call->status = demur_fail(call->error, DEMUR_ERROR_ARGUMENT,
                                      device == NULL ? "There is no device \"%.*s\"."
                                                     : "\"%.*s\" is one device more than a model can use.",
                                      (int)length, name);
            return;
        }
        const char *type = abi_device_type(call->abi, device);
        if (strcmp(type, "accel") == 0) {
            call->status =
                demur_fail(call->error, DEMUR_ERROR_ARGUMENT,
                           "\"%.*s\" helps the processor and holds no layers: it cannot be chosen.", (int)length, name);
            return;
        }
        if (strcmp(type, "cpu") == 0) {
            processor = true;
        } else {
            call->devices[count++] = device;
        }
        name += length + (name[length] == '\n');
    }
    if (processor && count > 0) {
        call->status = demur_fail(call->error, DEMUR_ERROR_ARGUMENT,
                                  "The processor computes what lies on no other device: name it alone or not at all.");
    }
}

typedef struct unload_call {
    const abi *abi;
    struct llama_model *llama;
} unload_call;

static void unload(void *argument) {
    unload_call *call = argument;
    call->abi->llama_model_free(call->llama);
}

static void destroy(demur_model *model) {
    if (model->llama != NULL) {
        unload_call call = {&model->runtime->abi, model->llama};
        demur_guard(unload, &call, "llama_model_free", NULL);
    }
    free(model);
}

int32_t demur_model_load(demur_runtime *runtime, const char *path, const char *devices, int32_t gpu_layers,
                         demur_control *control, demur_model **model, char *error) {
    if (runtime == NULL || path == NULL || model == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.",
                          runtime == NULL ? "runtime"
                          : path == NULL  ? "path"
                                          : "model");
    }
    devices_call chosen = {.abi = &runtime->abi, .names = devices, .error = error, .status = DEMUR_OK};
    if (devices != NULL) {
        int32_t failed = demur_guard(find_devices, &chosen, "looking for devices", error);
        failed = failed == DEMUR_OK ? chosen.status : failed;
        if (failed != DEMUR_OK) {
            return failed;
        }
    }
    if (!demur_file_readable(path)) {
        return demur_fail(error, DEMUR_ERROR_LOAD, "The model file %s does not exist or cannot be read.", path);
    }
    demur_model *loaded = calloc(1, sizeof *loaded);
    if (loaded == NULL) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    loaded->runtime = runtime;
    loaded->references = 1;
    load_call call = {&runtime->abi, path, devices != NULL ? chosen.devices : NULL, gpu_layers, control, loaded};
    demur_log_watch(NULL);
    int32_t status = demur_guard(load, &call, "llama_model_load_from_file", error);
    const char *reason = demur_log_first_error();
    if (status == DEMUR_OK && loaded->llama == NULL) {
        status = control != NULL && __atomic_load_n(&control->cancel, __ATOMIC_RELAXED) != 0
                     ? demur_fail(error, DEMUR_ERROR_CANCELLED, "Loading %s was cancelled.", path)
                     : demur_fail(error, DEMUR_ERROR_LOAD, "llama.cpp cannot load %s: %s%s", path,
                                  reason[0] != '\0' ? reason : "it gave no reason",
                                  !runtime->abi.new_memory && strstr(reason, "unknown model architecture") != NULL
                                      ? ". A newer llama.cpp may know it: that of the artifact demur-llama."
                                      : "");
    }
    if (status == DEMUR_OK && loaded->vocabulary_size <= 0) {
        status = demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "The model %s has no vocabulary.", path);
    }
    if (status != DEMUR_OK) {
        destroy(loaded);
        return status;
    }
    *model = loaded;
    return DEMUR_OK;
}

void demur_model_retain(demur_model *model) { __atomic_add_fetch(&model->references, 1, __ATOMIC_RELAXED); }

void demur_model_release(demur_model *model) {
    if (__atomic_sub_fetch(&model->references, 1, __ATOMIC_ACQ_REL) == 0) {
        destroy(model);
    }
}

void demur_model_free(demur_model *model) {
    if (model != NULL) {
        demur_model_release(model);
    }
}

/* ---- facts ---- */

typedef struct number_call {
    const demur_model *model;
    int32_t key;
    int64_t value;
} number_call;

static void read_number(void *argument) {
    number_call *call = argument;
    const demur_model *model = call->model;
    const abi *abi = &model->runtime->abi;
    switch ((demur_model_key)call->key) {
        case DEMUR_MODEL_VOCABULARY:
            call->value = model->vocabulary_size;
            break;
        case DEMUR_MODEL_CONTEXT:
            call->value = abi->llama_model_n_ctx_train(model->llama);
            break;
        case DEMUR_MODEL_EMBEDDING:
            call->value = abi->llama_model_n_embd(model->llama);
            break;
        case DEMUR_MODEL_LAYERS:
            call->value = abi->llama_model_n_layer(model->llama);
            break;
        case DEMUR_MODEL_PARAMETERS:
            call->value = (int64_t)abi->llama_model_n_params(model->llama);
            break;
        case DEMUR_MODEL_BYTES:
            call->value = (int64_t)abi->llama_model_size(model->llama);
            break;
        case DEMUR_MODEL_BOS:
            call->value = abi->llama_vocab_bos(model->vocabulary);
            break;
        case DEMUR_MODEL_EOS:
            call->value = abi->llama_vocab_eos(model->vocabulary);
            break;
        case DEMUR_MODEL_EOT:
            call->value = abi->llama_vocab_eot(model->vocabulary);
            break;
        case DEMUR_MODEL_ADD_BOS:
            call->value = abi->llama_vocab_get_add_bos(model->vocabulary);
            break;
        case DEMUR_MODEL_VOCABULARY_TYPE:
            call->value = abi->llama_vocab_type(model->vocabulary);
            break;
    }
}

int32_t demur_model_number(demur_model *model, int32_t key, int64_t *value, char *error) {
    if (model == NULL || value == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", model == NULL ? "model" : "value");
    }
    if (key < DEMUR_MODEL_VOCABULARY || key > DEMUR_MODEL_VOCABULARY_TYPE) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "There is no model key %d.", key);
    }
    number_call call = {model, key, 0};
    int32_t status = demur_guard(read_number, &call, "reading the model's facts", error);
    if (status == DEMUR_OK) {
        *value = call.value;
    }
    return status;
}

typedef struct description_call {
    const demur_model *model;
    char text[512];
} description_call;

static void read_description(void *argument) {
    description_call *call = argument;
    call->model->runtime->abi.llama_model_desc(call->model->llama, call->text, sizeof call->text);
}

int32_t demur_model_describe(demur_model *model, char *out, int64_t capacity, int64_t *length, char *error) {
    if (model == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "model is NULL.");
    }
    int32_t status = demur_text_check(out, capacity, length, error);
    if (status != DEMUR_OK) {
        return status;
    }
    description_call call = {.model = model, .text = ""};
    status = demur_guard(read_description, &call, "llama_model_desc", error);
    return status != DEMUR_OK ? status : demur_text_copy(call.text, strlen(call.text), out, capacity, length, error);
}

/* ---- vocabulary ---- */

typedef struct attributes_call {
    const demur_model *model;
    int32_t first;
    int32_t count;
    int32_t *attributes;
} attributes_call;

static void read_attributes(void *argument) {
    attributes_call *call = argument;
    const abi *abi = &call->model->runtime->abi;
    for (int32_t i = 0; i < call->count; i++) {
        int32_t token = call->first + i;
        int32_t bits = abi->llama_vocab_get_attr(call->model->vocabulary, token);
        bool ends = abi->llama_vocab_is_eog(call->model->vocabulary, token);
        call->attributes[i] = bits | (ends ? DEMUR_TOKEN_END_OF_GENERATION : 0);
    }
}

int32_t demur_token_attributes(demur_model *model, int32_t first, int32_t count, int32_t *attributes, char *error) {
    if (model == NULL || attributes == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", model == NULL ? "model" : "attributes");
    }
    if (first < 0 || count < 0 || first > model->vocabulary_size || count > model->vocabulary_size - first) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%d tokens from %d on: the vocabulary has %d.", count, first,
                          model->vocabulary_size);
    }
    attributes_call call = {model, first, count, attributes};
    return demur_guard(read_attributes, &call, "llama_vocab_get_attr", error);
}

typedef struct tokenize_call {
    const demur_model *model;
    const char *text;
    int32_t bytes;
    bool add_special;
    bool parse_special;
    int32_t *ids;
    int32_t capacity;
    int32_t result;
} tokenize_call;

static void tokenize(void *argument) {
    tokenize_call *call = argument;
    call->result = call->model->runtime->abi.llama_tokenize(call->model->vocabulary, call->text, call->bytes, call->ids,
                                                            call->capacity, call->add_special, call->parse_special);
}

int32_t demur_tokenize(demur_model *model, const char *text, int32_t bytes, int32_t add_special, int32_t parse_special,
                       int32_t *ids, int32_t capacity, int32_t *count, char *error) {
    if (model == NULL || count == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", model == NULL ? "model" : "count");
    }
    if (bytes < 0 || capacity < 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is negative: %d.", bytes < 0 ? "bytes" : "capacity",
                          bytes < 0 ? bytes : capacity);
    }
    if ((text == NULL && bytes > 0) || (ids == NULL && capacity > 0)) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", text == NULL && bytes > 0 ? "text" : "ids");
    }
    tokenize_call call = {model, text != NULL ? text : "", bytes, add_special != 0, parse_special != 0, ids, capacity,
                          0};
    int32_t status = demur_guard(tokenize, &call, "llama_tokenize", error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (call.result == INT32_MIN) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "The text has more tokens than llama.cpp can count.");
    }
    if (call.result < 0) {
        *count = -call.result;
        return demur_fail(error, DEMUR_ERROR_SPACE, "The text has %d tokens, the buffer takes %d.", -call.result,
                          capacity);
    }
    *count = call.result;
    return DEMUR_OK;
}

typedef struct piece_call {
    const demur_model *model;
    int32_t token;
    bool special;
    char *out;
    int32_t capacity;
    int32_t result;
} piece_call;

static void read_piece(void *argument) {
    piece_call *call = argument;
    call->result = call->model->runtime->abi.llama_token_to_piece(call->model->vocabulary, call->token, call->out,
                                                                  call->capacity, 0, call->special);
}

int32_t demur_token_piece(demur_model *model, int32_t token, int32_t special, char *out, int64_t capacity,
                          int64_t *length, char *error) {
    if (model == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "model is NULL.");
    }
    int32_t status = demur_text_check(out, capacity, length, error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (token < 0 || token >= model->vocabulary_size) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "Token %d: the vocabulary has %d.", token,
                          model->vocabulary_size);
    }
    piece_call call = {model, token, special != 0, out, capacity < INT32_MAX ? (int32_t)capacity : INT32_MAX, 0};
    status = demur_guard(read_piece, &call, "llama_token_to_piece", error);
    if (status != DEMUR_OK) {
        return status;
    }
    if (call.result < 0) {
        *length = -(int64_t)call.result;
        return demur_fail(error, DEMUR_ERROR_SPACE, "The piece needs %lld bytes, the buffer has %lld.",
                          (long long)*length, (long long)capacity);
    }
    *length = call.result;
    return DEMUR_OK;
}
