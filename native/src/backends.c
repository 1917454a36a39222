/* The shared libraries that a llama.cpp loads its devices from (libggml-vulkan and the like), and why one gives none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "internal.h"
#include "system.h"

enum { FOLDER_SIZE = 4096, NAME_SIZE = 256 };

/* ---- loading ---- */

/* Where libggml lies, which need not be where libllama does. */
static bool folder_of_ggml(const abi *abi, char out[FOLDER_SIZE]) {
    void (*function)(void);
    memcpy(&function, &abi->ggml_backend_dev_count, sizeof function);
    char *path = demur_library_path(function);
    size_t length = path != NULL ? (size_t)(demur_path_name(path) - path) : 0;
    bool fits = length > 1 && length <= FOLDER_SIZE;
    if (fits) {
        memcpy(out, path, length - 1);
        out[length - 1] = '\0';
    }
    free(path);
    return fits;
}

static bool ends_with(const char *text, size_t length, const char *end) {
    size_t end_length = strlen(end);
    return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/* "metal.0.5.0" of libggml-metal.0.5.0.dylib: what a program was linked against, not what is loaded by itself. */
static bool has_version(const char *name) {
    const char *dot = strchr(name, '.');
    return dot != NULL && dot[strspn(dot, ".0123456789")] == '\0';
}

/*
 * "vulkan" of "libggml-vulkan.so" and of "ggml-vulkan.dll", "cpu-armv8.0_1" of "libggml-cpu-armv8.0_1.so": names have
 * dots in them. False for what is no backend that is loaded by itself.
 */
static bool backend_name(const char *file, char out[NAME_SIZE]) {
#if defined(_WIN32)
    static const char prefix[] = "ggml-", *const suffixes[] = {".dll"};
#else
    static const char prefix[] = "libggml-", *const suffixes[] = {".so", ".dylib"};
#endif
    size_t length = strlen(file);
    const char *suffix = NULL;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        suffix = ends_with(file, length, suffixes[i]) ? suffixes[i] : suffix;
    }
    if (suffix == NULL || strncmp(file, prefix, sizeof prefix - 1) != 0) {
        return false;
    }
    const char *name = file + sizeof prefix - 1;
    length -= sizeof prefix - 1 + strlen(suffix);
    if (length == 0 || length >= NAME_SIZE) {
        return false;
    }
    memcpy(out, name, length);
    out[length] = '\0';
    return strcmp(out, "base") != 0 && !(strcmp(suffix, ".dylib") == 0 && has_version(out));
}

static bool is_no_backend(const char *file, void *found) {
    char name[NAME_SIZE];
    *(bool *)found = backend_name(file, name);
    return !*(bool *)found;
}

static bool holds_backends(const char *folder) {
    bool found = false;
    demur_folder_each(folder, is_no_backend, &found);
    return found;
}

static bool load_from(abi *abi, const char *base, const char *below) {
    size_t length = (size_t)snprintf(abi->backends, sizeof abi->backends, "%s%s", base, below);
    if (length < sizeof abi->backends && holds_backends(abi->backends)) {
        abi->ggml_backend_load_all_from_path(abi->backends);
        return true;
    }
    abi->backends[0] = '\0';
    return false;
}

/*
 * ggml's own search would go through the folder of the program and the current one, where anybody may have put a
 * library: only folders that belong to the opened one are looked at.
 */
void abi_load_backends(abi *abi, const char *folder) {
    char ggml[FOLDER_SIZE];
    if (abi->ggml_backend_load_all_from_path == NULL) {
        return;
    }
    if (abi->ggml_backend_dev_count() == 0 && load_from(abi, folder, "")) {
        return;
    }
    if (!folder_of_ggml(abi, ggml)) {
        return;
    }
    /* Distributions put them below the folder of libggml, Homebrew beside it, in libexec. */
    static const char *const below[] = {"/ggml/backends0", "/ggml/backends", "/ggml", "/../libexec"};
    for (size_t i = 0; i < sizeof below / sizeof *below; i++) {
        if (load_from(abi, ggml, below[i])) {
            return;
        }
    }
    if (abi->ggml_backend_dev_count() == 0 && strcmp(ggml, folder) != 0) {
        load_from(abi, ggml, "");
    }
}

/* ---- what is wrong with them ---- */

static void tell(demur_text *text, size_t *count, const char *backend, const char *problem) {
    char key[64];
    snprintf(key, sizeof key, "backend.%zu.name", *count);
    demur_text_line(text, key, backend);
    snprintf(key, sizeof key, "backend.%zu.problem", *count);
    demur_text_line(text, key, problem);
    ++*count;
}

static void tell_of_those_without_devices(const abi *abi, demur_text *text, size_t *count) {
    if (abi->ggml_backend_reg_count == NULL || abi->ggml_backend_reg_get == NULL ||
        abi->ggml_backend_reg_name == NULL || abi->ggml_backend_reg_dev_count == NULL) {
        return;
    }
    for (size_t i = 0; i < abi->ggml_backend_reg_count(); i++) {
        void *backend = abi->ggml_backend_reg_get(i);
        const char *name = abi->ggml_backend_reg_name(backend);
        /* RPC has devices only where servers are named. */
        if (name != NULL && abi->ggml_backend_reg_dev_count(backend) == 0 && strcmp(name, "RPC") != 0) {
            tell(text, count, name,
                 strcmp(name, "Vulkan") == 0
                     ? "it found no device; one in software counts only where GGML_VK_VISIBLE_DEVICES=0 is set"
                     : "it found no device");
        }
    }
}

typedef struct telling {
    const char *folder;
    demur_text *text;
    size_t *count;
} telling;

static bool tell_unless_loaded(const char *file, void *data) {
    telling *telling = data;
    char name[NAME_SIZE], path[FOLDER_SIZE + 300], reason[DEMUR_ERROR_SIZE];
    /* Of those for the processor one is taken and the others are not. */
    if (!backend_name(file, name) || strncmp(name, "cpu", 3) == 0) {
        return true;
    }
    snprintf(path, sizeof path, "%s/%s", telling->folder, file);
    if (demur_library_is_loaded(path)) {
        return true;
    }
    void *library = demur_library_open(path, reason);
    tell(telling->text, telling->count, name,
         library != NULL ? "llama.cpp did not take it: its driver or device is missing" : reason);
    if (library != NULL) {
        demur_library_close(library);
    }
    return true;
}

static void tell_of_those_not_loaded(const abi *abi, demur_text *text, size_t *count) {
    telling telling = {abi->backends, text, count};
    if (abi->backends[0] != '\0') {
        demur_folder_each(abi->backends, tell_unless_loaded, &telling);
    }
}

void demur_backends_describe(const abi *abi, demur_text *text) {
    size_t count = 0;
    tell_of_those_without_devices(abi, text, &count);
    tell_of_those_not_loaded(abi, text, &count);
}
