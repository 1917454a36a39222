package dev.demur;

/** Frames on java-llama.cpp's library, which is of the old generation. */
class WordsOldLlamaIT extends WordsContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
