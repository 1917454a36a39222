/* Paths and names are UTF-8 outside and UTF-16 inside: what takes "ANSI" would lose every character of another script.
 */
#include "system.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "internal.h"

/* ---- locks ---- */

_Static_assert(sizeof(demur_lock) == sizeof(SRWLOCK) && sizeof(SRWLOCK) == sizeof(void *), "an SRWLOCK is a pointer");

void demur_lock_acquire(demur_lock *lock) { AcquireSRWLockExclusive((SRWLOCK *)lock); }

void demur_lock_release(demur_lock *lock) { ReleaseSRWLockExclusive((SRWLOCK *)lock); }

/* ---- memory ---- */

void *demur_pages_take(size_t bytes) { return VirtualAlloc(NULL, bytes, MEM_COMMIT | MEM_RESERVE, PAGE_READWRITE); }

void demur_pages_give(void *pages, size_t bytes) {
    (void)bytes; /* all that was taken */
    VirtualFree(pages, 0, MEM_RELEASE);
}

/* ---- text ---- */

/* The caller's to free; NULL where it is no UTF-8, or there is no memory. */
static wchar_t *wide_of(const char *text) {
    int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *wide = length > 0 ? malloc((size_t)length * sizeof *wide) : NULL;
    if (wide != NULL) {
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, length);
    }
    return wide;
}

static char *utf8_of(const wchar_t *wide) {
    int length = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = length > 0 ? malloc((size_t)length) : NULL;
    if (text != NULL) {
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, length, NULL, NULL);
    }
    return text;
}

/* ---- files ---- */

/* The whole path, the caller's to free; one that is too long for other programs' sake gets the prefix that lifts that.
 */
static wchar_t *whole_path(const char *path) {
    wchar_t *wide = wide_of(path);
    DWORD room = wide != NULL && *wide != L'\0' ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
    wchar_t *whole = room > 0 ? malloc((room + 8) * sizeof *whole) : NULL;
    if (whole != NULL) {
        DWORD length = GetFullPathNameW(wide, room, whole, NULL);
        if (length == 0 || length >= room) {
            free(whole);
            whole = NULL;
        } else if (length >= MAX_PATH && wcsncmp(whole, L"\\\\", 2) != 0) {
            memmove(whole + 4, whole, ((size_t)length + 1) * sizeof *whole);
            memcpy(whole, L"\\\\?\\", 4 * sizeof *whole);
        }
    }
    free(wide);
    return whole;
}

demur_file demur_file_kind(const char *path) {
    wchar_t *wide = whole_path(path);
    DWORD found = wide != NULL ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
    free(wide);
    return found == INVALID_FILE_ATTRIBUTES                                    ? DEMUR_FILE_NONE
           : (found & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE)) != 0 ? DEMUR_FILE_OTHER
                                                                               : DEMUR_FILE_PLAIN;
}

bool demur_file_readable(const char *path) {
    wchar_t *wide = whole_path(path);
    HANDLE file = wide == NULL ? INVALID_HANDLE_VALUE
                               : CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                             NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    free(wide);
    if (file != INVALID_HANDLE_VALUE) {
        CloseHandle(file);
    }
    return file != INVALID_HANDLE_VALUE;
}

char *demur_path_absolute(const char *path) {
    wchar_t *wide = whole_path(path);
    char *whole = wide != NULL && GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES ? utf8_of(wide) : NULL;
    free(wide);
    return whole;
}

const char *demur_path_name(const char *path) {
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] != '/' && path[length - 1] != '\\' && path[length - 1] != ':') {
        length--;
    }
    return path + length;
}

void demur_folder_each(const char *folder, bool (*use)(const char *name, void *data), void *data) {
    size_t length = strlen(folder);
    char *pattern = malloc(length + 3);
    if (pattern == NULL) {
        return;
    }
    memcpy(pattern, folder, length);
    memcpy(pattern + length, "/*", 3);
    wchar_t *wide = whole_path(pattern);
    free(pattern);
    WIN32_FIND_DATAW found;
    HANDLE search = wide != NULL ? FindFirstFileW(wide, &found) : INVALID_HANDLE_VALUE;
    free(wide);
    for (bool more = search != INVALID_HANDLE_VALUE; more;) {
        char *name = utf8_of(found.cFileName);
        more = (name == NULL || use(name, data)) && FindNextFileW(search, &found);
        free(name);
    }
    if (search != INVALID_HANDLE_VALUE) {
        FindClose(search);
    }
}

/* ---- shared libraries ---- */

