/*
 * What becomes of llama.cpp's failed assertions. Each is a call of ggml_abort, which ends the process. Newer releases
 * let a callback hear of it first. Before that, a library that calls it through its table of imported functions, as
 * java-llama.cpp's does, gets another function put into that table; no other library is touched.
 */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "system.h"

/* ---- for guard.cpp ---- */

static _Thread_local demur_guarded guarded;

demur_guarded demur_guard_state(void) { return guarded; }

void demur_guard_enter(demur_guarded state) { guarded = state; }

bool demur_is_computing(void) { return demur_called_by("ggml_graph_compute"); }

void demur_print_error(const char *message) { fprintf(stderr, "%s\n", message); }

#if defined(_WIN32)
void demur_never_called(void);
void demur_never_called(void) { abort(); }
#endif

/* ---- a table of imported functions ---- */

#if defined(__linux__) && defined(__LP64__) && (defined(__x86_64__) || defined(__aarch64__))
#include <dlfcn.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
enum { JUMP_SLOT = R_X86_64_JUMP_SLOT, GLOB_DAT = R_X86_64_GLOB_DAT };
#else
enum { JUMP_SLOT = R_AARCH64_JUMP_SLOT, GLOB_DAT = R_AARCH64_GLOB_DAT };
#endif

/* Does not return; throws where demur_guard can take it. */
static void fail_assertion(const char *file, int line, const char *format, ...) {
    char message[1024];
    int length = snprintf(message, sizeof message, "%s:%d: ", file, line);
    if (length >= 0 && (size_t)length < sizeof message) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(message + length, sizeof message - (size_t)length, format, arguments);
        va_end(arguments);
    }
    demur_assertion_failed(message);
    abort();
}

static void replace(void **slot) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    void *start = (void *)((uintptr_t)slot & ~(page - 1));
    /* The table may have been made read-only once it was filled; writable is what it is in a library bound lazily. */
    if (mprotect(start, page, PROT_READ | PROT_WRITE) == 0) {
        void (*function)(const char *, int, const char *, ...) = fail_assertion;
        memcpy(slot, &function, sizeof function);
    }
}

static void replace_all(const struct link_map *map, const ElfW(Rela) * entries, size_t bytes, const ElfW(Sym) * symbols,
                        const char *names) {
    for (size_t i = 0; entries != NULL && i < bytes / sizeof *entries; i++) {
        const unsigned type = (unsigned)ELF64_R_TYPE(entries[i].r_info);
        const char *name = names + symbols[ELF64_R_SYM(entries[i].r_info)].st_name;
        if ((type == JUMP_SLOT || type == GLOB_DAT) && strcmp(name, "ggml_abort") == 0) {
            replace((void **)(map->l_addr + entries[i].r_offset));
        }
    }
}

static void replace_import(void *library) {
    struct link_map *map = NULL;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0) {
        return;
    }
    const ElfW(Rela) *calls = NULL, *data = NULL;
    const ElfW(Sym) *symbols = NULL;
    const char *names = NULL;
    size_t calls_bytes = 0, data_bytes = 0;
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++) {
        switch (entry->d_tag) {
            case DT_JMPREL:
                calls = (const void *)entry->d_un.d_ptr;
                break;
            case DT_PLTRELSZ:
                calls_bytes = entry->d_un.d_val;
                break;
            case DT_RELA:
                data = (const void *)entry->d_un.d_ptr;
                break;
            case DT_RELASZ:
                data_bytes = entry->d_un.d_val;
                break;
            case DT_SYMTAB:
                symbols = (const void *)entry->d_un.d_ptr;
                break;
            case DT_STRTAB:
                names = (const void *)entry->d_un.d_ptr;
                break;
            default:
                break;
        }
    }
    if (symbols != NULL && names != NULL) {
        replace_all(map, calls, calls_bytes, symbols, names);
        replace_all(map, data, data_bytes, symbols, names);
    }
}
#else
static void replace_import(void *library) { (void)library; }
#endif

void demur_catch_assertions(const abi *abi) {
    if (abi->ggml_set_abort_callback != NULL) {
        abi->ggml_set_abort_callback(demur_assertion_failed);
    } else {
        replace_import(abi->library);
    }
}
