/* Which files beside a llama.cpp are taken for its backends, told by where it is sent to look for them. */
#include "abi.h"
#include "internal.h"
#include "portable.h"
#include "test.h"

static char folder[PATH_MAX_BYTES]; /* that of the file tried; empty between tests */
static char asked[PATH_MAX_BYTES];  /* where llama.cpp was sent to look; empty: nowhere */
static size_t devices;

static size_t device_count(void) { return devices; }
static void load_all(const char *path) { snprintf(asked, sizeof asked, "%s", path); }

/* A file of this name that is no library; `use` is called while it is there. */
static void with_file(const char *name, void (*use)(const char *name)) {
    char path[PATH_MAX_BYTES + 300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CHECK_SAYING(file != NULL, "%s cannot be written", path);
    if (file != NULL) {
        fclose(file);
        use(name);
        remove(path);
    }
}

static abi opened(void) {
    abi abi = {0};
    abi.ggml_backend_dev_count = device_count;
    abi.ggml_backend_load_all_from_path = load_all;
    asked[0] = '\0';
    devices = 0;
    return abi;
}

static void is_loaded(const char *name) {
    abi abi = opened();
    abi_load_backends(&abi, folder);
    CHECK_SAYING(strcmp(asked, folder) == 0, "%s is taken for no backend", name);
}

static void is_left_alone(const char *name) {
    abi abi = opened();
    abi_load_backends(&abi, folder);
    CHECK_SAYING(asked[0] == '\0', "%s is taken for a backend", name);
}

#if defined(_WIN32)
#define PREFIX "ggml-"
#define SUFFIX ".dll"
#else
#define PREFIX "libggml-"
#define SUFFIX ".so"
#endif
#define BACKEND(name) (PREFIX name SUFFIX)

static void a_backend_is_found_whatever_its_name_has_in_it(void) {
    const char *const names[] = {
        BACKEND("cpu"),
        BACKEND("vulkan"),
        BACKEND("cpu-haswell"),
        BACKEND("cpu-armv8.0_1"),
        BACKEND("cpu-armv8.2_3"),
        BACKEND("cpu-armv9.2_2"),
        BACKEND("cpu-apple_m2_m3"),
#if !defined(_WIN32)
        "libggml-metal.dylib",
        "libggml-cpu-armv8.6_1.dylib",
#endif
        BACKEND("x.1.2"),
        BACKEND("cpu-with_a_name_of_more_than_sixty_four_characters_in_all_and_then.some")
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        with_file(names[i], is_loaded);
    }
}

static void what_is_no_backend_is_left_alone(void) {
    const char *const names[] = {BACKEND("base"),
                                 "libggml-base.so.0",
                                 "libggml-base.0.5.0.dylib",
                                 "libggml-base.0.dylib",
                                 "libggml-cpu.so.0.5.0",
                                 "libggml-metal.0.5.0.dylib",
                                 (PREFIX SUFFIX),
                                 "libggml.so",
                                 "ggml.dll",
                                 (PREFIX "cpu"),
                                 (PREFIX "cpu.txt"),
                                 "libllama.so",
                                 "llama.dll",
                                 (PREFIX "cpu" SUFFIX ".debug"),
                                 ("-cpu-armv8.0" SUFFIX),
                                 SUFFIX,
                                 PREFIX};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        with_file(names[i], is_left_alone);
    }
}

static char told[2000]; /* what is wrong with the backends, as lines of key and value */

static void describe(void) {
    abi abi = opened();
    snprintf(abi.backends, sizeof abi.backends, "%s", folder);
    demur_text text = {0};
    demur_backends_describe(&abi, &text);
    int64_t length = 0;
    CHECK_OK(demur_text_hand_over(&text, told, sizeof told - 1, &length, error));
    told[length] = '\0';
}

static void is_told_of(const char *name) {
    describe();
    char line[300];
    const char *alone = name + strlen(PREFIX);
    snprintf(line, sizeof line, "backend.0.name\t%.*s\n", (int)(strlen(alone) - strlen(SUFFIX)), alone);
    CHECK_SAYING(strncmp(told, line, strlen(line)) == 0, "%s: \"%s\"", name, told);
}

static void a_backend_that_cannot_be_opened_is_told_by_its_whole_name(void) {
    with_file(BACKEND("vulkan"), is_told_of);
    with_file(BACKEND("vulkan-1.3_x"), is_told_of);
    with_file(BACKEND("a_backend_with_a_name_of_more_than_sixty_four_characters_in_all_and.more"), is_told_of);
}

/* Their own problems are told elsewhere: of the many only one is taken. */
static void is_not_told_of(const char *name) {
    describe();
    CHECK_SAYING(told[0] == '\0', "%s: \"%s\"", name, told);
}

static void those_for_the_processor_are_not_told_of(void) {
    with_file(BACKEND("cpu-armv8.0_1"), is_not_told_of);
    with_file(BACKEND("cpu"), is_not_told_of);
}

static void a_library_that_has_devices_is_sent_nowhere(void) {
    abi abi = opened();
    devices = 1;
    abi_load_backends(&abi, folder);
    CHECK(asked[0] == '\0');
    CHECK(abi.backends[0] == '\0');
}

int main(void) {
    const char *temporary = getenv("TMPDIR");
#if defined(_WIN32)
    temporary = getenv("TEMP");
#endif
    snprintf(folder, sizeof folder, "%s/demur-backends-XXXXXX", temporary != NULL ? temporary : "/tmp");
    if (temporary_folder(folder) == NULL) {
        perror(folder);
        return 1;
    }
    RUN(a_backend_is_found_whatever_its_name_has_in_it);
    RUN(what_is_no_backend_is_left_alone);
    RUN(a_backend_that_cannot_be_opened_is_told_by_its_whole_name);
    RUN(those_for_the_processor_are_not_told_of);
    RUN(a_library_that_has_devices_is_sent_nowhere);
    CHECK_SAYING(rmdir(folder) == 0, "%s is not empty", folder);
    return test_result();
}
