/*
 * Files, folders and shared libraries, as far as operating systems differ in them: system_posix.c and
 * system_windows.c. Paths are UTF-8.
 */
#ifndef DEMUR_SYSTEM_H
#define DEMUR_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>

/* ---- memory ---- */

/* Zeroed memory in pages of its own, which go back to the system when they are given back; NULL where there is none. */
void *demur_pages_take(size_t bytes);
void demur_pages_give(void *pages, size_t bytes);

/* ---- files ---- */

typedef enum demur_file { DEMUR_FILE_NONE, DEMUR_FILE_PLAIN, DEMUR_FILE_OTHER } demur_file;

demur_file demur_file_kind(const char *path);
bool demur_file_readable(const char *path);

/* The path that does not depend on the current folder, the caller's to free; NULL where there is nothing. */
char *demur_path_absolute(const char *path);

/* Where the name of a file begins in its path: behind the last separator, or at the beginning. */
const char *demur_path_name(const char *path);

/* Shows the name of everything in a folder, until `use` returns false. What cannot be read is empty. */
void demur_folder_each(const char *folder, bool (*use)(const char *name, void *data), void *data);

/* ---- shared libraries ---- */

/* The library of this file, the same for the same file, or NULL, and why in `error` (DEMUR_ERROR_SIZE bytes). */
void *demur_library_open(const char *path, char *error);

/*
 * Why a library must not be opened that could be, in `error`: it would crash. The one case that is known is a runtime
 * library of Visual C++, loaded by this process, that is older than the one that it was built with.
 */
bool demur_library_fits(const char *path, char *error);

void demur_library_close(void *library);
bool demur_library_is_loaded(const char *path);

/* A function that the library exports, or one of the ggml libraries that it was linked against; NULL for none. */
void *demur_library_symbol(void *library, const char *name);

/* The path of the library that has a function, the caller's to free; NULL where that is not known. */
char *demur_library_path(void (*function)(void));

/* Keeps this library loaded until the process ends. llama.cpp holds addresses of its functions. */
void demur_stay(void);

/* ---- this thread ---- */

/* Whether a function of this name, exported by its library, is among those that called this one. */
bool demur_called_by(const char *name);

#endif
