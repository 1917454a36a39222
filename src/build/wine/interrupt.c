/*
 * Presses Ctrl-C in a console of a test's own:
 *
 *   interrupt.exe FILE PROGRAM ARGUMENTS
 *
 * starts the program, waits until FILE, where its output goes, holds something, sends Ctrl-C to the console and ends with
 * the program's status. Statuses of its own: 201 usage, 202 the program cannot be started, 203 no event can be sent, 204 the
 * program has not written or not ended within ten minutes, 205 it ended before anything was written.
 */
#include <stddef.h>

/* What it takes from Windows, declared here: the compiler has no headers of a system for a program without a C library. */
typedef void *HANDLE;
typedef struct {
    unsigned size;
    wchar_t *reserved, *desktop, *title;
    unsigned x, y, width, height, columns, rows, fill, flags;
    unsigned short show, more;
    unsigned char *further;
    HANDLE input, output, error;
} startup;
typedef struct {
    HANDLE process, thread;
    unsigned process_id, thread_id;
} process;
typedef struct {
    unsigned attributes, times[6], size_high, size_low;
} file_data;
#define FROM_WINDOWS __declspec(dllimport) __stdcall
int FROM_WINDOWS AllocConsole(void);
int FROM_WINDOWS CreateProcessW(const wchar_t *, wchar_t *, void *, void *, int, unsigned, void *, const wchar_t *, startup *,
                                process *);
void FROM_WINDOWS ExitProcess(unsigned);
int FROM_WINDOWS FreeConsole(void);
unsigned FROM_WINDOWS GetLastError(void);
int FROM_WINDOWS GenerateConsoleCtrlEvent(unsigned, unsigned);
wchar_t *FROM_WINDOWS GetCommandLineW(void);
int FROM_WINDOWS GetExitCodeProcess(HANDLE, unsigned *);
int FROM_WINDOWS GetFileAttributesExW(const wchar_t *, int, void *);
HANDLE FROM_WINDOWS GetStdHandle(unsigned);
int FROM_WINDOWS SetConsoleCtrlHandler(void *, int);
int FROM_WINDOWS TerminateProcess(HANDLE, unsigned);
unsigned FROM_WINDOWS WaitForSingleObject(HANDLE, unsigned);

enum { NO = 0, YES = 1, OVER = 0, CTRL_C = 0, BY_HANDLES = 0x100, INPUT = -10, OUTPUT = -11, ERRORS = -12 };
enum { USAGE = 201, NOT_STARTED = 202, NOT_SENT = 203, TOO_LATE = 204, TOO_EARLY = 205 };

/* What is behind the first argument of a command line; it may stand between quotes. */
static wchar_t *behind_first(wchar_t *line) {
    int quoted = NO;
    for (; *line != L'\0' && (quoted || (*line != L' ' && *line != L'\t')); line++) {
        quoted = *line == L'"' ? !quoted : quoted;
    }
    while (*line == L' ' || *line == L'\t') {
        line++;
    }
    return line;
}

/* In its place: the first argument without its quotes, ended. Returns what is behind. */
static wchar_t *take_first(wchar_t *line, wchar_t **first) {
    wchar_t *rest = behind_first(line);
    wchar_t *end = rest;
    while (end > line && (end[-1] == L' ' || end[-1] == L'\t')) {
        end--;
    }
    if (*line == L'"' && end > line + 1) {
        line++;
        end--;
    }
    *end = L'\0';
    *first = line;
    return rest;
}

static int holds_something(const wchar_t *file) {
    file_data data;
    return GetFileAttributesExW(file, 0, &data) && data.size_low > 0;
}

void start(void);
void start(void) {
    static startup how;
    static process child;
    wchar_t *file;
    wchar_t *program = take_first(behind_first(GetCommandLineW()), &file);
    if (*file == L'\0' || *program == L'\0') {
        ExitProcess(USAGE);
    }
    how.size = (unsigned)sizeof how;
    how.flags = BY_HANDLES;
    how.input = GetStdHandle((unsigned)INPUT);
    how.output = GetStdHandle((unsigned)OUTPUT);
    how.error = GetStdHandle((unsigned)ERRORS);
    /* One of its own: where all is redirected wine gives a program none that events could be sent to.
       The program goes on writing where this one does. */
    FreeConsole();
    AllocConsole();
    /* A child would inherit that Ctrl-C is ignored, so it comes afterwards. */
    SetConsoleCtrlHandler(NULL, NO);
    if (!CreateProcessW(NULL, program, NULL, NULL, YES, 0, NULL, NULL, &how, &child)) {
        ExitProcess(NOT_STARTED);
    }
    SetConsoleCtrlHandler(NULL, YES);
    for (int tenths = 0; !holds_something(file); tenths++) {
        if (WaitForSingleObject(child.process, 100) == OVER) {
            ExitProcess(TOO_EARLY);
        }
        if (tenths == 6000) {
            TerminateProcess(child.process, 1);
            ExitProcess(TOO_LATE);
        }
    }
    if (!GenerateConsoleCtrlEvent(CTRL_C, 0)) {
        TerminateProcess(child.process, 1);
        ExitProcess(NOT_SENT);
    }
    if (WaitForSingleObject(child.process, 600000) != OVER) {
        TerminateProcess(child.process, 1);
        ExitProcess(TOO_LATE);
    }
    unsigned status = 0;
    GetExitCodeProcess(child.process, &status);
    ExitProcess(status);
}
