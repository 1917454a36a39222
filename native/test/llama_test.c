/* Everything that needs a llama.cpp library. Arguments: the library, "old" or "new", a folder for model files. */
#define _GNU_SOURCE
#include <math.h>

#include "micro_model.h"
#include "portable.h"
#include "test.h"

static const char *library;
static const char *generation;
static demur_runtime *runtime;
static demur_model *model; /* MICRO_SPM, for all tests */
static char spm_path[4096], bpe_path[4096], no_bytes_path[4096], empty_path[4096], broken_path[4096],
    rotating_path[4096];

enum { OUT = 1 << 16 };
static char out[OUT];
static int64_t length;

/* ---- helpers ---- */

static demur_context *new_context(int32_t size, int32_t batch, int32_t sequences, demur_control *control) {
    demur_context *context = NULL;
    NEED(demur_context_create(model, size, 0, batch, sequences, 1, control, &context, error));
    return context;
}

/* Decodes tokens 100, 101, ... of a sequence from a position on; the last one gives logits. */
static int32_t decode_run(demur_context *context, int32_t sequence, int32_t from, int32_t count) {
    int32_t tokens[MICRO_CONTEXT], positions[MICRO_CONTEXT], sequences[MICRO_CONTEXT];
    int8_t outputs[MICRO_CONTEXT];
    for (int32_t i = 0; i < count; i++) {
        tokens[i] = 100 + (from + i) % 150;
        positions[i] = from + i;
        sequences[i] = sequence;
        outputs[i] = i == count - 1;
    }
    return demur_context_decode(context, count, tokens, positions, sequences, outputs, error);
}

static void copy_row(demur_context *context, int32_t index, float row[MICRO_VOCABULARY]) {
    const float *logits = NULL;
    NEED(demur_context_logits(context, index, &logits, error));
    memcpy(row, logits, MICRO_VOCABULARY * sizeof *row);
}

/* The largest distance between two rows; batches of other shapes add up in another order. */
static float distance(const float *a, const float *b) {
    float most = 0;
    for (int i = 0; i < MICRO_VOCABULARY; i++) {
        most = fmaxf(most, fabsf(a[i] - b[i]));
    }
    return most;
}

static void fresh_row(int32_t count, float row[MICRO_VOCABULARY]) {
    demur_context *context = new_context(1024, 1024, 1, NULL);
    NEED(decode_run(context, 0, 0, count));
    copy_row(context, count - 1, row);
    demur_context_free(context);
}

static demur_sampler *new_sampler(double temperature, int64_t seed, const int32_t *masked, int32_t count) {
    demur_sampler *sampler = NULL;
    NEED(demur_sampler_create(model, demur_kernel_best(-1), temperature, 40, 0.95, 0.05, 1, 0, 0, 0, seed, masked,
                              count, &sampler, error));
    return sampler;
}

/* Drains the log into `out` and says whether a part of text stands in it. */
static bool log_mentions(const char *part) {
    bool found = false;
    do {
        NEED(demur_log_read(out, OUT - 1, &length, error));
        out[length] = '\0';
        found |= strstr(out, part) != NULL;
    } while (length > 0);
    return found;
}

/* Drains the log and counts its lines of a level. */
static int log_lines(char level) {
    int lines = 0;
    do {
        NEED(demur_log_read(out, OUT - 1, &length, error));
        out[length] = '\0';
        for (char *line = out; *line != '\0'; line = strchr(line, '\n') + 1) {
            lines += line[0] == level;
        }
    } while (length > 0);
    return lines;
}

/* ---- runtime ---- */

static void opening_the_same_file_again_gives_the_same_runtime(void) {
    demur_runtime *again = NULL;
    CHECK_OK(demur_runtime_open(library, 0, &again, error));
    CHECK(again == runtime);
#if !defined(_WIN32) /* where making a link is a privilege */
    char link[4200];
    snprintf(link, sizeof link, "%s.link", spm_path);
    unlink(link);
    CHECK(symlink(library, link) == 0);
    again = NULL;
    CHECK_OK(demur_runtime_open(link, demur_cpu_features(), &again, error));
    CHECK(again == runtime);
    unlink(link);
#endif
}

