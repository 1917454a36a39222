/* Writes small random llama models as GGUF, so that the tests need no model file. */
#ifndef MICRO_MODEL_H
#define MICRO_MODEL_H

#include <stdint.h>

typedef enum micro_kind {
    MICRO_SPM,             /* SentencePiece with bytes, letters, a few words */
    MICRO_NO_BYTES,        /* the same without tokens for bytes, which llama.cpp's tokeniser throws over */
    MICRO_BPE,             /* byte-level BPE without a merge but one */
    MICRO_NO_VOCABULARY,   /* weights and no tokens */
    MICRO_ROTATES_TOO_MUCH /* an assertion fails when a context is made */
} micro_kind;

enum {
    MICRO_CONTEXT = 4096,
    MICRO_EMBEDDING = 64,
    MICRO_LAYERS = 2,
    /* of MICRO_SPM */
    MICRO_UNKNOWN = 0,
    MICRO_BOS = 1,
    MICRO_EOS = 2,
    MICRO_RESPOND = 3, /* "[respond]", CONTROL */
    MICRO_REFUSE = 4,  /* "[refuse]", CONTROL */
    MICRO_USER = 5,    /* "[user]", USER_DEFINED */
    MICRO_BYTES = 6,   /* 256 of them */
    MICRO_WORDS = 262,
    MICRO_VOCABULARY = 326
};

/* Ends the process where the file cannot be written. */
void micro_model_write(const char *path, micro_kind kind);

#endif
