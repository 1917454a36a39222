/*
 * Writes the logits row behind a text to a file, vocabulary floats: what a model gives is shaped otherwise than what is
 * made up. Arguments: a llama.cpp library, a model, the text, the file. Special tokens in the text count as such.
 */
#include "plain.h"

int main(int argc, char **argv) {
    if (argc != 5) {
        fail("usage: model_row LLAMA MODEL TEXT FILE");
    }
    open_model(argv[1], argv[2], BATCH, 1);
    int32_t tokens[BATCH];
    const int32_t count =
        llama.llama_tokenize(vocabulary, argv[3], (int32_t)strlen(argv[3]), tokens, BATCH, true, true);
    if (count < 1) {
        fail("the text must have 1 to 512 tokens");
    }
    FILE *file = fopen(argv[4], "wb");
    const size_t size = (size_t)vocabulary_size;
    if (file == NULL || fwrite(row_behind(tokens, count, 0), sizeof(float), size, file) != size || fclose(file) != 0) {
        fail("the row cannot be written");
    }
    close_model();
    return 0;
}
