/* Every function that libdemur needs of llama.cpp, weak and doing nothing, so that fake_llama.c need not have it. */
#include "abi.h"

void *fake_nothing(void);
void *fake_nothing(void) { return NULL; }

#define FAKE_SYMBOL(result, name, parameters) __asm__(".weak " #name "\n.set " #name ", fake_nothing");
ABI_REQUIRED(FAKE_SYMBOL)
FAKE_SYMBOL(, llama_get_memory, )
#ifndef FAKE_MEMORY
FAKE_SYMBOL(, llama_memory_seq_rm, )
#endif
