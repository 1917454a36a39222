package dev.demur;

/** Many requests at once on java-llama.cpp's library, which is of the old generation. */
class EngineOldLlamaIT extends EngineContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
