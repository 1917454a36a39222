package dev.demur;

/** How generations end and stream on java-llama.cpp's library, which is of the old generation. */
class ConversationOldLlamaIT extends ConversationContract {

    @Override
    LoadOptions options() {
        return LoadOptions.DEFAULTS;
    }
}
