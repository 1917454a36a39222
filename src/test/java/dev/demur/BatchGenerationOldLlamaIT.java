package dev.demur;

/** Batches of generations on java-llama.cpp's library, which is of the old generation. */
class BatchGenerationOldLlamaIT extends BatchGenerationContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
