package dev.demur;

/** A head on java-llama.cpp's library, which is of the old generation. */
class HeadOldLlamaIT extends HeadContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
