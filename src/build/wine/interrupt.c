/*
 * Presses Ctrl-C in a console of a test's own:
 *
 *   interrupt.exe FILE PROGRAM ARGUMENTS
 *
 * starts the program, waits until FILE, where its output goes, holds something, sends Ctrl-C to the console and ends with
 * the program's status. Statuses of its own: 201 usage, 202 the program cannot be started, 203 no event can be sent, 204 the
 * program has not written or not ended within ten minutes, 205 it ended before anything was written.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

enum { USAGE = 201, NOT_STARTED = 202, NOT_SENT = 203, TOO_LATE = 204, TOO_EARLY = 205 };

/* What is behind the first argument of a command line; it may stand between quotes. */
static wchar_t *behind_first(wchar_t *line) {
    BOOL quoted = FALSE;
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

static BOOL holds_something(const wchar_t *file) {
    WIN32_FILE_ATTRIBUTE_DATA data;
    return GetFileAttributesExW(file, GetFileExInfoStandard, &data) && data.nFileSizeLow > 0;
}

void start(void);
void start(void) {
    static STARTUPINFOW how;
    static PROCESS_INFORMATION child;
    wchar_t *file;
    wchar_t *program = take_first(behind_first(GetCommandLineW()), &file);
    if (*file == L'\0' || *program == L'\0') {
        ExitProcess(USAGE);
    }
    /* Where there is none, as where all is redirected, it gets one. */
    AllocConsole();
    /* A child would inherit that Ctrl-C is ignored, so it comes afterwards. */
    SetConsoleCtrlHandler(NULL, FALSE);
    how.cb = sizeof how;
    how.dwFlags = STARTF_USESTDHANDLES;
    how.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    how.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    how.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    if (!CreateProcessW(NULL, program, NULL, NULL, TRUE, 0, NULL, NULL, &how, &child)) {
        ExitProcess(NOT_STARTED);
    }
    SetConsoleCtrlHandler(NULL, TRUE);
    for (int tenths = 0; !holds_something(file); tenths++) {
        if (WaitForSingleObject(child.hProcess, 100) == WAIT_OBJECT_0) {
            ExitProcess(TOO_EARLY);
        }
        if (tenths == 6000) {
            TerminateProcess(child.hProcess, 1);
            ExitProcess(TOO_LATE);
        }
    }
    if (!GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0)) {
        TerminateProcess(child.hProcess, 1);
        ExitProcess(NOT_SENT);
    }
    if (WaitForSingleObject(child.hProcess, 600000) != WAIT_OBJECT_0) {
        TerminateProcess(child.hProcess, 1);
        ExitProcess(TOO_LATE);
    }
    DWORD status = 0;
    GetExitCodeProcess(child.hProcess, &status);
    ExitProcess(status);
}
