/* How a libdemur stays for the process, and how a copy of its file finds the functions of the one that was first. */
#if !defined(_WIN32) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <stddef.h>
#include <string.h>

#include "internal.h"

#if defined(_WIN32)
#include <windows.h>

void demur_stay(void) {
    HMODULE library;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)demur_stay,
                       &library);
}

void *demur_library_again(const char *path, char *error) {
    static _Thread_local wchar_t wide[32768];
    HMODULE library = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, 32768) == 0
                          ? NULL
                          : LoadLibraryExW(wide, NULL, 0);
    if (library == NULL) {
        demur_fail(error, DEMUR_ERROR_LOAD, "%s cannot be opened: error %lu", path, GetLastError());
    }
    return library;
}

void *demur_library_function(void *library, const char *name) {
    FARPROC symbol = GetProcAddress(library, name);
    void *address;
    memcpy(&address, &symbol, sizeof address);
    return address;
}
#else
#include <dlfcn.h>

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

void *demur_library_again(const char *path, char *error) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        const char *reason = dlerror();
        demur_fail(error, DEMUR_ERROR_LOAD, "%s cannot be opened: %s", path,
                   reason != NULL ? reason : "no reason given");
    }
    return library;
}

void *demur_library_function(void *library, const char *name) { return dlsym(library, name); }
#endif
