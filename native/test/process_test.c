/* What needs no llama.cpp: CPU features, memory, and libraries that are not what they should be. */
#include <stdint.h>

#include "test.h"

static const char *fakes; /* the folder of the fake libraries */

static void the_api_version_is_that_of_the_header(void) { CHECK(demur_api_version() == DEMUR_API_VERSION); }

static void cpu_features_are_those_that_the_kernel_lists(void) {
#if defined(__linux__) && defined(__x86_64__)
    const struct {
        int64_t bits;
        const char *flags[4];
    } features[] = {{DEMUR_CPU_AVX2, {" avx2 "}},
                    {DEMUR_CPU_FMA, {" fma "}},
                    {DEMUR_CPU_F16C, {" f16c "}},
                    {DEMUR_CPU_BMI2, {" bmi2 "}},
                    {DEMUR_CPU_AVX512, {" avx512f ", " avx512bw ", " avx512dq ", " avx512vl "}}};
    static char line[1 << 16];
    FILE *file = fopen("/proc/cpuinfo", "r");
    CHECK(file != NULL);
    while (file != NULL && fgets(line, sizeof line - 1, file) != NULL && strncmp(line, "flags", 5) != 0) {
    }
    if (file != NULL) {
        fclose(file);
    }
    for (char *end = strchr(line, '\n'); end != NULL; end = NULL) {
        *end = ' ';
    }
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        int listed = 1;
        for (int j = 0; j < 4 && features[i].flags[j] != NULL; j++) {
            listed &= strstr(line, features[i].flags[j]) != NULL;
        }
        CHECK_SAYING(listed == ((demur_cpu_features() & features[i].bits) != 0), "%s: listed %d", features[i].flags[0],
                     listed);
    }
    CHECK((demur_cpu_features() & DEMUR_CPU_NEON) == 0);
#elif defined(__aarch64__)
    CHECK(demur_cpu_features() == DEMUR_CPU_NEON);
#endif
}

static void kernels_are_those_that_the_cpu_has(void) {
    const int64_t features = demur_cpu_features();
    const int64_t avx2 = DEMUR_CPU_AVX2 | DEMUR_CPU_FMA;
    CHECK(demur_kernel_supported(DEMUR_KERNEL_SCALAR) == 1);
    CHECK(demur_kernel_supported(DEMUR_KERNEL_AVX2) == ((features & avx2) == avx2));
    CHECK(demur_kernel_supported(DEMUR_KERNEL_AVX512) == ((features & DEMUR_CPU_AVX512) != 0));
    CHECK(demur_kernel_supported(DEMUR_KERNEL_NEON) == ((features & DEMUR_CPU_NEON) != 0));
    CHECK(demur_kernel_supported(-1) == 0);
    CHECK(demur_kernel_supported(4) == 0);
    CHECK(demur_kernel_supported(INT32_MAX) == 0);
    CHECK(demur_kernel_supported(demur_kernel_best(-1)) == 1);
    CHECK((demur_kernel_best(-1) == DEMUR_KERNEL_AVX512) == ((features & DEMUR_CPU_AVX512) != 0));
}

static void a_cap_leaves_the_best_kernel_that_is_no_more(void) {
    const int32_t best = demur_kernel_best(-1);
    CHECK(demur_kernel_best(DEMUR_KERNEL_SCALAR) == DEMUR_KERNEL_SCALAR);
    CHECK(demur_kernel_best(best) == best);
    CHECK(demur_kernel_best(99) == best);
    if (best == DEMUR_KERNEL_NEON) {
        CHECK(demur_kernel_best(DEMUR_KERNEL_AVX2) == best && demur_kernel_best(DEMUR_KERNEL_AVX512) == best);
    } else {
        CHECK(demur_kernel_best(DEMUR_KERNEL_AVX512) == best && demur_kernel_best(DEMUR_KERNEL_NEON) == best);
        CHECK(demur_kernel_best(DEMUR_KERNEL_AVX2) == (best < DEMUR_KERNEL_AVX2 ? best : DEMUR_KERNEL_AVX2));
    }
}

static void memory_is_zeroed_and_aligned(void) {
    const int64_t sizes[] = {1, 63, 64, 65, 4096, 1000003};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *memory = demur_memory_allocate(sizes[i]);
        CHECK(memory != NULL && (uintptr_t)memory % 64 == 0);
        for (int64_t j = 0; memory != NULL && j < sizes[i]; j++) {
            CHECK(memory[j] == 0);
            memory[j] = 0xFF;
        }
        demur_memory_free(memory);
    }
    CHECK(demur_memory_allocate(0) == NULL);
    CHECK(demur_memory_allocate(-1) == NULL);
    CHECK(demur_memory_allocate(INT64_MIN) == NULL);
    CHECK(demur_memory_allocate(INT64_MAX) == NULL);
    demur_memory_free(NULL);
}

static void freeing_nothing_is_allowed(void) {
    demur_model_free(NULL);
    demur_context_free(NULL);
    demur_sampler_free(NULL);
}

