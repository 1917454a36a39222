#include "micro_model.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

enum { HEADS = 4, FEED_FORWARD = 128, ALIGNMENT = 32 };
enum { TYPE_UINT32 = 4, TYPE_INT32 = 5, TYPE_FLOAT32 = 6, TYPE_BOOL = 7, TYPE_STRING = 8, TYPE_ARRAY = 9 };
enum { TOKEN_NORMAL = 1, TOKEN_UNKNOWN = 2, TOKEN_CONTROL = 3, TOKEN_USER_DEFINED = 4, TOKEN_BYTE = 6 };
enum { MOST_TENSORS = 64 };

typedef struct tensor {
    char name[64];
    uint32_t rows; /* 0: a vector */
    uint32_t columns;
} tensor;

typedef struct writer {
    FILE *file;
    uint64_t keys;
    bool counting; /* the first pass only counts the keys */
    tensor tensors[MOST_TENSORS];
    uint64_t tensor_count;
} writer;

static void put(writer *writer, const void *bytes, size_t size) {
    if (!writer->counting && fwrite(bytes, 1, size, writer->file) != size) {
        perror("micro model");
        exit(1);
    }
}

static void put_u32(writer *writer, uint32_t value) { put(writer, &value, sizeof value); }
static void put_u64(writer *writer, uint64_t value) { put(writer, &value, sizeof value); }
static void put_float(writer *writer, float value) { put(writer, &value, sizeof value); }

static void put_string(writer *writer, const char *text) {
    put_u64(writer, strlen(text));
    put(writer, text, strlen(text));
}

static void put_key(writer *writer, const char *key, uint32_t type) {
    writer->keys++;
    put_string(writer, key);
    put_u32(writer, type);
}

static void put_key_u32(writer *writer, const char *key, uint32_t value) {
    put_key(writer, key, TYPE_UINT32);
    put_u32(writer, value);
}

static void put_key_string(writer *writer, const char *key, const char *value) {
    put_key(writer, key, TYPE_STRING);
    put_string(writer, value);
}

static void put_key_array(writer *writer, const char *key, uint32_t type, uint64_t count) {
    put_key(writer, key, TYPE_ARRAY);
    put_u32(writer, type);
    put_u64(writer, count);
}

/* ---- vocabularies ---- */

typedef struct token {
    char text[24];
    int32_t type;
    float score;
} token;

static token tokens[512];
static uint32_t token_count;

static void add_token(const char *text, int32_t type, float score) {
    token *next = &tokens[token_count++];
    snprintf(next->text, sizeof next->text, "%s", text);
    next->type = type;
    next->score = score;
}

static void make_spm_tokens(bool bytes) {
    static const char *words[] = {"\xe2\x96\x81t",    "\xe2\x96\x81th",  "\xe2\x96\x81the",  "\xe2\x96\x81h",
                                  "\xe2\x96\x81he",   "\xe2\x96\x81hel", "\xe2\x96\x81hell", "\xe2\x96\x81hello",
                                  "\xe2\x96\x81w",    "\xe2\x96\x81wo",  "\xe2\x96\x81wor",  "\xe2\x96\x81worl",
                                  "\xe2\x96\x81world"};
    char text[8];
    token_count = 0;
    add_token("<unk>", TOKEN_UNKNOWN, 0);
    add_token("<s>", TOKEN_CONTROL, 0);
    add_token("</s>", TOKEN_CONTROL, 0);
    add_token("[respond]", TOKEN_CONTROL, 0);
    add_token("[refuse]", TOKEN_CONTROL, 0);
    add_token("[user]", TOKEN_USER_DEFINED, 0);
    for (int i = 0; i < 256; i++) {
        snprintf(text, sizeof text, bytes ? "<0x%02X>" : "b%03X", (unsigned)i);
        add_token(text, bytes ? TOKEN_BYTE : TOKEN_NORMAL, bytes ? 0 : -30);
    }
    add_token("\xe2\x96\x81", TOKEN_NORMAL, -20);
    for (int c = 'a'; c <= 'z'; c++) {
        add_token((char[]){(char)c, '\0'}, TOKEN_NORMAL, -20);
    }
    for (int c = '!'; token_count < MICRO_VOCABULARY - sizeof words / sizeof *words; c++) {
        add_token((char[]){(char)c, '\0'}, TOKEN_NORMAL, -20);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        add_token(words[i], TOKEN_NORMAL, -(float)i - 1);
    }
}

