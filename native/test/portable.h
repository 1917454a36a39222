/* What the tests use of POSIX, on Windows too. Includes need _GNU_SOURCE. */
#ifndef DEMUR_TEST_PORTABLE_H
#define DEMUR_TEST_PORTABLE_H

#include <pthread.h> /* MinGW has it as well */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(_WIN32)
#include <direct.h>
#include <windows.h>
#undef OUT /* words that it takes from everybody */
#undef IN
#undef far
#undef near

enum { PATH_MAX_BYTES = 4096 };

static inline void *library_of(const char *path) {
    return LoadLibraryExA(path, NULL, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR);
}

static inline void *function_of(void *library, const char *name) {
    FARPROC function = GetProcAddress(library, name);
    return (void *)(uintptr_t)function;
}

/* Memory between two pages that must not be touched; NULL where there is none. `bytes` gets a multiple of a page. */
static inline void *guarded_memory(size_t *bytes) {
    const size_t page = 65536;
    DWORD before;
    *bytes = (*bytes + page - 1) / page * page;
    char *area = VirtualAlloc(NULL, *bytes + 2 * page, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    bool kept = area != NULL && VirtualProtect(area, page, PAGE_NOACCESS, &before) &&
                VirtualProtect(area + page + *bytes, page, PAGE_NOACCESS, &before);
    return kept ? area + page : NULL;
}

/* Makes the folder that `pattern` names but for its last six letters, which are replaced. */
static inline char *temporary_folder(char *pattern) {
    snprintf(pattern + strlen(pattern) - 6, 7, "%06lx", GetCurrentProcessId() & 0xFFFFFF);
    return _mkdir(pattern) == 0 ? pattern : NULL;
}
#else
#include <dlfcn.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { PATH_MAX_BYTES = PATH_MAX };

static inline void *library_of(const char *path) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
    }
    return library;
}

static inline void *function_of(void *library, const char *name) { return dlsym(library, name); }

static inline void *guarded_memory(size_t *bytes) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    *bytes = (*bytes + page - 1) / page * page;
    char *area = mmap(NULL, *bytes + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool kept = area != MAP_FAILED && mprotect(area, page, PROT_NONE) == 0 &&
                mprotect(area + page + *bytes, page, PROT_NONE) == 0;
    return kept ? area + page : NULL;
}

static inline char *temporary_folder(char *pattern) { return mkdtemp(pattern); }
#endif

#endif
