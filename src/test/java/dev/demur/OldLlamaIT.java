package dev.demur;

/** The contract on java-llama.cpp's library, which is of the old generation. */
class OldLlamaIT extends DemurContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }

    @Override
    String abi() {
        return "old";
    }
}