/* GPT-2's way to write any byte as a printable character. */
static void make_bpe_tokens(void) {
    int extra = 0;
    token_count = 0;
    for (int byte = 0; byte < 256; byte++) {
        bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
        int code = printable ? byte : 256 + extra++;
        if (code < 0x80) {
            add_token((char[]){(char)code, '\0'}, TOKEN_NORMAL, 0);
        } else {
            add_token((char[]){(char)(0xC0 | code >> 6), (char)(0x80 | (code & 0x3F)), '\0'}, TOKEN_NORMAL, 0);
        }
    }
    add_token("he", TOKEN_NORMAL, 0);
    add_token("<|end|>", TOKEN_CONTROL, 0);
}

static void put_vocabulary(writer *writer, micro_kind kind) {
    if (kind == MICRO_NO_VOCABULARY) {
        put_key_string(writer, "tokenizer.ggml.model", "no_vocab");
        put_key_u32(writer, "llama.vocab_size", token_count);
        return;
    }
    put_key_string(writer, "tokenizer.ggml.model", kind == MICRO_BPE ? "gpt2" : "llama");
    put_key_array(writer, "tokenizer.ggml.tokens", TYPE_STRING, token_count);
    for (uint32_t i = 0; i < token_count; i++) {
        put_string(writer, tokens[i].text);
    }
    put_key_array(writer, "tokenizer.ggml.token_type", TYPE_INT32, token_count);
    for (uint32_t i = 0; i < token_count; i++) {
        put_u32(writer, (uint32_t)tokens[i].type);
    }
    if (kind != MICRO_BPE) {
        put_key_array(writer, "tokenizer.ggml.scores", TYPE_FLOAT32, token_count);
        for (uint32_t i = 0; i < token_count; i++) {
            put_float(writer, tokens[i].score);
        }
        put_key_u32(writer, "tokenizer.ggml.unknown_token_id", MICRO_UNKNOWN);
        put_key_u32(writer, "tokenizer.ggml.bos_token_id", MICRO_BOS);
        put_key_u32(writer, "tokenizer.ggml.eos_token_id", MICRO_EOS);
        put_key(writer, "tokenizer.ggml.add_bos_token", TYPE_BOOL);
        put(writer, "\1", 1);
    } else {
        put_key_string(writer, "tokenizer.ggml.pre", "gpt-2");
        put_key_array(writer, "tokenizer.ggml.merges", TYPE_STRING, 1);
        put_string(writer, "h e");
        put_key_u32(writer, "tokenizer.ggml.bos_token_id", token_count - 1);
        put_key_u32(writer, "tokenizer.ggml.eos_token_id", token_count - 1);
    }
}

/* ---- the file ---- */

/* llama.cpp compares the rotated dimensions with the size of a head when it loads a llama, and asserts it of others. */
static const char *architecture(micro_kind kind) { return kind == MICRO_ROTATES_TOO_MUCH ? "internlm2" : "llama"; }

static const char *hyperparameter(micro_kind kind, const char *name) {
    static char key[64];
    snprintf(key, sizeof key, "%s.%s", architecture(kind), name);
    return key;
}

static void put_keys(writer *writer, micro_kind kind) {
    put_key_string(writer, "general.architecture", architecture(kind));
    put_key_string(writer, "general.name", "micro");
    put_key_u32(writer, hyperparameter(kind, "context_length"), MICRO_CONTEXT);
    put_key_u32(writer, hyperparameter(kind, "embedding_length"), MICRO_EMBEDDING);
    put_key_u32(writer, hyperparameter(kind, "block_count"), MICRO_LAYERS);
    put_key_u32(writer, hyperparameter(kind, "feed_forward_length"), FEED_FORWARD);
    put_key_u32(writer, hyperparameter(kind, "attention.head_count"), HEADS);
    put_key_u32(writer, hyperparameter(kind, "rope.dimension_count"),
                (kind == MICRO_ROTATES_TOO_MUCH ? 2 : 1) * MICRO_EMBEDDING / HEADS);
    put_key(writer, hyperparameter(kind, "attention.layer_norm_rms_epsilon"), TYPE_FLOAT32);
    put_float(writer, 1e-5f);
    put_vocabulary(writer, kind);
}

