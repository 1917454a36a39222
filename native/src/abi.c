#include "abi.h"

#include <stdio.h>
#include <string.h>

#include "demur.h"
#include "internal.h"
#include "system.h"

/* ---- the library ---- */

void *abi_library_open(const char *path, char *error) {
    char reason[DEMUR_ERROR_SIZE];
    if (!demur_library_fits(path, reason)) {
        demur_fail(error, DEMUR_ERROR_LOAD, "%s cannot be opened: %s", path, reason);
        return NULL;
    }
    void *library = demur_library_open(path, reason);
    if (library == NULL) {
        const char *advice = ". " ABI_ADVICE;
        if (strstr(reason, "libgomp") != NULL) {
            advice = " (It needs GNU OpenMP: install the package libgomp1 on Debian and Ubuntu, libgomp on Fedora and "
                     "Alpine.)";
        } else if (strstr(reason, "Windows error 126") != NULL) {
            advice = ". (Windows does not say which library is missing. Builds with OpenMP need VCOMP140.dll: install "
                     "Microsoft's Visual C++ Redistributable.)";
        }
        demur_fail(error, DEMUR_ERROR_LOAD, "%s cannot be opened: %s%s", path, reason, advice);
    }
    return library;
}

typedef struct symbol {
    const char *name;
    size_t field;
} symbol;

#define ABI_SYMBOL(result, name, parameters) {#name, offsetof(abi, name)},
static const symbol required_symbols[] = {ABI_REQUIRED(ABI_SYMBOL)};
static const symbol optional_symbols[] = {ABI_OPTIONAL(ABI_SYMBOL)};
static const symbol tensor_symbols[] = {ABI_TENSORS(ABI_SYMBOL)};
static const symbol graph_symbols[] = {ABI_GRAPH(ABI_SYMBOL)};
#undef ABI_SYMBOL

static bool resolve_symbol(abi *abi, const symbol *symbol) {
    void *address = demur_library_symbol(abi->library, symbol->name);
    memcpy((char *)abi + symbol->field, &address, sizeof address);
    return address != NULL;
}

static int32_t resolve(abi *abi, char *error) {
    char missing[512] = "";
    size_t count = 0, length = 0;
    for (size_t i = 0; i < sizeof required_symbols / sizeof *required_symbols; i++) {
        if (!resolve_symbol(abi, &required_symbols[i]) && count++ < 5) {
            length += (size_t)snprintf(missing + length, sizeof missing - length, "%s%s", count > 1 ? ", " : "",
                                       required_symbols[i].name);
        }
    }
    for (size_t i = 0; i < sizeof optional_symbols / sizeof *optional_symbols; i++) {
        resolve_symbol(abi, &optional_symbols[i]);
    }
    if (count > 5) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                          "it does not export %s and %zu more functions that Demur needs of llama.cpp.", missing,
                          count - 5);
    }
    if (count > 0) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "it does not export %s, which Demur needs of llama.cpp.",
                          missing);
    }
    abi->new_memory = abi->llama_get_memory != NULL && abi->llama_memory_seq_rm != NULL;
    if (!abi->new_memory && abi->llama_kv_self_seq_rm == NULL) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                          "it exports neither llama_memory_seq_rm nor llama_kv_self_seq_rm: this llama.cpp "
                          "is too old or too new.");
    }
    /*
     * Two changes leave no trace in the exports: a counter for each context (June 2025) and the device type for
     * integrated GPUs (September). This function came in August, and whoever lacks it is treated as older.
     */
    const bool recent = demur_library_symbol(abi->library, "llama_flash_attn_type_name") != NULL;
    abi->one_decode_at_a_time = !recent;
    abi->integrated_gpus = recent;
    return DEMUR_OK;
}

/* ---- structs by value ---- */

/*
 * Calls a function that returns a large struct, so that it writes exactly its own bytes to `out`: the C language has
 * no way to keep a compiler from copying more, so the hidden pointer of the calling convention is passed openly.
 */
