#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "system.h"

static demur_lock runtimes_lock = DEMUR_LOCK_INITIAL;
static demur_runtime *runtimes;

static char *copy_of(const char *text, size_t length) {
    char *copy = malloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

static char *folder_of(const char *path) {
    size_t length = (size_t)(demur_path_name(path) - path);
    return length > 1 ? copy_of(path, length - 1) : copy_of(length == 1 ? path : ".", 1);
}

static int32_t check_cpu(int64_t required, char *error) {
    static const struct {
        int64_t bit;
        const char *name;
    } names[] = {{DEMUR_CPU_AVX2, " AVX2"}, {DEMUR_CPU_FMA, " FMA"},        {DEMUR_CPU_F16C, " F16C"},
                 {DEMUR_CPU_BMI2, " BMI2"}, {DEMUR_CPU_AVX512, " AVX-512"}, {DEMUR_CPU_NEON, " NEON"}};
    int64_t missing = required & ~demur_cpu_features();
    if (missing == 0) {
        return DEMUR_OK;
    }
    char list[96] = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (missing & names[i].bit) {
            strcat(list, names[i].name);
            missing &= ~names[i].bit;
        }
    }
    if (missing != 0) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "required_features has unknown bits: 0x%llx.",
                          (unsigned long long)missing);
    }
    return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                      "This llama.cpp library needs%s, which this CPU or operating system lacks; add the artifact "
                      "demur-llama-linux-x64, which has builds for older CPUs, or name another build of llama.cpp.",
                      list);
}

typedef struct start_call {
    abi *abi;
    void *library;
    const char *folder;
    char *error;
    int32_t status;
} start_call;

static void start(void *argument) {
    start_call *call = argument;
    call->status = abi_start(call->abi, call->library, call->folder, demur_log_callback, call->error);
    if (call->status == DEMUR_OK) {
        demur_catch_assertions(call->abi);
    }
}

static void start_graph(void *argument) { abi_start_graph(argument); }

/* With the lock held. Takes `path` over. */
static int32_t open_locked(char *path, demur_runtime **opened, char *error) {
    void *library = abi_library_open(path, error);
    if (library == NULL) {
        free(path);
        return DEMUR_ERROR_LOAD;
    }
    for (demur_runtime *known = runtimes; known != NULL; known = known->next) {
        if (known->abi.library == library) {
            free(path);
            *opened = known;
            return DEMUR_OK;
        }
    }
    demur_runtime *runtime = calloc(1, sizeof *runtime);
    char *folder = folder_of(path);
    if (runtime == NULL || folder == NULL) {
        free(runtime);
        free(folder);
        free(path);
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    }
    runtime->decoding = (demur_lock)DEMUR_LOCK_INITIAL;
    start_call call = {&runtime->abi, library, folder, error, DEMUR_OK};
    int32_t status = demur_guard(start, &call, "opening llama.cpp", error);
    status = status == DEMUR_OK ? call.status : status;
    free(folder);
    if (status == DEMUR_ERROR_UNSUPPORTED && error != NULL) {
        char reason[DEMUR_ERROR_SIZE];
        memcpy(reason, error, sizeof reason);
        demur_fail(error, status, "%s is no llama.cpp that Demur can use: %s %s", path, reason, ABI_ADVICE);
    }
    if (status != DEMUR_OK) {
        /* The library stays: llama.cpp may have started threads and registered things by now. */
        free(runtime);
        free(path);
        return status;
    }
    char reason[DEMUR_ERROR_SIZE];
    if (demur_guard(start_graph, &runtime->abi, "trying samplers in a compute graph", reason) != DEMUR_OK) {
        snprintf(runtime->abi.no_graph, sizeof runtime->abi.no_graph, "%.180s", reason);
    }
    runtime->path = path;
    runtime->next = runtimes;
    runtimes = runtime;
    *opened = runtime;
    return DEMUR_OK;
}