static void add_tensor(writer *writer, uint32_t rows, uint32_t columns, int layer, const char *name) {
    tensor *next = &writer->tensors[writer->tensor_count++];
    if (layer < 0) {
        snprintf(next->name, sizeof next->name, "%s.weight", name);
    } else {
        snprintf(next->name, sizeof next->name, "blk.%d.%s.weight", layer, name);
    }
    next->rows = rows;
    next->columns = columns;
}

static uint64_t tensor_bytes(const tensor *tensor) {
    return (uint64_t)(tensor->rows > 0 ? tensor->rows : 1) * tensor->columns * sizeof(float);
}

static void put_padding(writer *writer) {
    long position = ftell(writer->file);
    while (position++ % ALIGNMENT != 0) {
        put(writer, "", 1);
    }
}

static void list_tensors(writer *writer) {
    add_tensor(writer, token_count, MICRO_EMBEDDING, -1, "token_embd");
    for (int layer = 0; layer < MICRO_LAYERS; layer++) {
        add_tensor(writer, 0, MICRO_EMBEDDING, layer, "attn_norm");
        add_tensor(writer, MICRO_EMBEDDING, MICRO_EMBEDDING, layer, "attn_q");
        add_tensor(writer, MICRO_EMBEDDING, MICRO_EMBEDDING, layer, "attn_k");
        add_tensor(writer, MICRO_EMBEDDING, MICRO_EMBEDDING, layer, "attn_v");
        add_tensor(writer, MICRO_EMBEDDING, MICRO_EMBEDDING, layer, "attn_output");
        add_tensor(writer, 0, MICRO_EMBEDDING, layer, "ffn_norm");
        add_tensor(writer, FEED_FORWARD, MICRO_EMBEDDING, layer, "ffn_gate");
        add_tensor(writer, FEED_FORWARD, MICRO_EMBEDDING, layer, "ffn_up");
        add_tensor(writer, MICRO_EMBEDDING, FEED_FORWARD, layer, "ffn_down");
    }
    add_tensor(writer, 0, MICRO_EMBEDDING, -1, "output_norm");
    add_tensor(writer, token_count, MICRO_EMBEDDING, -1, "output");
}

static void put_tensors(writer *writer) {
    uint64_t offset = 0, random = 42;
    for (uint64_t i = 0; i < writer->tensor_count; i++) {
        const tensor *tensor = &writer->tensors[i];
        put_string(writer, tensor->name);
        put_u32(writer, tensor->rows > 0 ? 2 : 1);
        put_u64(writer, tensor->columns);
        if (tensor->rows > 0) {
            put_u64(writer, tensor->rows);
        }
        put_u32(writer, 0); /* F32 */
        put_u64(writer, offset);
        offset += tensor_bytes(tensor);
    }
    put_padding(writer);
    for (uint64_t i = 0; i < writer->tensor_count; i++) {
        const tensor *tensor = &writer->tensors[i];
        for (uint64_t j = 0; j < tensor_bytes(tensor) / sizeof(float); j++) {
            put_float(writer, tensor->rows == 0 ? 1.0f : 0.25f * random_float(&random));
        }
    }
}

void micro_model_write(const char *path, micro_kind kind) {
    static writer writer;
    memset(&writer, 0, sizeof writer);
    writer.file = fopen(path, "wb");
    if (writer.file == NULL) {
        perror(path);
        exit(1);
    }
    if (kind == MICRO_BPE) {
        make_bpe_tokens();
    } else {
        make_spm_tokens(kind != MICRO_NO_BYTES);
    }
    writer.counting = true;
    put_keys(&writer, kind);
    writer.counting = false;
    list_tensors(&writer);
    put(&writer, "GGUF", 4);
    put_u32(&writer, 3);
    put_u64(&writer, writer.tensor_count);
    put_u64(&writer, writer.keys);
    put_keys(&writer, kind);
    put_tensors(&writer);
    if (fclose(writer.file) != 0) {
        perror(path);
        exit(1);
    }
}
