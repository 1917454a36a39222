package dev.demur;

/** Prompts that begin alike, on java-llama.cpp's library, which is of the old generation. */
class SharingOldLlamaIT extends SharingContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
