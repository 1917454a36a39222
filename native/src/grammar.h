#ifndef DEMUR_GRAMMAR_H
#define DEMUR_GRAMMAR_H

#include <stdint.h>

/*
 * Accepts only what llama.cpp's parser takes in silence and can follow: that one writes its complaints to stderr, fills
 * the memory at a repetition like {9,1}, and recurses without end where a rule begins with itself behind something
 * that may be empty. DEMUR_ERROR_ARGUMENT names the line and what is wrong with it.
 */
int32_t demur_grammar_check(const char *grammar, const char *root, char *error);

#endif