static void tell_last_error(char *error) {
    DWORD code = GetLastError();
    wchar_t *sentence = NULL;
    DWORD length = FormatMessageW(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
                                      FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
                                  NULL, code, 0, (wchar_t *)&sentence, 0, NULL);
    char *text = length > 0 ? utf8_of(sentence) : NULL;
    LocalFree(sentence);
    size_t end = text != NULL ? strlen(text) : 0;
    while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '.')) {
        text[--end] = '\0';
    }
    demur_fail(error, DEMUR_ERROR_LOAD, "%s (Windows error %lu)", text != NULL ? text : "no reason given", code);
    free(text);
}

/* Without the window that Windows would show the person at the screen. */
static HMODULE load_quietly(const wchar_t *path, DWORD flags) {
    DWORD before = 0;
    SetThreadErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX, &before);
    HMODULE library = LoadLibraryExW(path, NULL, flags);
    DWORD code = GetLastError();
    SetThreadErrorMode(before, NULL);
    SetLastError(code);
    return library;
}

void *demur_library_open(const char *path, char *error) {
    wchar_t *wide = whole_path(path);
    if (wide == NULL) {
        demur_fail(error, DEMUR_ERROR_LOAD, "it is no path");
        return NULL;
    }
    /* Its own folder, the program's and the system's; never the current one, nor the search path. */
    HMODULE library = load_quietly(wide, LOAD_LIBRARY_SEARCH_DEFAULT_DIRS | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR);
    free(wide);
    if (library == NULL) {
        tell_last_error(error);
    }
    return library;
}

void demur_library_close(void *library) { FreeLibrary(library); }

bool demur_library_is_loaded(const char *path) {
    wchar_t *wide = whole_path(path);
    HMODULE library = NULL;
    bool loaded = wide != NULL && GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, wide, &library);
    free(wide);
    return loaded;
}

/* The table of what a mapped library imports, a name of a library in each entry; NULL for none. */
static const IMAGE_IMPORT_DESCRIPTOR *imports_of(const char *base) {
    const IMAGE_DOS_HEADER *start = (const void *)base;
    const IMAGE_NT_HEADERS *headers = (const void *)(base + start->e_lfanew);
    if (start->e_magic != IMAGE_DOS_SIGNATURE || headers->Signature != IMAGE_NT_SIGNATURE ||
        headers->FileHeader.Machine != IMAGE_FILE_MACHINE_AMD64) {
        return NULL;
    }
    const IMAGE_DATA_DIRECTORY *table = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    return table->VirtualAddress != 0 && table->Size != 0 ? (const void *)(base + table->VirtualAddress) : NULL;
}

static bool is_ggml(const char *name) { return _strnicmp(name, "ggml", 4) == 0 || _strnicmp(name, "libggml", 7) == 0; }

static void *symbol_within(HMODULE library, const char *name, int depth) {
    FARPROC symbol = GetProcAddress(library, name);
    void *address;
    memcpy(&address, &symbol, sizeof address);
    const IMAGE_IMPORT_DESCRIPTOR *imported = address == NULL && depth > 0 ? imports_of((const char *)library) : NULL;
    for (; imported != NULL && imported->Name != 0 && address == NULL; imported++) {
        const char *file = (const char *)library + imported->Name;
        HMODULE needed = is_ggml(file) ? GetModuleHandleA(file) : NULL;
        address = needed != NULL ? symbol_within(needed, name, depth - 1) : NULL;
    }
    return address;
}

/* GetProcAddress looks into one library alone, and llama.dll has its ggml functions from ggml.dll and ggml-base.dll. */
void *demur_library_symbol(void *library, const char *name) { return symbol_within(library, name, 3); }

static char *path_of(HMODULE library) {
    enum { MOST = 32768 };
    wchar_t *wide = malloc(MOST * sizeof *wide);
    DWORD length = wide != NULL ? GetModuleFileNameW(library, wide, MOST) : 0;
    char *path = length > 0 && length < MOST ? utf8_of(wide) : NULL;
    free(wide);
    return path;
}

char *demur_library_path(void (*function)(void)) {
    wchar_t *address;
    memcpy(&address, &function, sizeof address);
    HMODULE library = NULL;
    return GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                              address, &library)
               ? path_of(library)
               : NULL;
}

void demur_stay(void) {
    void (*self)(void) = demur_stay;
    wchar_t *address;
    memcpy(&address, &self, sizeof address);
    HMODULE library;
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, address, &library);
}

/* ---- the runtime library of Visual C++ ---- */