static void call_into(void *function, void *out, int32_t a, int32_t b, int32_t c) {
#if defined(__aarch64__) && !defined(_WIN32)
    register void *result __asm__("x8") = out;
    register int64_t x0 __asm__("x0") = a;
    register int64_t x1 __asm__("x1") = b;
    register int64_t x2 __asm__("x2") = c;
    __asm__ volatile("blr %[function]"
                     : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(result)
                     : [function] "r"(function)
                     : "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
                       "x30", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21",
                       "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31", "memory", "cc");
#elif defined(__x86_64__) || defined(_M_X64)
    void *(*call)(void *out, int32_t a, int32_t b, int32_t c);
    memcpy(&call, &function, sizeof call);
    call(out, a, b, c);
#else
#error "How this architecture returns a large struct is not known here."
#endif
}

/* Calls it twice over different fillings: what both calls left equal is what the function wrote. */
static size_t written_bytes(void *function, int32_t a, abi_params *out, bool written[ABI_PARAMS_SIZE]) {
    abi_params other;
    memset(out->bytes, 0xA5, ABI_PARAMS_SIZE);
    memset(other.bytes, 0x5A, ABI_PARAMS_SIZE);
    call_into(function, out, a, 0, 1);
    call_into(function, &other, a, 0, 1);
    size_t end = 0;
    for (size_t i = 0; i < ABI_PARAMS_SIZE; i++) {
        written[i] = out->bytes[i] == other.bytes[i];
        if (written[i]) {
            end = i + 1;
        } else {
            out->bytes[i] = 0;
        }
    }
    return end;
}

static int32_t integer_at(const abi_params *params, size_t offset) {
    int32_t value;
    memcpy(&value, params->bytes + offset, sizeof value);
    return value;
}

/*
 * The known layouts of llama_model_params. All end in four pointers (tensor_split, progress_callback, its data,
 * kv_overrides) and then in bools, some of which are true by default; before them stand pointers and integers:
 *   devices | n_gpu_layers, split_mode, main_gpu
 *   devices, tensor_buft_overrides | n_gpu_layers, split_mode, main_gpu             (later: + load_mode)
 *   devices, tensor_buft_overrides | n_gpu_layers, split_mode, load_mode, lazy_mode, main_gpu
 */
typedef struct model_layout {
    size_t gpu_layers;
    size_t flags;
} model_layout;
static const model_layout model_layouts[] = {{8, 56}, {16, 64}, {16, 72}};

static bool all_zero(const abi_params *params, const bool *written, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) {
        if (!written[i] || params->bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool model_layout_fits(const model_layout *layout, const abi_params *params, const bool *written, size_t end) {
    if (end < layout->flags + 4 || end > layout->flags + 16 || !all_zero(params, written, 0, layout->gpu_layers) ||
        integer_at(params, layout->gpu_layers + 4) != 1 /* LLAMA_SPLIT_MODE_LAYER */ ||
        !all_zero(params, written, layout->flags - 32, layout->flags)) {
        return false;
    }
    bool flag = false;
    for (size_t i = layout->flags; i < end; i++) {
        if (params->bytes[i] > 1) {
            return false;
        }
        flag |= i < layout->flags + 8 && params->bytes[i] == 1;
    }
    return flag;
}

static void describe_bytes(const abi_params *params, size_t end, char *out, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < end && length + 12 < size; i += 4) {
        length +=
            (size_t)snprintf(out + length, size - length, "%s%x", i > 0 ? " " : "", (unsigned)integer_at(params, i));
    }
}

static int32_t probe_model_params(abi *abi, char *error) {
    void *function = demur_library_symbol(abi->library, "llama_model_default_params");
    if (function == NULL) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "it does not export llama_model_default_params.");
    }
    bool written[ABI_PARAMS_SIZE];
    size_t end = written_bytes(function, 0, &abi->model_defaults, written);
    for (size_t i = 0; i < sizeof model_layouts / sizeof *model_layouts; i++) {
        if (model_layout_fits(&model_layouts[i], &abi->model_defaults, written, end)) {
            abi->model_gpu_layers = model_layouts[i].gpu_layers;
            abi->model_progress = model_layouts[i].flags - 24;
            return DEMUR_OK;
        }
    }
    char words[512] = "";
    describe_bytes(&abi->model_defaults, end, words, sizeof words);
    return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                      "llama_model_default_params has an unknown layout (%zu bytes, as 32-bit words: %s).", end, words);
}

