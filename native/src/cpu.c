#include <stdlib.h>

#if defined(_WIN32)
#include <windows.h>
#else
#include <unistd.h>
#endif

#include "internal.h"
#include "system.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

static uint64_t enabled_state(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

static bool has(uint64_t bits, uint64_t all) { return (bits & all) == all; }

static int64_t detect(void) {
    uint32_t eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
        return 0;
    }
    const uint32_t leaf1 = ecx;
    uint32_t leaf7 = 0;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) {
        leaf7 = ebx;
    }
    int64_t features = has(leaf7, bit_BMI2) ? DEMUR_CPU_BMI2 : 0;
    if (!has(leaf1, bit_OSXSAVE | bit_AVX)) {
        return features;
    }
    const uint64_t state = enabled_state();
    const uint64_t ymm = 0x6;  /* XMM and the upper halves of YMM */
    const uint64_t zmm = 0xE6; /* with the mask registers and both parts of ZMM */
    if (!has(state, ymm)) {
        return features;
    }
    features |= has(leaf1, bit_FMA) ? DEMUR_CPU_FMA : 0;
    features |= has(leaf1, bit_F16C) ? DEMUR_CPU_F16C : 0;
    features |= has(leaf7, bit_AVX2) ? DEMUR_CPU_AVX2 : 0;
    if (has(state, zmm) && has(leaf7, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL)) {
        features |= DEMUR_CPU_AVX512;
    }
    return features;
}
#elif defined(__aarch64__)
static int64_t detect(void) { return DEMUR_CPU_NEON; }
#else
static int64_t detect(void) { return 0; }
#endif

int32_t demur_api_version(void) { return DEMUR_API_VERSION; }

int64_t demur_cpu_features(void) { return detect(); }

int64_t demur_physical_memory(void) {
#if defined(_WIN32)
    MEMORYSTATUSEX status = {.dwLength = sizeof status};
    return GlobalMemoryStatusEx(&status) ? (int64_t)status.ullTotalPhys : 0;
#else
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && bytes > 0 ? (int64_t)pages * bytes : 0;
#endif
}

/*
 * What stands right before the memory that goes out. A large block gets pages of its own, which go back to the system
 * when it is freed: the C library would keep them once blocks of that size had come and gone.
 */
typedef struct block_head {
    void *block;
    size_t pages; /* the size of a block of pages of its own; 0: the C library's */
} block_head;

#define LARGE_BLOCK ((size_t)256 << 10)

void *demur_memory_allocate(int64_t bytes) {
    const size_t alignment = 64;
    if (bytes <= 0 || (uint64_t)bytes > SIZE_MAX - 2 * alignment) {
        return NULL;
    }
    const size_t size = (size_t)bytes + alignment + sizeof(block_head);
    const bool large = size >= LARGE_BLOCK;
    char *block = large ? demur_pages_take(size) : calloc(1, size);
    if (block == NULL) {
        return NULL;
    }
    uintptr_t address = ((uintptr_t)block + sizeof(block_head) + alignment - 1) & ~(uintptr_t)(alignment - 1);
    ((block_head *)address)[-1] = (block_head){block, large ? size : 0};
    return (void *)address;
}

void demur_memory_free(void *memory) {
    if (memory == NULL) {
        return;
    }
    const block_head head = ((block_head *)memory)[-1];
    if (head.pages > 0) {
        demur_pages_give(head.block, head.pages);
    } else {
        free(head.block);
    }
}