/* From this release on a mutex needs no constructor, and a program built with it crashes in the libraries before. */
enum { RUNTIME_MAJOR = 14, RUNTIME_MINOR = 40 };

/* Whether a library that is not loaded yet imports another one. */
static bool is_imported(const char *path, const char *name) {
    wchar_t *wide = whole_path(path);
    HMODULE image = wide != NULL ? load_quietly(wide, LOAD_LIBRARY_AS_IMAGE_RESOURCE) : NULL;
    free(wide);
    if (image == NULL) {
        return false;
    }
    /* The lower bits of such a handle tell that it is one. */
    const char *base = (const char *)((uintptr_t)image & ~(uintptr_t)0xFFFF);
    const IMAGE_IMPORT_DESCRIPTOR *imported = imports_of(base);
    bool found = false;
    for (; imported != NULL && imported->Name != 0 && !found; imported++) {
        found = _stricmp(base + imported->Name, name) == 0;
    }
    FreeLibrary(image);
    return found;
}

/* The version in a loaded library's resources, as major << 16 | minor; 0 where it tells none. */
static DWORD version_of(HMODULE library) {
    HRSRC resource = FindResourceW(library, MAKEINTRESOURCEW(1), MAKEINTRESOURCEW(16)); /* VS_VERSION_INFO */
    HGLOBAL loaded = resource != NULL ? LoadResource(library, resource) : NULL;
    const unsigned char *bytes = loaded != NULL ? LockResource(loaded) : NULL;
    DWORD size = bytes != NULL ? SizeofResource(library, resource) : 0;
    for (DWORD i = 0; i + sizeof(VS_FIXEDFILEINFO) <= size; i += 4) {
        VS_FIXEDFILEINFO info;
        memcpy(&info, bytes + i, sizeof info);
        if (info.dwSignature == 0xFEEF04BD) {
            return info.dwFileVersionMS;
        }
    }
    return 0;
}

bool demur_library_fits(const char *path, char *error) {
    static const char name[] = "msvcp140.dll";
    if (!is_imported(path, name)) {
        return true;
    }
    HMODULE runtime = GetModuleHandleA(name);
    if (runtime == NULL) {
        runtime = load_quietly(L"msvcp140.dll", LOAD_LIBRARY_SEARCH_DEFAULT_DIRS);
    }
    DWORD version = runtime != NULL ? version_of(runtime) : 0;
    if (version == 0 || version >= (RUNTIME_MAJOR << 16 | RUNTIME_MINOR)) {
        return true; /* where there is none, Windows says so when it opens the library */
    }
    char *place = path_of(runtime);
    demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
               "this process has the C++ library %s of version %lu.%lu, and a llama.cpp built with a later one than "
               "%d.%d crashes in it: start a newer Java (Java brings that library along; Temurin 21.0.8 and 25 have a "
               "newer one).",
               place != NULL ? place : name, version >> 16, version & 0xFFFF, RUNTIME_MAJOR, RUNTIME_MINOR - 1);
    free(place);
    return false;
}

/* ---- this thread ---- */

/* Where the function that has an address begins: compilers lay a function in parts, each of which names its first. */
static uintptr_t function_at(uintptr_t address) {
    enum { CHAINED = 4 };
    DWORD64 base = 0;
    const RUNTIME_FUNCTION *entry = RtlLookupFunctionEntry(address, &base, NULL);
    for (int part = 0; entry != NULL && part < 32; part++) {
        const unsigned char *unwind = (const unsigned char *)base + entry->UnwindData;
        if ((unwind[0] >> 3 & CHAINED) == 0) {
            return (uintptr_t)base + entry->BeginAddress;
        }
        /* Behind the codes, an even number of them. */
        entry = (const void *)(unwind + 4 + 2 * ((unwind[2] + 1u) & ~1u));
    }
    return 0;
}

bool demur_called_by(const char *name) {
    void *frames[128];
    USHORT count = RtlCaptureStackBackTrace(1, sizeof frames / sizeof *frames, frames, NULL);
    for (USHORT i = 0; i < count; i++) {
        HMODULE library = NULL;
        /* The address is the one to return to, which may lie behind a function that ends with a call. */
        uintptr_t address = (uintptr_t)frames[i] - 1;
        if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                                (const wchar_t *)address, &library)) {
            continue;
        }
        FARPROC wanted = GetProcAddress(library, name);
        uintptr_t start;
        memcpy(&start, &wanted, sizeof start);
        if (start != 0 && function_at(address) == function_at(start) && function_at(start) != 0) {
            return true;
        }
    }
    return false;
}