/*
 * The evaluation callback and its data stand before type_k and type_v, which are both 1, in every known layout; where
 * in the parameters that is differs. The place must be the only one that looks like it.
 */
static void find_evaluation(abi *abi, const bool *written, size_t end) {
    size_t places = 0;
    for (size_t i = 6 * sizeof(int32_t); i + 24 <= end; i += sizeof(void *)) {
        if (all_zero(&abi->context_defaults, written, i, i + 16) && integer_at(&abi->context_defaults, i + 16) == 1 &&
            integer_at(&abi->context_defaults, i + 20) == 1) {
            abi->context_evaluation = i;
            places++;
        }
    }
    if (places != 1) {
        snprintf(abi->no_tensors, sizeof abi->no_tensors,
                 "its llama_context_params have %zu places that look like the evaluation callback", places);
    }
    for (size_t i = 0; i < sizeof tensor_symbols / sizeof *tensor_symbols; i++) {
        if (!resolve_symbol(abi, &tensor_symbols[i])) {
            snprintf(abi->no_tensors, sizeof abi->no_tensors, "it does not export %s", tensor_symbols[i].name);
        }
    }
}

/*
 * kv_unified is the last of six bools behind the evaluation callback, both types, and the abort callback with its data,
 * behind which some releases have one pointer more: embeddings, offload_kqv, no_perf, op_offload, swa_full, kv_unified.
 * Their defaults tell them from what stood there before there were sequences with memory of their own.
 */
static void find_unified(abi *abi, const bool *written) {
    static const uint8_t defaults[6] = {0, 1, 1, 1, 1, 0};
    const size_t pointers = abi->context_evaluation + 24;
    abi->context_unified = 0;
    for (size_t flags = pointers + 16; flags <= pointers + 24; flags += sizeof(void *)) {
        bool fits = abi->new_memory && abi->context_evaluation > 0 &&
                    all_zero(&abi->context_defaults, written, pointers, flags);
        for (size_t i = 0; i < sizeof defaults; i++) {
            fits = fits && written[flags + i] && abi->context_defaults.bytes[flags + i] == defaults[i];
        }
        abi->context_unified = fits ? flags + 5 : abi->context_unified;
    }
}

static int32_t probe_context_params(abi *abi, char *error) {
    void *function = demur_library_symbol(abi->library, "llama_context_default_params");
    if (function == NULL) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "it does not export llama_context_default_params.");
    }
    bool written[ABI_PARAMS_SIZE];
    size_t end = written_bytes(function, 0, &abi->context_defaults, written);
    static const int32_t expected[4] = {512, 2048, 512, 1}; /* n_ctx, n_batch, n_ubatch, n_seq_max */
    for (size_t i = 0; i < 4; i++) {
        if (integer_at(&abi->context_defaults, 4 * i) != expected[i] || end > ABI_PARAMS_SIZE - 64) {
            char words[512] = "";
            describe_bytes(&abi->context_defaults, end, words, sizeof words);
            return demur_fail(error, DEMUR_ERROR_UNSUPPORTED,
                              "llama_context_default_params has an unknown layout (%zu bytes, as 32-bit words: %s).",
                              end, words);
        }
    }
    find_evaluation(abi, written, end);
    find_unified(abi, written);
    return DEMUR_OK;
}