static void the_description_names_library_abi_and_devices(void) {
    CHECK_OK(demur_runtime_describe(runtime, out, OUT - 1, &length, error));
    out[length] = '\0';
    char abi[32];
    snprintf(abi, sizeof abi, "\nabi\t%s\n", generation);
    CHECK_SAYING(strstr(out, abi) != NULL, "in\n%s", out);
    CHECK(strncmp(out, "path\t/", 6) == 0 || (strncmp(out, "path\t", 5) == 0 && out[6] == ':'));
    CHECK(strstr(out, "\nversion\t") != NULL);
    CHECK(strstr(out, "\nsystem_info\tCPU") != NULL);
    CHECK(strstr(out, "\ndevice.0.name\t") != NULL);
    CHECK(strstr(out, ".type\tcpu\n") != NULL);
    CHECK(out[length - 1] == '\n');
    int64_t need = 0;
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_runtime_describe(runtime, out, length - 1, &need, error));
    CHECK(need == length);
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_runtime_describe(runtime, NULL, 0, &need, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_runtime_describe(NULL, out, OUT, &need, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_runtime_describe(runtime, NULL, OUT, &need, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_runtime_describe(runtime, out, -1, &need, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_runtime_describe(runtime, out, OUT, NULL, error));
}

static void chat_templates_are_rendered_by_name_and_by_text(void) {
    static const char messages[] = "system\0Be brief.\0user\0Hello";
    const char *expected =
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n";
    const char *templates[] = {"chatml",
                               "{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}"};
    for (int i = 0; i < 2; i++) {
        CHECK_OK(demur_chat_apply(runtime, templates[i], messages, sizeof messages, 2, 1, out, OUT, &length, error));
        CHECK_SAYING(length == (int64_t)strlen(expected) && memcmp(out, expected, strlen(expected)) == 0, "%.*s",
                     (int)length, out);
    }
    CHECK_STATUS(DEMUR_ERROR_SPACE,
                 demur_chat_apply(runtime, "chatml", messages, sizeof messages, 2, 1, out, 5, &length, error));
    CHECK(length == (int64_t)strlen(expected));
    CHECK_OK(demur_chat_apply(runtime, "chatml", NULL, 0, 0, 1, out, OUT, &length, error));
    CHECK_STATUS(DEMUR_ERROR_UNSUPPORTED,
                 demur_chat_apply(runtime, "no such one", messages, sizeof messages, 2, 1, out, OUT, &length, error));
    CHECK_MENTIONS("template");
}

static void a_long_conversation_is_rendered_whole(void) {
    enum { BYTES = 300000 };
    char *messages = malloc(BYTES + 8), *rendered = malloc(2 * BYTES);
    memcpy(messages, "user", 5);
    memset(messages + 5, 'x', BYTES);
    messages[5 + BYTES] = '\0';
    CHECK_OK(demur_chat_apply(runtime, "chatml", messages, BYTES + 6, 1, 0, rendered, 2 * BYTES, &length, error));
    CHECK(length == BYTES + (int64_t)strlen("<|im_start|>user\n<|im_end|>\n"));
    free(messages);
    free(rendered);
}

static void damaged_messages_are_bad_arguments(void) {
    static const char messages[] = "user\0Hello";
    const struct {
        const char *messages;
        int64_t bytes;
        int32_t count;
    } bad[] = {{messages, sizeof messages - 1, 1},
               {messages, sizeof messages, 2},
               {messages, 5, 1},
               {messages, sizeof messages, 0},
               {NULL, 11, 1},
               {messages, -1, 1},
               {messages, sizeof messages, -1},
               {messages, 11, INT32_MAX}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_chat_apply(runtime, "chatml", bad[i].messages, bad[i].bytes,
                                                            bad[i].count, 1, out, OUT, &length, error));
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT,
                 demur_chat_apply(runtime, NULL, messages, sizeof messages, 1, 1, out, OUT, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT,
                 demur_chat_apply(NULL, "chatml", messages, sizeof messages, 1, 1, out, OUT, &length, error));
}

static void the_template_names_are_listed(void) {
    CHECK_OK(demur_chat_template_names(runtime, out, OUT - 1, &length, error));
    out[length] = '\0';
    CHECK(strstr(out, "chatml\n") != NULL);
    CHECK(strstr(out, "zephyr\n") != NULL);
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_chat_template_names(runtime, out, 3, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_chat_template_names(NULL, out, OUT, &length, error));
}

/* ---- model ---- */

static void the_model_tells_its_facts(void) {
    const struct {
        int32_t key;
        int64_t value;
    } facts[] = {{DEMUR_MODEL_VOCABULARY, MICRO_VOCABULARY},
                 {DEMUR_MODEL_CONTEXT, MICRO_CONTEXT},
                 {DEMUR_MODEL_EMBEDDING, MICRO_EMBEDDING},
                 {DEMUR_MODEL_LAYERS, MICRO_LAYERS},
                 {DEMUR_MODEL_BOS, MICRO_BOS},
                 {DEMUR_MODEL_EOS, MICRO_EOS},
                 {DEMUR_MODEL_EOT, -1},
                 {DEMUR_MODEL_ADD_BOS, 1},
                 {DEMUR_MODEL_VOCABULARY_TYPE, 1}};
    int64_t value;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (facts[i].key == DEMUR_MODEL_EOT) {
            continue; /* some releases take the end of a turn from the end of a sequence */
        }
        value = -9;
        CHECK_OK(demur_model_number(model, facts[i].key, &value, error));
        CHECK_SAYING(value == facts[i].value, "key %d is %lld, not %lld", facts[i].key, (long long)value,
                     (long long)facts[i].value);
    }
    CHECK_OK(demur_model_number(model, DEMUR_MODEL_PARAMETERS, &value, error));
    CHECK(value > 100000 && value < 1000000);
    const int64_t parameters = value;
    CHECK_OK(demur_model_number(model, DEMUR_MODEL_BYTES, &value, error));
    CHECK(value == 4 * parameters);
    CHECK_OK(demur_model_describe(model, out, OUT, &length, error));
    CHECK(length > 5 && memcmp(out, "llama", 5) == 0);
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_number(model, -1, &value, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_number(model, 11, &value, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_number(model, 0, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_number(NULL, 0, &value, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_describe(NULL, out, OUT, &length, error));
}

static void loading_reports_progress_and_can_be_cancelled(void) {
    demur_control control = {0, -1};
    demur_model *loaded = NULL;
    CHECK_OK(demur_model_load(runtime, spm_path, NULL, -1, &control, &loaded, error));
    CHECK(control.progress == 1);
    demur_model_free(loaded);
    loaded = NULL;
    control.cancel = 1;
    log_lines('E');
    CHECK_STATUS(DEMUR_ERROR_CANCELLED, demur_model_load(runtime, spm_path, NULL, 0, &control, &loaded, error));
    CHECK(loaded == NULL);
    CHECK(log_lines('E') == 0);
    control.cancel = 0;
    CHECK_OK(demur_model_load(runtime, spm_path, NULL, 0, NULL, &loaded, error));
    demur_model_free(loaded);
}

static void the_processor_can_be_named_and_unknown_devices_are_refused(void) {
    demur_model *loaded = NULL;
    CHECK_OK(demur_model_load(runtime, spm_path, "CPU", 0, NULL, &loaded, error));
    demur_model_free(loaded);
    loaded = NULL;
    CHECK_OK(demur_model_load(runtime, spm_path, "", 0, NULL, &loaded, error));
    demur_model_free(loaded);
    loaded = NULL;
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_load(runtime, spm_path, "CPU\nNoSuch", 0, NULL, &loaded, error));
    CHECK_MENTIONS("no device \"NoSuch\"");
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_load(runtime, spm_path, "cpu", 0, NULL, &loaded, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_load(runtime, spm_path, "\n", 0, NULL, &loaded, error));
    CHECK(loaded == NULL);
}

static void a_failed_load_says_why(void) {
    demur_model *loaded = NULL;
    CHECK_STATUS(DEMUR_ERROR_LOAD, demur_model_load(runtime, "/no/such/model.gguf", NULL, -1, NULL, &loaded, error));
    CHECK_MENTIONS("/no/such/model.gguf");
    CHECK_STATUS(DEMUR_ERROR_LOAD, demur_model_load(runtime, broken_path, NULL, -1, NULL, &loaded, error));
    CHECK_MENTIONS(broken_path);
    CHECK_SAYING(strlen(error) > strlen(broken_path) + 40, "no reason in \"%s\"", error);
    CHECK(log_mentions("E "));
    CHECK_STATUS(DEMUR_ERROR_UNSUPPORTED, demur_model_load(runtime, empty_path, NULL, -1, NULL, &loaded, error));
    CHECK_MENTIONS("vocabulary");
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_load(NULL, spm_path, NULL, -1, NULL, &loaded, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_load(runtime, NULL, NULL, -1, NULL, &loaded, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_model_load(runtime, spm_path, NULL, -1, NULL, NULL, error));
    CHECK(loaded == NULL);
    CHECK(demur_model_load(runtime, "/no/such/model.gguf", NULL, -1, NULL, &loaded, NULL) == DEMUR_ERROR_LOAD);
}

static void token_attributes_tell_control_from_text(void) {
    int32_t attributes[MICRO_VOCABULARY];
    CHECK_OK(demur_token_attributes(model, 0, MICRO_VOCABULARY, attributes, error));
    CHECK(attributes[MICRO_UNKNOWN] & 1 << 0);
    CHECK(attributes[MICRO_RESPOND] & 1 << 3);
    CHECK(attributes[MICRO_USER] & 1 << 4);
    CHECK(attributes[MICRO_BYTES] & 1 << 5);
    CHECK(attributes[MICRO_WORDS] & 1 << 2);
    CHECK(attributes[MICRO_EOS] & DEMUR_TOKEN_END_OF_GENERATION);
    CHECK(!(attributes[MICRO_WORDS] & DEMUR_TOKEN_END_OF_GENERATION));
    CHECK_OK(demur_token_attributes(model, MICRO_VOCABULARY, 0, attributes, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_attributes(model, -1, 1, attributes, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_attributes(model, 0, -1, attributes, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_attributes(model, 1, MICRO_VOCABULARY, attributes, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_attributes(model, INT32_MAX, 1, attributes, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_attributes(model, 1, INT32_MAX, attributes, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_attributes(model, 0, 1, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_attributes(NULL, 0, 1, attributes, error));
}

static void text_becomes_tokens_and_tokens_text(void) {
    const char *text = "hello world";
    int32_t ids[32], count = -1;
    CHECK_OK(demur_tokenize(model, text, (int32_t)strlen(text), 1, 0, ids, 32, &count, error));
    CHECK(count == 3 && ids[0] == MICRO_BOS);
    char joined[64] = "";
    for (int32_t i = 1; i < count; i++) {
        CHECK_OK(demur_token_piece(model, ids[i], 0, out, OUT, &length, error));
        strncat(joined, out, (size_t)length);
    }
    CHECK_SAYING(strcmp(joined, " hello world") == 0, "\"%s\"", joined);
    const int32_t whole = count;
    CHECK_STATUS(DEMUR_ERROR_SPACE,
                 demur_tokenize(model, text, (int32_t)strlen(text), 1, 0, ids, whole - 1, &count, error));
    CHECK(count == whole);
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_tokenize(model, text, (int32_t)strlen(text), 1, 0, NULL, 0, &count, error));
    CHECK(count == whole);
    CHECK_OK(demur_tokenize(model, "", 0, 0, 0, NULL, 0, &count, error));
    CHECK(count == 0);
    CHECK_OK(demur_tokenize(model, NULL, 0, 0, 0, NULL, 0, &count, error));
}

static void control_tokens_are_parsed_only_where_asked(void) {
    const char *text = "[respond]";
    int32_t ids[32], count;
    CHECK_OK(demur_tokenize(model, text, (int32_t)strlen(text), 0, 1, ids, 32, &count, error));
    CHECK(count == 1 && ids[0] == MICRO_RESPOND);
    CHECK_OK(demur_tokenize(model, text, (int32_t)strlen(text), 0, 0, ids, 32, &count, error));
    for (int32_t i = 0; i < count; i++) {
        CHECK(ids[i] != MICRO_RESPOND);
    }
    CHECK_OK(demur_token_piece(model, MICRO_RESPOND, 1, out, OUT, &length, error));
    CHECK(length == 9 && memcmp(out, "[respond]", 9) == 0);
    CHECK_OK(demur_token_piece(model, MICRO_RESPOND, 0, out, OUT, &length, error));
    CHECK(length == 0);
}

static void pieces_may_be_parts_of_characters(void) {
    CHECK_OK(demur_token_piece(model, MICRO_BYTES + 0xE2, 0, out, OUT, &length, error));
    CHECK(length == 1 && (unsigned char)out[0] == 0xE2);
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_token_piece(model, MICRO_RESPOND, 1, out, 3, &length, error));
    CHECK(length == 9);
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_token_piece(model, MICRO_RESPOND, 1, NULL, 0, &length, error));
    CHECK(length == 9);
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_piece(model, -1, 1, out, OUT, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_piece(model, MICRO_VOCABULARY, 1, out, OUT, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_piece(model, 1, 1, NULL, 9, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_token_piece(NULL, 1, 1, out, OUT, &length, error));
}

static void bad_arguments_of_the_tokeniser_change_nothing(void) {
    int32_t ids[4], count = 77;
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_tokenize(NULL, "a", 1, 0, 0, ids, 4, &count, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_tokenize(model, NULL, 1, 0, 0, ids, 4, &count, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_tokenize(model, "a", -1, 0, 0, ids, 4, &count, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_tokenize(model, "a", 1, 0, 0, NULL, 4, &count, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_tokenize(model, "a", 1, 0, 0, ids, -1, &count, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_tokenize(model, "a", 1, 0, 0, ids, 4, NULL, error));
    CHECK(count == 77);
}

static void a_byte_level_vocabulary_takes_any_bytes(void) {
    demur_model *bpe = NULL;
    NEED(demur_model_load(runtime, bpe_path, NULL, -1, NULL, &bpe, error));
    int32_t ids[32], count = -1;
    CHECK_OK(demur_tokenize(bpe, "hello", 5, 0, 0, ids, 32, &count, error));
    CHECK(count == 4);
    int32_t status = demur_tokenize(bpe, "a\xff\xfe z", 5, 0, 0, ids, 32, &count, error);
    CHECK_SAYING(status == DEMUR_OK || status == DEMUR_ERROR_EXCEPTION, "%d: %s", status, error);
    demur_model_free(bpe);
}

static void an_exception_thrown_in_llama_cpp_is_an_error_with_its_message(void) {
    demur_model *without_bytes = NULL;
    NEED(demur_model_load(runtime, no_bytes_path, NULL, -1, NULL, &without_bytes, error));
    int32_t ids[32], count = 77;
    for (int i = 0; i < 1000; i++) {
        CHECK_STATUS(DEMUR_ERROR_EXCEPTION, demur_tokenize(without_bytes, "\xc3\xa9", 2, 0, 0, ids, 32, &count, error));
    }
    CHECK_MENTIONS("llama_tokenize: ");
#if defined(_WIN32)
    CHECK_MENTIONS("key"); /* Visual C++'s words */
#else
    CHECK_MENTIONS("at");
#endif
    CHECK(count == 77);
    CHECK_OK(demur_tokenize(without_bytes, "hello", 5, 0, 0, ids, 32, &count, error));
    demur_model_free(without_bytes);
}

/* ---- context ---- */

static void a_failed_assertion_of_llama_cpp_is_an_error_with_its_words(void) {
    for (int i = 0; i < 20; i++) {
        demur_model *rotating = NULL;
        NEED(demur_model_load(runtime, rotating_path, NULL, -1, NULL, &rotating, error));
        demur_context *context = NULL;
        int32_t status = demur_context_create(rotating, 64, 0, 64, 1, 1, NULL, &context, error);
        /* Newer releases catch what is thrown themselves, and say so in the log. */
        CHECK_SAYING(status == DEMUR_ERROR_ASSERTION, "status %d: %s", status, error);
        CHECK_MENTIONS("GGML_ASSERT(");
        CHECK(context == NULL);
        demur_model_free(rotating);
    }
    float row[MICRO_VOCABULARY];
    fresh_row(10, row);
}

static void a_context_beyond_the_machine_s_memory_is_refused_at_once(void) {
    demur_context *context = NULL;
    CHECK_STATUS(DEMUR_ERROR_MEMORY, demur_context_create(model, INT32_MAX - 255, 0, 16, 1, 1, NULL, &context, error));
    CHECK_MENTIONS("context of 2147483392 tokens");
    CHECK_MENTIONS("LoadOptions.withContextSize");
    CHECK(context == NULL);
}

static void every_sequence_holds_what_was_asked_for(void) {
    const int32_t asked[] = {1, 31, 32, 256, 257, 600}, sequences[] = {1, 2, 3};
    for (size_t a = 0; a < sizeof asked / sizeof *asked; a++) {
        for (size_t s = 0; s < sizeof sequences / sizeof *sequences; s++) {
            demur_context *context = new_context(asked[a], 2048, sequences[s], NULL);
            int32_t size = -1;
            CHECK_OK(demur_context_size(context, &size, error));
            CHECK_SAYING(size >= asked[a] && size <= asked[a] + 255, "%d for %d", size, asked[a]);
            for (int32_t sequence = 0; sequence < sequences[s]; sequence++) {
                CHECK_OK(decode_run(context, sequence, 0, size));
            }
            for (int32_t sequence = 0; sequence < sequences[s]; sequence++) {
                CHECK_STATUS(DEMUR_ERROR_FULL, decode_run(context, sequence, size, 1));
            }
            demur_context_free(context);
        }
    }
    demur_context *context = new_context(0, 16, 1, NULL);
    int32_t size = -1;
    CHECK_OK(demur_context_size(context, &size, error));
    CHECK(size == MICRO_CONTEXT);
    demur_context_free(context);
}

static void a_full_sequence_goes_on_after_tokens_were_forgotten(void) {
    demur_context *context = new_context(64, 512, 2, NULL);
    int32_t size = -1;
    float before[MICRO_VOCABULARY], after[MICRO_VOCABULARY];
    CHECK_OK(demur_context_size(context, &size, error));
    CHECK_OK(decode_run(context, 1, 0, size));
    copy_row(context, size - 1, before);
    CHECK_STATUS(DEMUR_ERROR_FULL, decode_run(context, 1, size, 1));
    CHECK_MENTIONS("full");
    CHECK_OK(demur_context_remove(context, 1, size - 10, -1, error));
    CHECK_STATUS(DEMUR_ERROR_FULL, decode_run(context, 1, size - 10, 11));
    CHECK_OK(decode_run(context, 1, size - 10, 10));
    copy_row(context, 9, after);
    CHECK_SAYING(distance(before, after) < 0.02f, "%g", distance(before, after));
    CHECK_OK(demur_context_remove(context, 1, 0, size, error));
    CHECK_OK(decode_run(context, 1, 0, size));
    copy_row(context, size - 1, after);
    CHECK_SAYING(distance(before, after) < 0.02f, "%g", distance(before, after));
    demur_context_free(context);
}

/* Two sequences take every other cell, one goes, and a batch needs a gap that the older memory must first make. */
static void a_scattered_memory_still_takes_a_long_batch(void) {
    demur_context *context = new_context(256, 256, 2, NULL);
    float expected[MICRO_VOCABULARY], row[MICRO_VOCABULARY];
    for (int32_t i = 0; i < 250; i++) {
        NEED(decode_run(context, 0, i, 1));
        NEED(decode_run(context, 1, i, 1));
    }
    CHECK_OK(demur_context_remove(context, 0, 0, -1, error));
    CHECK_OK(decode_run(context, 0, 0, 200));
    copy_row(context, 199, row);
    fresh_row(200, expected);
    CHECK_SAYING(distance(row, expected) < 0.02f, "%g", distance(row, expected));
    CHECK_OK(decode_run(context, 1, 250, 1));
    copy_row(context, 0, row);
    fresh_row(251, expected);
    CHECK_SAYING(distance(row, expected) < 0.02f, "%g", distance(row, expected));
    demur_context_free(context);
}

static void sequences_do_not_see_each_other(void) {
    demur_context *context = new_context(128, 256, 3, NULL);
    float alone[MICRO_VOCABULARY], row[MICRO_VOCABULARY];
    fresh_row(20, alone);
    int32_t tokens[60], positions[60], sequences[60];
    int8_t outputs[60] = {0};
    for (int32_t i = 0; i < 60; i++) {
        sequences[i] = i % 3;
        positions[i] = i / 3;
        tokens[i] = sequences[i] == 1 ? 100 + positions[i] : 200 + i;
        outputs[i] = i == 58 ? 100 : 0;
    }
    tokens[58] = 119; /* token 58 is the last of sequence 1: position 19 */
    CHECK_OK(demur_context_decode(context, 60, tokens, positions, sequences, outputs, error));
    copy_row(context, 58, row);
    CHECK_SAYING(distance(row, alone) < 0.02f, "%g", distance(row, alone));
    demur_context_free(context);
}

static void logits_exist_only_where_they_were_asked_for(void) {
    demur_context *context = new_context(64, 64, 1, NULL);
    const float *row = NULL;
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(context, 0, &row, error));
    CHECK_OK(decode_run(context, 0, 0, 8));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(context, -1, &row, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(context, 6, &row, error));
    CHECK_MENTIONS("token 6");
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(context, 8, &row, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(context, 7, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(NULL, 7, &row, error));
    CHECK(row == NULL);
    CHECK_OK(demur_context_logits(context, 7, &row, error));
    double readout[6];
    const int32_t ids[2] = {MICRO_RESPOND, MICRO_REFUSE};
    CHECK_OK(demur_readout(demur_kernel_best(-1), row, MICRO_VOCABULARY, ids, 2, 1, readout, error));
    CHECK(readout[0] > 0 && readout[0] < 1);
    /* no logits at all is no error */
    const int32_t token = 100, position = 8, sequence = 0;
    const int8_t output = 0;
    CHECK_OK(demur_context_decode(context, 1, &token, &position, &sequence, &output, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(context, 0, &row, error));
    demur_context_free(context);
}

static void bad_batches_change_nothing(void) {
    demur_context *context = new_context(64, 16, 2, NULL);
    const int32_t good[3] = {100, 101, 102}, low[3] = {100, -1, 102}, high[3] = {100, 101, MICRO_VOCABULARY};
    const int32_t places[3] = {0, 1, 2}, gap[3] = {0, 2, 3}, late[3] = {1, 2, 3}, negative[3] = {-1, 0, 1};
    const int32_t twice[3] = {0, 1, 1}, one[3] = {0, 0, 0}, third[3] = {0, 0, 2}, under[3] = {0, -1, 0};
    const int8_t outputs[17] = {0, 0, 1};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(NULL, 3, good, places, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, NULL, places, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, NULL, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, places, NULL, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, places, one, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 0, good, places, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, -1, good, places, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, low, places, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, high, places, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, gap, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, late, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, negative, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, twice, one, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, places, third, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_decode(context, 3, good, places, under, outputs, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, decode_run(context, 0, 0, 17));
    CHECK_MENTIONS("batch size 16");
    CHECK_OK(decode_run(context, 0, 0, 16));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, decode_run(context, 0, 15, 1));
    CHECK_MENTIONS("stands at 16");
    demur_context_free(context);
}

static void bad_removals_change_nothing(void) {
    demur_context *context = new_context(64, 64, 2, NULL);
    CHECK_OK(decode_run(context, 0, 0, 20));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_remove(NULL, 0, 0, -1, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_remove(context, -1, 0, -1, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_remove(context, 2, 0, -1, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_remove(context, 0, -1, -1, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_remove(context, 0, 5, 4, error));
    CHECK_OK(demur_context_remove(context, 0, 5, 5, error));
    CHECK_OK(demur_context_remove(context, 0, 20, -1, error));
    CHECK_OK(demur_context_remove(context, 0, 1000, 2000, error));
    CHECK_OK(demur_context_remove(context, 1, 0, -1, error));
    CHECK_OK(decode_run(context, 0, 20, 1));
    CHECK_OK(demur_context_remove(context, 0, 3, 6, error));
    CHECK_OK(decode_run(context, 0, 21, 1));
    CHECK_OK(demur_context_remove(context, 0, 3, INT32_MAX, error));
    CHECK_OK(decode_run(context, 0, 3, 1));
    demur_context_free(context);
}

static void bad_sizes_make_no_context(void) {
    const struct {
        int32_t size, batch, sequences, threads;
    } bad[] = {{-1, 16, 1, 1},  {64, 0, 1, 1},    {64, -1, 1, 1},         {64, INT32_MAX, 1, 1},
               {64, 16, 0, 1},  {64, 16, -1, 1},  {64, 16, INT32_MAX, 1}, {64, 16, 1, 0},
               {64, 16, 1, -1}, {64, 16, 1, 513}, {INT32_MAX, 16, 2, 1}};
    demur_context *context = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_create(model, bad[i].size, 0, bad[i].batch, bad[i].sequences,
                                                                bad[i].threads, NULL, &context, error));
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_create(NULL, 64, 0, 16, 1, 1, NULL, &context, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_create(model, 64, 0, 16, 1, 1, NULL, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_size(NULL, &(int32_t){0}, error));
    CHECK(context == NULL);
}

static void a_cancelled_decode_leaves_the_sequence_as_it_was(void) {
    demur_control control = {0, 0};
    demur_context *context = new_context(64, 64, 1, &control);
    float expected[MICRO_VOCABULARY], row[MICRO_VOCABULARY];
    const float *none = NULL;
    int32_t position = -1;
    CHECK_OK(decode_run(context, 0, 0, 10));
    control.cancel = 1;
    CHECK_STATUS(DEMUR_ERROR_CANCELLED, decode_run(context, 0, 10, 10));
    CHECK_OK(demur_context_position(context, 0, &position, error));
    CHECK_SAYING(position == 10, "%d", position);
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_position(context, 1, &position, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_position(context, 0, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_position(NULL, 0, &position, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_logits(context, 9, &none, error));
    control.cancel = 0;
    CHECK_OK(decode_run(context, 0, 10, 10));
    copy_row(context, 9, row);
    fresh_row(20, expected);
    CHECK_SAYING(distance(row, expected) < 0.02f, "%g", distance(row, expected));
    demur_context_free(context);
}

static void *cancel_soon(void *data) {
    demur_control *control = data;
    usleep(2000);
    __atomic_store_n(&control->cancel, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void another_thread_can_cancel_a_running_decode_which_logs_no_error(void) {
    demur_control control = {0, 0};
    demur_context *context = new_context(0, MICRO_CONTEXT, 1, &control);
    bool cancelled = false;
    /* Where the other thread has no processor the decode is over first. */
    for (int attempt = 0; attempt < 1000 && !cancelled; attempt++) {
        pthread_t thread;
        control.cancel = 0;
        log_lines('E');
        NEED(pthread_create(&thread, NULL, cancel_soon, &control));
        int32_t status = decode_run(context, 0, 0, MICRO_CONTEXT);
        pthread_join(thread, NULL);
        CHECK_SAYING(status == DEMUR_OK || status == DEMUR_ERROR_CANCELLED, "%d: %s", status, error);
        cancelled = status == DEMUR_ERROR_CANCELLED;
        int errors = log_lines('E');
        CHECK_SAYING(errors == 0, "%d lines", errors);
        control.cancel = 0;
        if (!cancelled) {
            CHECK_OK(demur_context_remove(context, 0, 0, -1, error));
        }
    }
    CHECK(cancelled);
    float expected[MICRO_VOCABULARY], row[MICRO_VOCABULARY];
    CHECK_OK(decode_run(context, 0, 0, 30));
    copy_row(context, 29, row);
    fresh_row(30, expected);
    CHECK_SAYING(distance(row, expected) < 0.02f, "%g", distance(row, expected));
    demur_context_free(context);
}

/* ---- sampling ---- */

static void generate(demur_sampler *sampler, int32_t *tokens, int32_t count) {
    demur_context *context = new_context(256, 64, 1, NULL);
    NEED(decode_run(context, 0, 0, 5));
    int32_t token = 150;
    for (int32_t i = 0; i < count; i++) {
        NEED(step_one(context, sampler, token, 0, &token, error));
        CHECK(token >= 0 && token < MICRO_VOCABULARY);
        tokens[i] = token;
    }
    demur_context_free(context);
}

static void greedy_takes_the_best_unmasked_token(void) {
    demur_context *context = new_context(64, 64, 1, NULL);
    float row[MICRO_VOCABULARY];
    CHECK_OK(decode_run(context, 0, 0, 6));
    copy_row(context, 5, row);
    int32_t masked[4];
    for (int round = 0; round < 4; round++) {
        int32_t best = 0;
        for (int32_t i = 1; i < MICRO_VOCABULARY; i++) {
            best = row[i] > row[best] ? i : best;
        }
        demur_sampler *sampler = new_sampler(0, 0, masked, round);
        int32_t token = -1;
        CHECK_OK(demur_context_remove(context, 0, 5, -1, error));
        CHECK_OK(step_one(context, sampler, 105, 0, &token, error));
        CHECK_SAYING(token == best, "%d, not %d, with %d masked", token, best, round);
        demur_sampler_free(sampler);
        masked[round] = best;
        row[best] = -INFINITY;
    }
    demur_context_free(context);
}

static void the_same_seed_draws_the_same_tokens_and_never_a_masked_one(void) {
    enum { COUNT = 100 };
    int32_t masked[MICRO_BYTES], first[COUNT], second[COUNT], other[COUNT];
    for (int32_t i = 0; i < MICRO_BYTES; i++) {
        masked[i] = i;
    }
    demur_sampler *sampler = new_sampler(2, 42, masked, MICRO_BYTES);
    generate(sampler, first, COUNT);
    demur_sampler_free(sampler);
    sampler = new_sampler(2, 42, masked, MICRO_BYTES);
    generate(sampler, second, COUNT);
    demur_sampler_free(sampler);
    sampler = new_sampler(2, -1, masked, MICRO_BYTES);
    generate(sampler, other, COUNT);
    demur_sampler_free(sampler);
    CHECK(memcmp(first, second, sizeof first) == 0);
    CHECK(memcmp(first, other, sizeof first) != 0);
    for (int i = 0; i < COUNT; i++) {
        CHECK(first[i] >= MICRO_BYTES && other[i] >= MICRO_BYTES);
    }
    sampler = new_sampler(2, -1, masked, MICRO_BYTES);
    generate(sampler, second, COUNT);
    demur_sampler_free(sampler);
    CHECK_SAYING(memcmp(other, second, sizeof other) == 0, "seed -1 is as good as any");
}

static void every_cut_has_an_effect(void) {
    enum { COUNT = 60 };
    const struct {
        int32_t top_k;
        double top_p, min_p;
    } narrow[] = {{1, 1, 0}, {0, 0, 0}, {0, 1, 1}};
    int32_t greedy[COUNT], drawn[COUNT];
    demur_sampler *sampler = new_sampler(0, 0, NULL, 0);
    generate(sampler, greedy, COUNT);
    demur_sampler_free(sampler);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(demur_sampler_create(model, demur_kernel_best(-1), 5, narrow[i].top_k, narrow[i].top_p,
                                      narrow[i].min_p, 1, 0, 0, 64, 1, NULL, 0, &sampler, error));
        generate(sampler, drawn, COUNT);
        demur_sampler_free(sampler);
        CHECK_SAYING(memcmp(drawn, greedy, sizeof greedy) == 0, "the narrowest setting %d is greedy", i);
    }
    CHECK_OK(demur_sampler_create(model, demur_kernel_best(-1), 5, 0, 1, 0, 1, 0, 0, 64, 1, NULL, 0, &sampler, error));
    generate(sampler, drawn, COUNT);
    demur_sampler_free(sampler);
    CHECK(memcmp(drawn, greedy, sizeof greedy) != 0);
}

static void penalties_know_drawn_and_told_tokens(void) {
    const double some[3][3] = {{1000, 0, 0}, {1, 1e6, 0}, {1, 0, 1e6}};
    demur_context *context = new_context(64, 64, 1, NULL);
    demur_sampler *plain = new_sampler(0, 0, NULL, 0), *penalised = NULL;
    int32_t best = -1, token = -1;
    CHECK_OK(decode_run(context, 0, 0, 5));
    CHECK_OK(step_one(context, plain, 105, 0, &best, error));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(demur_sampler_create(model, demur_kernel_best(-1), 0, 0, 1, 0, some[i][0], some[i][1], some[i][2], 2,
                                      0, NULL, 0, &penalised, error));
        CHECK_OK(demur_context_remove(context, 0, 5, -1, error));
        CHECK_OK(step_one(context, penalised, 105, 0, &token, error));
        CHECK(token == best);
        CHECK_OK(demur_context_remove(context, 0, 5, -1, error));
        CHECK_OK(step_one(context, penalised, 105, 0, &token, error));
        CHECK_SAYING(token != best, "the drawn token is penalised");
        /* two others push it out of the window */
        CHECK_OK(demur_sampler_accept(penalised, 200, error));
        CHECK_OK(demur_sampler_accept(penalised, 201, error));
        CHECK_OK(demur_context_remove(context, 0, 5, -1, error));
        CHECK_OK(step_one(context, penalised, 105, 0, &token, error));
        CHECK(token == best);
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_accept(penalised, -1, error));
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_accept(penalised, MICRO_VOCABULARY, error));
        demur_sampler_free(penalised);
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_accept(NULL, 1, error));
    demur_sampler_free(plain);
    demur_context_free(context);
}

static void only_allowed_tokens_are_drawn_until_that_is_lifted(void) {
    for (int temperature = 0; temperature < 3; temperature++) {
        demur_context *context = new_context(64, 64, 1, NULL);
        const int32_t masked[] = {41};
        demur_sampler *sampler = new_sampler(temperature, 5, masked, 1);
        uint8_t *allowed = calloc(MICRO_VOCABULARY, 1);
        int32_t token = 100;
        allowed[40] = allowed[41] = 1;
        CHECK_OK(demur_sampler_allow(sampler, allowed, error));
        CHECK_OK(step_one(context, sampler, token, 0, &token, error));
        CHECK_SAYING(token == 40, "%d", token);
        allowed[40] = 0;
        CHECK_OK(demur_sampler_allow(sampler, allowed, error));
        free(allowed);
        CHECK_STATUS(DEMUR_ERROR_LOGITS, step_one(context, sampler, token, 0, &token, error));
        CHECK(token == -1);
        token = 40;
        CHECK_OK(demur_context_remove(context, 0, 1, -1, error));
        CHECK_OK(demur_sampler_allow(sampler, NULL, error));
        for (int32_t position = 1; position < 20; position++) {
            CHECK_OK(step_one(context, sampler, token, 0, &token, error));
            CHECK(token != 41);
        }
        demur_sampler_free(sampler);
        demur_context_free(context);
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_allow(NULL, NULL, error));
}

static void bad_settings_make_no_sampler(void) {
    const struct {
        double temperature, top_p, min_p, repeat, frequency, presence;
        int32_t last;
    } bad[] = {{1e-40, 1, 0, 1, 0, 0, 0},    {9e-7, 1, 0, 1, 0, 0, 0},      {-1, 1, 0, 1, 0, 0, 0},
               {NAN, 1, 0, 1, 0, 0, 0},      {INFINITY, 1, 0, 1, 0, 0, 0},  {1, -0.1, 0, 1, 0, 0, 0},
               {1, 1.1, 0, 1, 0, 0, 0},      {1, NAN, 0, 1, 0, 0, 0},       {1, 1, -0.1, 1, 0, 0, 0},
               {1, 1, 1.1, 1, 0, 0, 0},      {1, 1, NAN, 1, 0, 0, 0},       {1, 1, 0, 0, 0, 0, 0},
               {1, 1, 0, -1, 0, 0, 0},       {1, 1, 0, NAN, 0, 0, 0},       {1, 1, 0, INFINITY, 0, 0, 0},
               {1, 1, 0, 1, 0, 0, -1},       {1, 1, 0, 1, 0, 0, INT32_MAX}, {1, 1, 0, 1, NAN, 0, 1},
               {1, 1, 0, 1, INFINITY, 0, 1}, {1, 1, 0, 1, 0, NAN, 1},       {1, 1, 0, 1, 0, -INFINITY, 1}};
    demur_sampler *sampler = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT,
                     demur_sampler_create(model, demur_kernel_best(-1), bad[i].temperature, 0, bad[i].top_p,
                                          bad[i].min_p, bad[i].repeat, bad[i].frequency, bad[i].presence, bad[i].last,
                                          0, NULL, 0, &sampler, error));
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT,
                 demur_sampler_create(model, -1, 1, 0, 1, 0, 1, 0, 0, 0, 0, NULL, 0, &sampler, error));
    for (int32_t kernel = 0; kernel < 5; kernel++) {
        const int32_t expected = kernel == 4 ? DEMUR_ERROR_ARGUMENT : DEMUR_ERROR_UNSUPPORTED;
        if (!demur_kernel_supported(kernel)) {
            CHECK_STATUS(expected,
                         demur_sampler_create(model, kernel, 1, 0, 1, 0, 1, 0, 0, 0, 0, NULL, 0, &sampler, error));
        }
    }
    int32_t all[MICRO_VOCABULARY], wrong[2] = {1, MICRO_VOCABULARY}, negative[2] = {-1, 1};
    for (int32_t i = 0; i < MICRO_VOCABULARY; i++) {
        all[i] = i;
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_create(model, demur_kernel_best(-1), 1, 0, 1, 0, 1, 0, 0, 0, 0,
                                                            all, MICRO_VOCABULARY, &sampler, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_create(model, demur_kernel_best(-1), 1, 0, 1, 0, 1, 0, 0, 0, 0,
                                                            wrong, 2, &sampler, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_create(model, demur_kernel_best(-1), 1, 0, 1, 0, 1, 0, 0, 0, 0,
                                                            negative, 2, &sampler, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_create(model, demur_kernel_best(-1), 1, 0, 1, 0, 1, 0, 0, 0, 0,
                                                            NULL, 2, &sampler, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_create(model, demur_kernel_best(-1), 1, 0, 1, 0, 1, 0, 0, 0, 0,
                                                            all, -1, &sampler, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_sampler_create(NULL, demur_kernel_best(-1), 1, 0, 1, 0, 1, 0, 0, 0, 0,
                                                            NULL, 0, &sampler, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT,
                 demur_sampler_create(model, demur_kernel_best(-1), 1, 0, 1, 0, 1, 0, 0, 0, 0, NULL, 0, NULL, error));
    CHECK(sampler == NULL);
}

static void a_sampler_draws_for_any_token_of_a_decode_as_a_step_does(void) {
    demur_context *together = new_context(64, 64, 3, NULL), *alone = new_context(64, 64, 1, NULL);
    const int32_t tokens[3] = {150, 151, 152}, positions[3] = {5, 0, 7}, sequences[3] = {0, 1, 2};
    const int8_t outputs[3] = {1, 0, 1};
    NEED(decode_run(together, 0, 0, 5));
    NEED(decode_run(together, 2, 0, 7));
    NEED(demur_context_decode(together, 3, tokens, positions, sequences, outputs, error));
    for (int32_t i = 0; i < 3; i += 2) {
        demur_sampler *sampler = new_sampler(0, 0, NULL, 0);
        int32_t drawn = -1, expected = -2;
        CHECK_OK(demur_context_sample(together, sampler, i, &drawn, error));
        CHECK_OK(demur_context_remove(alone, 0, 0, -1, error));
        NEED(decode_run(alone, 0, 0, positions[i]));
        CHECK_OK(step_one(alone, sampler, tokens[i], 0, &expected, error));
        CHECK_SAYING(drawn == expected, "%d, not %d", drawn, expected);
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_sample(together, sampler, 1, &drawn, error));
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_sample(together, sampler, 3, &drawn, error));
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_sample(together, sampler, -1, &drawn, error));
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_sample(together, NULL, i, &drawn, error));
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_sample(NULL, sampler, i, &drawn, error));
        CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_sample(together, sampler, i, NULL, error));
        CHECK(drawn == expected);
        demur_sampler_free(sampler);
    }
    demur_context_free(together);
    demur_context_free(alone);
}

static void a_step_of_several_sequences_gives_what_each_gives_alone(void) {
    demur_context *together = new_context(64, 64, 3, NULL), *alone = new_context(64, 64, 1, NULL);
    const int32_t tokens[2] = {150, 152}, sequences[2] = {2, 0}, lengths[2] = {7, 5};
    demur_sampler *samplers[2] = {new_sampler(0, 0, NULL, 0), new_sampler(0, 0, NULL, 0)};
    int32_t next[2] = {-1, -1}, expected = -2, position = 0;
    for (int32_t i = 0; i < 2; i++) {
        NEED(decode_run(together, sequences[i], 0, lengths[i]));
    }
    CHECK_OK(demur_context_step(together, 2, tokens, sequences, samplers, next, error));
    for (int32_t i = 0; i < 2; i++) {
        demur_sampler *sampler = new_sampler(0, 0, NULL, 0);
        CHECK_OK(demur_context_remove(alone, 0, 0, -1, error));
        NEED(decode_run(alone, 0, 0, lengths[i]));
        CHECK_OK(step_one(alone, sampler, tokens[i], 0, &expected, error));
        CHECK_SAYING(next[i] == expected, "%d, not %d", next[i], expected);
        demur_sampler_free(sampler);
        CHECK_OK(demur_context_position(together, sequences[i], &position, error));
        CHECK(position == lengths[i] + 1);
    }
    const int32_t twice[2] = {1, 1};
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_step(together, 2, tokens, twice, samplers, next, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_step(together, 0, tokens, sequences, samplers, next, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_step(together, 4, tokens, sequences, samplers, next, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_step(together, 2, NULL, sequences, samplers, next, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_step(together, 2, tokens, NULL, samplers, next, error));
    CHECK_OK(demur_context_position(together, 1, &position, error));
    CHECK(position == 0);
    demur_sampler_free(samplers[0]);
    demur_sampler_free(samplers[1]);
    demur_context_free(together);
    demur_context_free(alone);
}

static void a_step_that_cannot_draw_for_one_draws_for_the_others(void) {
    demur_context *context = new_context(64, 64, 3, NULL);
    const int32_t tokens[3] = {150, 152, 154}, sequences[3] = {0, 1, 2};
    demur_sampler *samplers[3] = {new_sampler(0, 0, NULL, 0), new_sampler(0, 0, NULL, 0), new_sampler(0, 0, NULL, 0)};
    uint8_t *nothing = calloc(MICRO_VOCABULARY, 1);
    int32_t next[3] = {0, 0, 0}, position = 0;
    CHECK_OK(demur_sampler_allow(samplers[1], nothing, error));
    free(nothing);
    CHECK_STATUS(DEMUR_ERROR_LOGITS, demur_context_step(context, 3, tokens, sequences, samplers, next, error));
    CHECK_SAYING(next[0] >= 0 && next[1] == -1 && next[2] >= 0, "%d %d %d", next[0], next[1], next[2]);
    for (int32_t i = 0; i < 3; i++) {
        CHECK_OK(demur_context_position(context, i, &position, error));
        CHECK(position == 1);
        demur_sampler_free(samplers[i]);
    }
    demur_context_free(context);
}

static void sequences_share_cells_as_they_need_them(void) {
    demur_context *context = NULL;
    int32_t size = 0;
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_create(model, 256, 255, 16, 4, 1, NULL, &context, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_create(model, 256, -1, 16, 4, 1, NULL, &context, error));
    NEED(demur_context_create(model, 200, 256, 200, 4, 1, NULL, &context, error));
    CHECK_OK(demur_context_size(context, &size, error));
    CHECK_SAYING(size >= 200, "%d", size);
    CHECK_OK(decode_run(context, 0, 0, 150)); /* more than its equal share */
    for (int32_t i = 1; i < 4; i++) {
        CHECK_OK(decode_run(context, i, 0, 30));
    }
    CHECK_OK(demur_context_remove(context, 0, 0, -1, error));
    CHECK_OK(decode_run(context, 3, 30, 130)); /* in the cells that became free, between others */
    demur_context_free(context);
}

static void a_shared_beginning_is_decoded_once_and_takes_no_cells_twice(void) {
    demur_context *context = NULL;
    float row[MICRO_VOCABULARY], expected[MICRO_VOCABULARY];
    NEED(demur_context_create(model, 250, 256, 250, 4, 1, NULL, &context, error));
    NEED(decode_run(context, 0, 0, 150));
    for (int32_t i = 1; i < 4; i++) {
        int32_t position = -1;
        CHECK_OK(demur_context_share(context, 0, i, 140, error));
        CHECK_OK(demur_context_position(context, i, &position, error));
        CHECK(position == 140);
        CHECK_OK(decode_run(context, i, 140, 20)); /* four times 140 are more than there are cells */
        copy_row(context, 19, row);
        fresh_row(160, expected);
        CHECK_SAYING(distance(row, expected) < 0.02f, "%g", distance(row, expected));
    }
    CHECK_OK(demur_context_remove(context, 0, 0, -1, error)); /* the others keep what they share */
    CHECK_OK(demur_context_remove(context, 1, 100, -1, error));
    CHECK_OK(decode_run(context, 2, 160, 10));
    copy_row(context, 9, row);
    fresh_row(170, expected);
    CHECK_SAYING(distance(row, expected) < 0.02f, "%g", distance(row, expected));
    CHECK_OK(decode_run(context, 1, 100, 20));
    copy_row(context, 19, row);
    fresh_row(120, expected);
    CHECK_SAYING(distance(row, expected) < 0.02f, "%g", distance(row, expected));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_share(NULL, 1, 0, 10, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_share(context, 1, 1, 10, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_share(context, 1, 4, 10, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_share(context, 1, 0, 0, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_share(context, 1, 0, 121, error));
    demur_context_free(context);
    context = new_context(64, 64, 2, NULL); /* each has memory of its own */
    NEED(decode_run(context, 0, 0, 5));
    CHECK_STATUS(DEMUR_ERROR_UNSUPPORTED, demur_context_share(context, 0, 1, 5, error));
    CHECK_OK(decode_run(context, 1, 0, 5));
    demur_context_free(context);
}

static void decode_in_tens(demur_context *context, int32_t sequence, int32_t from, int32_t count) {
    for (int32_t i = from; i < from + count; i += 10) {
        NEED(decode_run(context, sequence, i, 10));
    }
}

static void what_was_saved_goes_on_as_it_would_have(void) {
    demur_context *context = NULL;
    float row[MICRO_VOCABULARY], again[MICRO_VOCABULARY];
    int64_t bytes = 0, other = 0;
    int32_t position = -1;
    NEED(demur_context_create(model, 200, 240, 10, 3, 1, NULL, &context, error));
    decode_in_tens(context, 1, 0, 100);
    CHECK_OK(demur_context_save(context, 1, NULL, 0, &bytes, error));
    CHECK(bytes > 0);
    uint8_t *saved = malloc((size_t)bytes);
    CHECK_OK(demur_context_save(context, 1, saved, bytes - 1, &other, error)); /* too few: nothing is copied */
    CHECK(other == bytes);
    CHECK_OK(demur_context_save(context, 1, saved, bytes, &other, error));
    CHECK_OK(decode_run(context, 1, 100, 1));
    copy_row(context, 0, row);
    CHECK_OK(demur_context_remove(context, 1, 0, -1, error));
    decode_in_tens(context, 0, 0, 80);
    CHECK_OK(demur_context_restore(context, 2, saved, bytes, 100, error));
    CHECK_OK(demur_context_position(context, 2, &position, error));
    CHECK(position == 100);
    CHECK_OK(decode_run(context, 2, 100, 1));
    copy_row(context, 0, again);
    CHECK_SAYING(distance(row, again) < 0.02f, "%g", distance(row, again));
    decode_in_tens(context, 0, 80, 40); /* now there is no room for another hundred */
    CHECK_STATUS(DEMUR_ERROR_FULL, demur_context_restore(context, 1, saved, bytes, 100, error));
    CHECK_OK(demur_context_position(context, 1, &position, error));
    CHECK(position == 0);
    CHECK_OK(decode_run(context, 2, 101, 1));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_save(NULL, 1, saved, bytes, &other, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_save(context, 3, saved, bytes, &other, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_save(context, 1, NULL, 1, &other, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_restore(context, 1, NULL, bytes, 100, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_restore(context, 1, saved, bytes, 0, error));
    free(saved);
    demur_context_free(context);
}

static void an_output_is_read_as_its_row_is(void) {
    demur_context *context = new_context(64, 64, 1, NULL);
    const int32_t ids[3] = {105, 7, 200};
    double read[8] = {0}, expected[8] = {1};
    const float *row = NULL;
    NEED(decode_run(context, 0, 0, 5));
    CHECK_OK(demur_context_logits(context, 4, &row, error));
    for (int32_t kernel = 0; kernel < 4; kernel++) {
        if (demur_kernel_supported(kernel)) {
            CHECK_OK(demur_readout(kernel, row, MICRO_VOCABULARY, ids, 3, 0.7, expected, error));
            CHECK_OK(demur_context_read(context, 4, kernel, ids, 3, 0.7, read, error));
            CHECK(memcmp(read, expected, sizeof read) == 0);
        }
    }
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_read(NULL, 4, 0, ids, 3, 1, read, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_read(context, 5, 0, ids, 3, 1, read, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_read(context, 4, 0, NULL, 3, 1, read, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_read(context, 4, 0, ids, 3, 0, read, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_context_read(context, 4, 9, ids, 3, 1, read, error));
    demur_context_free(context);
}

static void bad_steps_change_nothing(void) {
    demur_context *context = new_context(64, 64, 1, NULL);
    demur_sampler *sampler = new_sampler(0, 0, NULL, 0), *foreign = NULL;
    demur_model *twin = NULL;
    int32_t token = -7;
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(NULL, sampler, 1, 0, &token, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(context, NULL, 1, 0, &token, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(context, sampler, 1, 0, NULL, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(context, sampler, -1, 0, &token, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(context, sampler, 1, 1, &token, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(context, sampler, 1, -1, &token, error));
    NEED(demur_model_load(runtime, spm_path, NULL, -1, NULL, &twin, error));
    NEED(demur_sampler_create(twin, demur_kernel_best(-1), 0, 0, 1, 0, 1, 0, 0, 0, 0, NULL, 0, &foreign, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, step_one(context, foreign, 1, 0, &token, error));
    CHECK_MENTIONS("another model");
    CHECK(token < 0); /* nothing was drawn */
    CHECK_OK(step_one(context, sampler, 1, 0, &token, error));
    CHECK(token >= 0);
    demur_sampler_free(foreign);
    demur_model_free(twin);
    demur_sampler_free(sampler);
    demur_context_free(context);
}

/* ---- lifetimes, log ---- */

static void handles_may_be_freed_in_any_order(void) {
    for (int order = 0; order < 6; order++) {
        demur_model *loaded = NULL;
        demur_context *context = NULL;
        demur_sampler *sampler = NULL;
        NEED(demur_model_load(runtime, spm_path, NULL, -1, NULL, &loaded, error));
        NEED(demur_context_create(loaded, 64, 0, 16, 1, 1, NULL, &context, error));
        NEED(
            demur_sampler_create(loaded, demur_kernel_best(-1), 1, 0, 1, 0, 1.1, 0, 0, 8, 0, NULL, 0, &sampler, error));
        const int ranks[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
        for (int i = 0; i < 3; i++) {
            switch (ranks[order][i]) {
                case 0:
                    demur_model_free(loaded);
                    break;
                case 1:
                    CHECK_OK(decode_run(context, 0, 0, 4));
                    demur_context_free(context);
                    break;
                default:
                    CHECK_OK(demur_sampler_accept(sampler, 5, error));
                    demur_sampler_free(sampler);
                    break;
            }
        }
    }
}

static void *use_a_context(void *data) {
    (void)data;
    char message[DEMUR_ERROR_SIZE];
    demur_context *context = NULL;
    demur_sampler *sampler = NULL;
    int32_t token = 100;
    intptr_t failures = 0;
    failures += demur_context_create(model, 64, 0, 16, 1, 1, NULL, &context, message) != DEMUR_OK;
    failures += demur_sampler_create(model, demur_kernel_best(-1), 1, 40, 0.9, 0, 1.1, 0, 0, 8, 1, NULL, 0, &sampler,
                                     message) != DEMUR_OK;
    for (int32_t i = 0; i < 30 && failures == 0; i++) {
        failures += step_one(context, sampler, token, 0, &token, message) != DEMUR_OK;
    }
    demur_context_free(context);
    demur_sampler_free(sampler);
    return (void *)failures;
}

static void threads_share_a_model_while_the_log_is_read(void) {
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        NEED(pthread_create(&threads[i], NULL, use_a_context, NULL));
    }
    for (int i = 0; i < 50; i++) {
        log_mentions("");
        CHECK_OK(demur_runtime_describe(runtime, out, OUT, &length, error));
    }
    for (int i = 0; i < THREADS; i++) {
        void *failures = NULL;
        pthread_join(threads[i], &failures);
        CHECK(failures == NULL);
    }
}

static void log_lines_are_whole_and_have_levels(void) {
    log_mentions("");
    demur_model *loaded = NULL;
    NEED(demur_model_load(runtime, spm_path, NULL, -1, NULL, &loaded, error));
    demur_model_free(loaded);
    int lines = 0;
    for (;;) {
        /* a buffer just large enough for a few lines each time */
        CHECK_OK(demur_log_read(out, 2100, &length, error));
        if (length == 0) {
            break;
        }
        CHECK(out[length - 1] == '\n');
        for (char *line = out; line < out + length; line = strchr(line, '\n') + 1) {
            CHECK_SAYING(strchr("DIWE", line[0]) != NULL && line[1] == ' ', "\"%.20s\"", line);
            lines++;
            out[length] = '\0';
        }
    }
    CHECK_SAYING(lines > 20, "%d lines", lines);
    NEED(demur_model_load(runtime, spm_path, NULL, -1, NULL, &loaded, error));
    demur_model_free(loaded);
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_log_read(out, 2, &length, error));
    CHECK(length > 2);
    CHECK_STATUS(DEMUR_ERROR_SPACE, demur_log_read(NULL, 0, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_log_read(NULL, 5, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_log_read(out, -5, &length, error));
    CHECK_STATUS(DEMUR_ERROR_ARGUMENT, demur_log_read(out, OUT, NULL, error));
}

static void load_and_free(void) {
    demur_model *loaded = NULL;
    NEED(demur_model_load(runtime, spm_path, NULL, -1, NULL, &loaded, error));
    demur_model_free(loaded);
}

static void a_log_that_nobody_reads_loses_its_oldest_lines_and_says_so(void) {
    log_mentions("");
    load_and_free();
    CHECK_OK(demur_log_read(out, OUT - 1, &length, error));
    out[length] = '\0';
    const char *levels = "DIWE", *most = levels;
    for (char *line = out; line < out + length; line = strchr(line, '\n') + 1) {
        const char *level = strchr(levels, line[0]);
        most = level > most ? level : most;
    }
    log_mentions("");
    for (int i = 0; i < 40; i++) {
        load_and_free();
    }
    CHECK_OK(demur_log_read(out, OUT - 1, &length, error));
    out[length] = '\0';
    CHECK_SAYING(out[0] == *most && strstr(out, "lost") != NULL, "\"%.60s\", and lines were of level %c", out, *most);
    CHECK(!log_mentions("log lines were lost"));
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: %s LIBRARY old|new FOLDER\n", arguments[0]);
        return 2;
    }
    library = arguments[1];
    generation = arguments[2];
    snprintf(spm_path, sizeof spm_path, "%s/spm-%s-%ld.gguf", arguments[3], generation, (long)getpid());
    snprintf(bpe_path, sizeof bpe_path, "%s/bpe-%s-%ld.gguf", arguments[3], generation, (long)getpid());
    snprintf(no_bytes_path, sizeof no_bytes_path, "%s/no-bytes-%s-%ld.gguf", arguments[3], generation, (long)getpid());
    snprintf(empty_path, sizeof empty_path, "%s/empty-%s-%ld.gguf", arguments[3], generation, (long)getpid());
    snprintf(rotating_path, sizeof rotating_path, "%s/rotating-%s-%ld.gguf", arguments[3], generation, (long)getpid());
    snprintf(broken_path, sizeof broken_path, "%s/broken-%s-%ld.gguf", arguments[3], generation, (long)getpid());
    micro_model_write(spm_path, MICRO_SPM);
    micro_model_write(bpe_path, MICRO_BPE);
    micro_model_write(no_bytes_path, MICRO_NO_BYTES);
    micro_model_write(empty_path, MICRO_NO_VOCABULARY);
    micro_model_write(broken_path, MICRO_SPM);
    micro_model_write(rotating_path, MICRO_ROTATES_TOO_MUCH);
    NEED(truncate(broken_path, 20000));
    NEED(demur_runtime_open(library, 0, &runtime, error));
    NEED(demur_model_load(runtime, spm_path, NULL, -1, NULL, &model, error));
    RUN(opening_the_same_file_again_gives_the_same_runtime);
    RUN(the_description_names_library_abi_and_devices);
    RUN(chat_templates_are_rendered_by_name_and_by_text);
    RUN(a_long_conversation_is_rendered_whole);
    RUN(damaged_messages_are_bad_arguments);
    RUN(the_template_names_are_listed);
    RUN(the_model_tells_its_facts);
    RUN(loading_reports_progress_and_can_be_cancelled);
    RUN(the_processor_can_be_named_and_unknown_devices_are_refused);
    RUN(a_failed_load_says_why);
    RUN(token_attributes_tell_control_from_text);
    RUN(text_becomes_tokens_and_tokens_text);
    RUN(control_tokens_are_parsed_only_where_asked);
    RUN(pieces_may_be_parts_of_characters);
    RUN(bad_arguments_of_the_tokeniser_change_nothing);
    RUN(a_byte_level_vocabulary_takes_any_bytes);
    RUN(an_exception_thrown_in_llama_cpp_is_an_error_with_its_message);
    RUN(a_failed_assertion_of_llama_cpp_is_an_error_with_its_words);
    RUN(a_context_beyond_the_machine_s_memory_is_refused_at_once);
    RUN(every_sequence_holds_what_was_asked_for);
    RUN(a_full_sequence_goes_on_after_tokens_were_forgotten);
    RUN(a_scattered_memory_still_takes_a_long_batch);
    RUN(sequences_do_not_see_each_other);
    RUN(logits_exist_only_where_they_were_asked_for);
    RUN(bad_batches_change_nothing);
    RUN(bad_removals_change_nothing);
    RUN(bad_sizes_make_no_context);
    RUN(a_cancelled_decode_leaves_the_sequence_as_it_was);
    RUN(another_thread_can_cancel_a_running_decode_which_logs_no_error);
    RUN(greedy_takes_the_best_unmasked_token);
    RUN(the_same_seed_draws_the_same_tokens_and_never_a_masked_one);
    RUN(every_cut_has_an_effect);
    RUN(penalties_know_drawn_and_told_tokens);
    RUN(only_allowed_tokens_are_drawn_until_that_is_lifted);
    RUN(bad_settings_make_no_sampler);
    RUN(a_sampler_draws_for_any_token_of_a_decode_as_a_step_does);
    RUN(a_step_of_several_sequences_gives_what_each_gives_alone);
    RUN(a_step_that_cannot_draw_for_one_draws_for_the_others);
    RUN(sequences_share_cells_as_they_need_them);
    RUN(a_shared_beginning_is_decoded_once_and_takes_no_cells_twice);
    RUN(what_was_saved_goes_on_as_it_would_have);
    RUN(an_output_is_read_as_its_row_is);
    RUN(bad_steps_change_nothing);
    RUN(handles_may_be_freed_in_any_order);
    RUN(threads_share_a_model_while_the_log_is_read);
    RUN(log_lines_are_whole_and_have_levels);
    RUN(a_log_that_nobody_reads_loses_its_oldest_lines_and_says_so);
    demur_model_free(model);
    unlink(spm_path);
    unlink(bpe_path);
    unlink(no_bytes_path);
    unlink(empty_path);
    unlink(broken_path);
    unlink(rotating_path);
    return test_result();
}
