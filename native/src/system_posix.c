#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "system.h"

#include <dirent.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unwind.h>

#include "internal.h"

void *demur_pages_take(size_t bytes) {
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

void demur_pages_give(void *pages, size_t bytes) { munmap(pages, bytes); }

demur_file demur_file_kind(const char *path) {
    struct stat file;
    return stat(path, &file) != 0 ? DEMUR_FILE_NONE : S_ISREG(file.st_mode) ? DEMUR_FILE_PLAIN : DEMUR_FILE_OTHER;
}

bool demur_file_readable(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file != NULL) {
        fclose(file);
    }
    return file != NULL;
}

char *demur_path_absolute(const char *path) { return realpath(path, NULL); }

const char *demur_path_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

void demur_folder_each(const char *folder, bool (*use)(const char *name, void *data), void *data) {
    DIR *files = opendir(folder);
    struct dirent *file;
    while (files != NULL && (file = readdir(files)) != NULL && use(file->d_name, data)) {
    }
    if (files != NULL) {
        closedir(files);
    }
}

void *demur_library_open(const char *path, char *error) {
    /* Local: two llama.cpp of different age in one process must not see each other's symbols. */
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        demur_fail(error, DEMUR_ERROR_LOAD, "%s", reason != NULL ? reason : "no reason given");
    }
    return library;
}

bool demur_library_fits(const char *path, char *error) {
    (void)path;
    (void)error;
    return true;
}

void demur_library_close(void *library) { dlclose(library); }

bool demur_library_is_loaded(const char *path) {
    void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (library != NULL) {
        dlclose(library);
    }
    return library != NULL;
}

void *demur_library_symbol(void *library, const char *name) { return dlsym(library, name); }

char *demur_library_path(void (*function)(void)) {
    void *address;
    memcpy(&address, &function, sizeof address);
    Dl_info info;
    return dladdr(address, &info) != 0 && info.dli_fname != NULL ? realpath(info.dli_fname, NULL) : NULL;
}

void demur_stay(void) {
    void (*self)(void) = demur_stay;
    void *address;
    memcpy(&address, &self, sizeof address);
    Dl_info info;
    if (dladdr(address, &info) != 0 && info.dli_fname != NULL) {
        /* Counted once more and never closed. The name finds what is loaded, also where the file has gone. */
        dlopen(info.dli_fname, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    }
}

typedef struct caller {
    const char *name;
    bool found;
} caller;

static _Unwind_Reason_Code look_at(struct _Unwind_Context *frame, void *data) {
    caller *wanted = data;
    Dl_info found;
    /* The address is the one to return to, which may lie behind a function that ends with a call. */
    if (dladdr((void *)((uintptr_t)_Unwind_GetIP(frame) - 1), &found) != 0 && found.dli_sname != NULL &&
        strcmp(found.dli_sname, wanted->name) == 0) {
        wanted->found = true;
        return _URC_END_OF_STACK;
    }
    return _URC_NO_REASON;
}

bool demur_called_by(const char *name) {
    caller wanted = {name, false};
    _Unwind_Backtrace(look_at, &wanted);
    return wanted.found;
}