static int32_t probe_batch(abi *abi, char *error) {
    void *function = demur_library_symbol(abi->library, "llama_batch_init");
    if (function == NULL) {
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "it does not export llama_batch_init.");
    }
    abi_params raw;
    memset(raw.bytes, 0xA5, sizeof raw.bytes);
    call_into(function, &raw, 1, 0, 1);
    abi_batch batch;
    memcpy(&batch, raw.bytes, sizeof batch);
    bool fits = batch.n_tokens == 0 && batch.token != NULL && batch.embd == NULL && batch.pos != NULL &&
                batch.n_seq_id != NULL && batch.seq_id != NULL && batch.logits != NULL;
    for (size_t i = sizeof batch; i < sizeof raw.bytes; i++) {
        fits = fits && raw.bytes[i] == 0xA5;
    }
    if (!fits) {
        char words[256] = "";
        describe_bytes(&raw, sizeof batch + 16, words, sizeof words);
        return demur_fail(error, DEMUR_ERROR_UNSUPPORTED, "llama_batch has an unknown layout (as 32-bit words: %s).",
                          words);
    }
    abi->llama_batch_free(batch);
    return DEMUR_OK;
}

int32_t abi_start(abi *abi, void *library, const char *folder, void (*log)(int, const char *, void *), char *error) {
    memset(abi, 0, sizeof *abi);
    abi->library = library;
    int32_t status = resolve(abi, error);
    if (status == DEMUR_OK) {
        abi->llama_log_set(log, NULL);
        status = probe_model_params(abi, error);
    }
    if (status == DEMUR_OK) {
        status = probe_context_params(abi, error);
    }
    if (status == DEMUR_OK) {
        status = probe_batch(abi, error);
    }
    if (status != DEMUR_OK) {
        return status;
    }
    abi_load_backends(abi, folder);
    if (abi->ggml_backend_dev_count() == 0) {
        return demur_fail(error, DEMUR_ERROR_LOAD,
                          "The library works on no device: %s holds no libggml-cpu* that fits this CPU.", folder);
    }
    abi->llama_backend_init();
    return DEMUR_OK;
}

/* ---- samplers in the compute graph ---- */

typedef struct sampler_object {
    const abi_sampler_functions *functions;
    void *state;
} sampler_object;

void *abi_sampler_state(const struct llama_sampler *sampler) { return ((const sampler_object *)sampler)->state; }

static const abi_sampler_functions *functions_of(const struct llama_sampler *sampler) {
    return ((const sampler_object *)sampler)->functions;
}

static const char *probe_name(const struct llama_sampler *sampler) { return abi_sampler_state(sampler); }
static const abi_sampler_functions probe_functions = {.name = probe_name};

/* Who has which function in the graph: one that only selects, one that needs a random number, one that has none. */
static bool tables_fit(const abi *abi, struct llama_sampler *const samplers[4]) {
    const abi_sampler_functions *greedy = functions_of(samplers[0]), *random = functions_of(samplers[1]);
    const abi_sampler_functions *host = functions_of(samplers[2]);
    char state[] = "demur";
    struct llama_sampler *own = abi->llama_sampler_init(&probe_functions, state);
    bool fits = functions_of(own) == &probe_functions && abi_sampler_state(own) == state;
    abi->llama_sampler_free(own);
    return fits && greedy->accept == NULL && greedy->graph_init != NULL && greedy->graph_accept == NULL &&
           greedy->graph_apply != NULL && greedy->graph_set_input == NULL && random->graph_init != NULL &&
           random->graph_accept == NULL && random->graph_apply != NULL && random->graph_set_input != NULL &&
           host->apply != NULL && host->free != NULL && host->graph_init == NULL && host->graph_accept == NULL &&
           host->graph_apply == NULL && host->graph_set_input == NULL;
}

