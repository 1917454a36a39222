/* The shared libraries that a llama.cpp loads its devices from (libggml-vulkan and the like), and why one gives none.
 */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "internal.h"

#if !defined(_WIN32)
#include <dirent.h>
#include <dlfcn.h>
#endif

enum { FOLDER_SIZE = 4096, NAME_SIZE = 256 };

/* ---- loading ---- */

#if defined(_WIN32)
static bool folder_of_ggml(const abi *abi, char out[FOLDER_SIZE]) {
    (void)abi;
    (void)out;
    return false;
}

static bool holds_backends(const char *folder) {
    (void)folder;
    return true;
}
#else
/* Where libggml lies, which need not be where libllama does. */
static bool folder_of_ggml(const abi *abi, char out[FOLDER_SIZE]) {
    void *function;
    memcpy(&function, &abi->ggml_backend_dev_count, sizeof function);
    Dl_info info;
    if (dladdr(function, &info) == 0 || info.dli_fname == NULL) {
        return false;
    }
    char *path = realpath(info.dli_fname, NULL);
    char *slash = path != NULL ? strrchr(path, '/') : NULL;
    bool fits = slash != NULL && (size_t)(slash - path) < FOLDER_SIZE;
    if (fits) {
        memcpy(out, path, (size_t)(slash - path));
        out[slash - path] = '\0';
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
 * "vulkan" of "libggml-vulkan.so", "cpu-armv8.0_1" of "libggml-cpu-armv8.0_1.so": names have dots in them. False for
 * what is no backend that is loaded by itself.
 */
static bool backend_name(const char *file, char out[NAME_SIZE]) {
    static const char prefix[] = "libggml-";
    size_t length = strlen(file);
    bool apple = ends_with(file, length, ".dylib");
    if (strncmp(file, prefix, sizeof prefix - 1) != 0 || (!apple && !ends_with(file, length, ".so"))) {
        return false;
    }
    const char *name = file + sizeof prefix - 1;
    length -= sizeof prefix - 1 + strlen(apple ? ".dylib" : ".so");
    if (length == 0 || length >= NAME_SIZE) {
        return false;
    }
    memcpy(out, name, length);
    out[length] = '\0';
    return strcmp(out, "base") != 0 && !(apple && has_version(out));
}

static bool holds_backends(const char *folder) {
    DIR *files = opendir(folder);
    bool found = false;
    char name[NAME_SIZE];
    for (struct dirent *file; files != NULL && !found && (file = readdir(files)) != NULL;) {
        found = backend_name(file->d_name, name);
    }
    if (files != NULL) {
        closedir(files);
    }
    return found;
}
#endif

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

#if defined(_WIN32)
static void tell_of_those_not_loaded(const abi *abi, demur_text *text, size_t *count) {
    (void)abi;
    (void)text;
    (void)count;
}
#else
static void tell_of_those_not_loaded(const abi *abi, demur_text *text, size_t *count) {
    DIR *files = abi->backends[0] != '\0' ? opendir(abi->backends) : NULL;
    if (files == NULL) {
        return;
    }
    char name[NAME_SIZE], path[FOLDER_SIZE + 300];
    for (struct dirent *file; (file = readdir(files)) != NULL;) {
        /* Of those for the processor one is taken and the others are not. */
        if (!backend_name(file->d_name, name) || strncmp(name, "cpu", 3) == 0) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", abi->backends, file->d_name);
        void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
        if (library != NULL) {
            dlclose(library);
            continue;
        }
        library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
        const char *reason = library == NULL ? dlerror() : NULL;
        tell(text, count, name,
             library != NULL  ? "llama.cpp did not take it: its driver or device is missing"
             : reason != NULL ? reason
                              : "it cannot be opened");
        if (library != NULL) {
            dlclose(library);
        }
    }
    closedir(files);
}
#endif

void demur_backends_describe(const abi *abi, demur_text *text) {
    size_t count = 0;
    tell_of_those_without_devices(abi, text, &count);
    tell_of_those_not_loaded(abi, text, &count);
}