int32_t demur_runtime_open(const char *path, int64_t required_features, demur_runtime **runtime, char *error) {
    if (path == NULL || runtime == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "%s is NULL.", path == NULL ? "path" : "runtime");
    }
    int32_t status = check_cpu(required_features, error);
    if (status != DEMUR_OK) {
        return status;
    }
    demur_file kind = demur_file_kind(path);
    if (kind == DEMUR_FILE_NONE) {
        return demur_fail(error, DEMUR_ERROR_LOAD, "There is no llama.cpp library at %s.", path);
    }
    if (kind != DEMUR_FILE_PLAIN) {
        return demur_fail(error, DEMUR_ERROR_LOAD, "%s is no file: name the llama.cpp library itself.", path);
    }
    char *absolute = demur_path_absolute(path);
    if (absolute == NULL) {
        return demur_fail(error, DEMUR_ERROR_LOAD, "The path of %s cannot be resolved.", path);
    }
    demur_lock_acquire(&runtimes_lock);
    /* A class loader that is collected would take the library along, under llama.cpp's feet. */
    static bool stays;
    if (!stays) {
        demur_stay();
        stays = true;
    }
    status = open_locked(absolute, runtime, error);
    demur_lock_release(&runtimes_lock);
    return status;
}

typedef struct describe_call {
    demur_runtime *runtime;
    demur_text *text;
} describe_call;

static void describe_device(demur_text *text, const abi *abi, size_t index) {
    struct ggml_backend_device *device = abi->ggml_backend_dev_get(index);
    const char *name = abi->ggml_backend_dev_name(device);
    const char *description = abi->ggml_backend_dev_description(device);
    size_t memory_free = 0, memory_total = 0;
    abi->ggml_backend_dev_memory(device, &memory_free, &memory_total);
    char key[64], number[32];
    snprintf(key, sizeof key, "device.%zu.name", index);
    demur_text_line(text, key, name != NULL ? name : "");
    snprintf(key, sizeof key, "device.%zu.description", index);
    demur_text_line(text, key, description != NULL ? description : "");
    snprintf(key, sizeof key, "device.%zu.type", index);
    demur_text_line(text, key, abi_device_type(abi, device));
    snprintf(key, sizeof key, "device.%zu.memory_free", index);
    snprintf(number, sizeof number, "%zu", memory_free);
    demur_text_line(text, key, number);
    snprintf(key, sizeof key, "device.%zu.memory_total", index);
    snprintf(number, sizeof number, "%zu", memory_total);
    demur_text_line(text, key, number);
}

static void describe(void *argument) {
    describe_call *call = argument;
    const abi *abi = &call->runtime->abi;
    const char *version = abi->llama_version != NULL ? abi->llama_version() : NULL;
    const char *system = abi->llama_print_system_info();
    demur_text_line(call->text, "path", call->runtime->path);
    demur_text_line(call->text, "abi", abi->new_memory ? "new" : "old");
    demur_text_line(call->text, "version", version != NULL ? version : "");
    demur_text_line(call->text, "system_info", system != NULL ? system : "");
    demur_text_line(call->text, "decodes", abi->one_decode_at_a_time ? "one" : "many");
    demur_text_line(call->text, "no_graph", abi->no_graph);
    for (size_t i = 0; i < abi->ggml_backend_dev_count(); i++) {
        describe_device(call->text, abi, i);
    }
    if (call->runtime->backends.bytes == NULL) {
        demur_backends_describe(abi, &call->runtime->backends);
    }
    if (call->runtime->backends.length > 0) {
        demur_text_append(call->text, call->runtime->backends.bytes, call->runtime->backends.length);
    }
}

int32_t demur_runtime_describe(demur_runtime *runtime, char *out, int64_t capacity, int64_t *length, char *error) {
    if (runtime == NULL) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "runtime is NULL.");
    }
    int32_t status = demur_text_check(out, capacity, length, error);
    if (status != DEMUR_OK) {
        return status;
    }
    demur_text text = {0};
    describe_call call = {runtime, &text};
    /* llama_print_system_info builds its answer in a static string. */
    demur_lock_acquire(&runtimes_lock);
    status = demur_guard(describe, &call, "describing llama.cpp", error);
    demur_lock_release(&runtimes_lock);
    if (status != DEMUR_OK) {
        free(text.bytes);
        return status;
    }
    return demur_text_hand_over(&text, out, capacity, length, error);
}