/* The places of logits, sampled and candidates; probs has the one that is left. */
static bool data_fits(const abi *abi, struct ggml_context *ggml, struct llama_sampler *const samplers[4]) {
    enum { LOGITS = 16, KEPT = 4 };
    struct ggml_cgraph *graph = abi->ggml_new_graph(ggml);
    struct {
        abi_sampler_data data;
        struct ggml_tensor *behind[4];
    } first = {.data = {.logits = abi->ggml_new_tensor_1d(ggml, ABI_F32, LOGITS)}}, second = first;
    functions_of(samplers[0])->graph_apply(samplers[0], ggml, graph, &first.data);
    functions_of(samplers[3])->graph_apply(samplers[3], ggml, graph, &second.data);
    bool fits = first.data.sampled != NULL && first.data.probs == NULL && first.data.candidates == NULL &&
                abi->ggml_nelements(first.data.sampled) == 1 && abi->ggml_element_size(first.data.sampled) == 4 &&
                second.data.sampled == NULL && second.data.probs == NULL && second.data.logits != NULL &&
                second.data.candidates != NULL && abi->ggml_nelements(second.data.logits) == KEPT &&
                abi->ggml_nelements(second.data.candidates) == KEPT;
    for (size_t i = 0; i < 4; i++) {
        fits = fits && first.behind[i] == NULL && second.behind[i] == NULL;
    }
    return fits;
}

static void probe_graph(abi *abi) {
    struct llama_sampler *const samplers[4] = {abi->llama_sampler_init_greedy(), abi->llama_sampler_init_dist(1),
                                               abi->llama_sampler_init_top_n_sigma(1),
                                               abi->llama_sampler_init_top_k(4)};
    const abi_ggml_params params = {128 * abi->ggml_tensor_overhead() + abi->ggml_graph_overhead(), NULL, true};
    struct ggml_context *ggml = abi->ggml_init(params);
    if (ggml == NULL) {
        snprintf(abi->no_graph, sizeof abi->no_graph, "ggml_init gives no memory");
    } else if (!tables_fit(abi, samplers)) {
        snprintf(abi->no_graph, sizeof abi->no_graph, "its llama_sampler_i has an unknown layout");
    } else if (!data_fits(abi, ggml, samplers)) {
        snprintf(abi->no_graph, sizeof abi->no_graph, "its llama_sampler_data has an unknown layout");
    }
    if (ggml != NULL) {
        abi->ggml_free(ggml);
    }
    for (size_t i = 0; i < 4; i++) {
        abi->llama_sampler_free(samplers[i]);
    }
}

void abi_start_graph(abi *abi) {
    /* Until the release that brought it, graph_init had one argument less, and nobody counted the nodes of samplers. */
    const char *missing =
        demur_library_symbol(abi->library, "llama_sampler_copy") != NULL ? NULL : "llama_sampler_copy";
    for (size_t i = 0; i < sizeof graph_symbols / sizeof *graph_symbols; i++) {
        if (!resolve_symbol(abi, &graph_symbols[i]) && missing == NULL) {
            missing = graph_symbols[i].name;
        }
    }
    for (size_t i = 0; i < sizeof tensor_symbols / sizeof *tensor_symbols; i++) {
        if (!resolve_symbol(abi, &tensor_symbols[i]) && missing == NULL) {
            missing = tensor_symbols[i].name;
        }
    }
    if (missing != NULL) {
        snprintf(abi->no_graph, sizeof abi->no_graph, "it does not export %s", missing);
        return;
    }
    probe_graph(abi);
}

/* ---- what differs in use ---- */

struct llama_model *abi_model_load(const abi *abi, const char *path, struct ggml_backend_device **devices,
                                   int32_t gpu_layers, bool (*progress)(float, void *), void *data) {
    abi_params params = abi->model_defaults;
    memcpy(params.bytes, &devices, sizeof devices); /* the first field in every known layout */
    if (gpu_layers >= 0) {
        memcpy(params.bytes + abi->model_gpu_layers, &gpu_layers, sizeof gpu_layers);
    }
    memcpy(params.bytes + abi->model_progress, &progress, sizeof progress);
    memcpy(params.bytes + abi->model_progress + sizeof progress, &data, sizeof data);
    return abi->llama_model_load_from_file(path, params);
}

bool abi_shares_cells(const abi *abi) {
    /* The older memory is one pool of cells in any case. */
    return !abi->new_memory || abi->context_unified != 0;
}