static void a_path_that_is_no_library_is_a_load_error(void) {
    demur_runtime *runtime = NULL;
    CHECK_STATUS(DEMUR_ERROR_LOAD, demur_runtime_open("/no/such/library.so", 0, &runtime, error));
    CHECK_MENTIONS("/no/such/library.so");
    CHECK_STATUS(DEMUR_ERROR_LOAD, demur_runtime_open(fakes, 0, &runtime, error));
    CHECK_MENTIONS("no file");
    CHECK_STATUS(DEMUR_ERROR_LOAD, demur_runtime_open(__FILE__, 0, &runtime, error));
    CHECK_MENTIONS("process_test.c"); /* Windows tells its path anew */
    CHECK_STATUS(DEMUR_ERROR_LOAD, demur_runtime_open("", 0, &runtime, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_runtime_open(NULL, 0, &runtime, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_runtime_open(fakes, 0, NULL, error));
    CHECK(demur_runtime_open("/no/such/library.so", 0, &runtime, NULL) == DEMUR_ERROR_LOAD);
    CHECK(runtime == NULL);
}

static void a_message_longer_than_its_buffer_ends_at_a_whole_character(void) {
    demur_runtime *runtime = NULL;
    for (int shift = 0; shift < 4; shift++) {
        char path[3000];
        memset(path, 'x', (size_t)shift + 1);
        for (size_t i = (size_t)shift + 1; i + 4 < sizeof path; i += 4) {
            memcpy(path + i, "\xf0\x9f\x98\x80", 5);
        }
        CHECK_STATUS(DEMUR_ERROR_LOAD, demur_runtime_open(path, 0, &runtime, error));
        size_t length = strlen(error);
        CHECK(length < DEMUR_ERROR_SIZE && length >= DEMUR_ERROR_SIZE - 4);
        CHECK((unsigned char)error[length - 1] == 0x80 && (unsigned char)error[length - 4] == 0xF0);
    }
}

static void cpu_features_are_checked_before_the_library_is_opened(void) {
    demur_runtime *runtime = NULL;
    for (int bit = 0; bit < 6; bit++) {
        int64_t feature = INT64_C(1) << bit;
        if ((demur_cpu_features() & feature) == 0) {
            CHECK_STATUS(DEMUR_ERROR_UNSUPPORTED, demur_runtime_open("/no/such/library.so", feature, &runtime, error));
            CHECK_MENTIONS("CPU");
        } else {
            CHECK_STATUS(DEMUR_ERROR_LOAD, demur_runtime_open("/no/such/library.so", feature, &runtime, error));
        }
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_runtime_open("/no/such/library.so", 1 << 20, &runtime, error));
}

#if !defined(_WIN32) /* where a library's functions cannot be weak names of one that does nothing */
static void open_fake(const char *name, int32_t expected, const char *complaint) {
    char path[4096];
    demur_runtime *runtime = NULL;
    snprintf(path, sizeof path, "%s/lib%s.so", fakes, name);
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(expected, demur_runtime_open(path, 0, &runtime, error));
        CHECK_MENTIONS(complaint);
    }
    CHECK(runtime == NULL);
}

/* Each fake has all functions, and differs from a true llama.cpp in one thing. */
static void a_library_that_differs_is_unsupported_and_told_how(void) {
    open_fake("fake_empty", DEMUR_ERROR_UNSUPPORTED, "llama_backend_init");
    open_fake("fake_empty", DEMUR_ERROR_UNSUPPORTED, "fake_empty");
    open_fake("fake_empty", DEMUR_ERROR_UNSUPPORTED, "Name another build of llama.cpp");
    open_fake("fake_memory", DEMUR_ERROR_UNSUPPORTED, "llama_memory_seq_rm");
    open_fake("fake_model_params", DEMUR_ERROR_UNSUPPORTED, "llama_model_default_params");
    open_fake("fake_context_params", DEMUR_ERROR_UNSUPPORTED, "llama_context_default_params");
    open_fake("fake_batch", DEMUR_ERROR_UNSUPPORTED, "llama_batch");
    open_fake("fake_devices", DEMUR_ERROR_LOAD, "no device");
}

#endif

static void without_a_runtime_there_is_no_log_and_that_is_no_error(void) {
    char out[16];
    int64_t length = -1;
    CHECK_OK(demur_log_read(out, sizeof out, &length, error));
    CHECK(length == 0);
    CHECK_OK(demur_log_read(NULL, 0, &length, error));
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 2;
    }
    fakes = arguments[1];
    RUN(the_api_version_is_that_of_the_header);
    RUN(cpu_features_are_those_that_the_kernel_lists);
    RUN(kernels_are_those_that_the_cpu_has);
    RUN(a_cap_leaves_the_best_kernel_that_is_no_more);
    RUN(memory_is_zeroed_and_aligned);
    RUN(freeing_nothing_is_allowed);
    RUN(without_a_runtime_there_is_no_log_and_that_is_no_error);
    RUN(a_path_that_is_no_library_is_a_load_error);
    RUN(a_message_longer_than_its_buffer_ends_at_a_whole_character);
    RUN(cpu_features_are_checked_before_the_library_is_opened);
#if !defined(_WIN32)
    RUN(a_library_that_differs_is_unsupported_and_told_how);
#endif
    return test_result();
}
