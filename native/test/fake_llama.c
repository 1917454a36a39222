/* What libdemur tries of a library before it trusts it; a FAKE_... definition makes one thing of it differ. */
#include "abi.h"

typedef struct fake_model_params {
    void *devices;
    void *overrides;
    int32_t gpu_layers, split_mode, load_mode, lazy_mode, main_gpu;
    void *pointers[4];
    bool flags[6];
} fake_model_params;

typedef struct fake_context_params {
    uint32_t sizes[4];
    char rest[144];
} fake_context_params;

fake_model_params llama_model_default_params(void);
fake_context_params llama_context_default_params(void);
abi_batch llama_batch_init(int32_t tokens, int32_t embedding, int32_t sequences);

fake_model_params llama_model_default_params(void) {
    fake_model_params params = {.gpu_layers = -1, .split_mode = 1, .load_mode = -1, .flags = {false, true}};
#ifdef FAKE_MODEL_PARAMS
    params.split_mode = 7;
#endif
    return params;
}

fake_context_params llama_context_default_params(void) {
    fake_context_params params = {.sizes = {512, 2048, 512, 1}};
#ifdef FAKE_CONTEXT_PARAMS
    params.sizes[1] = 512;
    params.sizes[2] = 2048;
#endif
    return params;
}

abi_batch llama_batch_init(int32_t tokens, int32_t embedding, int32_t sequences) {
    static char anything[64];
    void *there = anything;
    (void)tokens;
    (void)embedding;
    (void)sequences;
    abi_batch batch = {0, there, NULL, there, there, there, there};
#ifdef FAKE_BATCH
    batch.embd = there;
#endif
    return batch;
}