struct llama_context *abi_context_create(const abi *abi, struct llama_model *model, uint32_t size, uint32_t cells,
                                         uint32_t batch, uint32_t sequences, abi_evaluation evaluation, void *data) {
    abi_params params = abi->context_defaults;
    /* Older releases round n_ctx up to 32, newer ones every sequence's share to 256, n_batch being cut before that. */
    const bool shared = cells > 0 && abi_shares_cells(abi);
    const uint32_t part = batch < 512 ? batch : 512;
    /*
     * The older memory packs its cells where a batch needs neighbouring ones, and then plans for as many tokens as are
     * computed in one go behind those in use: without room for them an assertion fails.
     */
    const uint32_t spare = abi->new_memory ? 0 : part;
    const uint32_t total = shared ? (cells + spare + 255) / 256 * 256 : (size + 255) / 256 * 256 * sequences;
    const uint32_t first[4] = {total, batch, part, sequences};
    memcpy(params.bytes, first, sizeof first);
    if (shared && abi->context_unified != 0) {
        params.bytes[abi->context_unified] = 1;
    }
    if (evaluation != NULL) {
        memcpy(params.bytes + abi->context_evaluation, &evaluation, sizeof evaluation);
        memcpy(params.bytes + abi->context_evaluation + sizeof evaluation, &data, sizeof data);
    }
    return abi->llama_init_from_model(model, params);
}

uint32_t abi_max_sequences(const abi *abi) {
    /* Before the function existed the limit was 64 or none at all. */
    return abi->llama_max_parallel_sequences != NULL ? (uint32_t)abi->llama_max_parallel_sequences() : 64;
}

uint32_t abi_context_size(const abi *abi, const struct llama_context *context, uint32_t sequences) {
    /* The older memory is one pool of n_ctx cells: an equal share is what each can rely on. */
    return abi->llama_n_ctx_seq != NULL ? abi->llama_n_ctx_seq(context) : abi->llama_n_ctx(context) / sequences;
}

int32_t abi_decode(const abi *abi, struct llama_context *context, abi_batch batch, bool scattered,
                   void (*again)(void *), void *data) {
    int32_t result = abi->llama_decode(context, batch);
    if (!scattered || abi->new_memory || abi->llama_kv_self_defrag == NULL || abi->llama_kv_self_update == NULL) {
        return result;
    }
    /*
     * The older memory needs neighbouring cells, and answers 1 or -3 without them. One pass of packing moves only as
     * many as fit into one graph.
     */
    for (int pass = 0; (result == 1 || result == -3) && pass < 256; pass++) {
        abi->llama_kv_self_defrag(context);
        abi->llama_kv_self_update(context);
        if (again != NULL) {
            again(data);
        }
        result = abi->llama_decode(context, batch);
    }
    return result;
}

bool abi_memory_remove(const abi *abi, struct llama_context *context, int32_t sequence, int32_t from, int32_t to) {
    if (abi->new_memory) {
        void *memory = abi->llama_get_memory(context);
        return memory == NULL || abi->llama_memory_seq_rm(memory, sequence, from, to);
    }
    return abi->llama_kv_self_seq_rm(context, sequence, from, to);
}

bool abi_memory_share(const abi *abi, struct llama_context *context, int32_t from, int32_t to, int32_t count) {
    if (abi->new_memory) {
        void *memory = abi->llama_get_memory(context);
        if (memory == NULL || abi->llama_memory_seq_cp == NULL) {
            return false;
        }
        abi->llama_memory_seq_cp(memory, from, to, 0, count);
    } else if (abi->llama_kv_self_seq_cp != NULL) {
        abi->llama_kv_self_seq_cp(context, from, to, 0, count);
    } else {
        return false;
    }
    /* A recurrent state is copied whole, whatever was asked for: it cannot forget what is behind `count`, and says so.
     */
    return abi_memory_remove(abi, context, to, count, -1);
}

const char *abi_device_type(const abi *abi, struct ggml_backend_device *device) {
    switch (abi->ggml_backend_dev_type(device)) {
        case 0:
            return "cpu";
        case 1:
            return "gpu";
        case 2:
            return abi->integrated_gpus ? "igpu" : "accel";
        default:
            return "accel";
    }
}
