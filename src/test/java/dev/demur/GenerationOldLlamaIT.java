package dev.demur;

/** How generations end and stream on java-llama.cpp's library, which is of the old generation. */
class GenerationOldLlamaIT extends GenerationContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
