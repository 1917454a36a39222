package dev.demur.llama.internal;

import dev.demur.llama.Message;
import java.util.List;

/** A chat template of no family that llama.cpp knows, over the tokens that the micro vocabularies have. */
public final class UnknownTemplate {

    /** Begins with the token that begins a text, names the roles by its own words and trims nothing. */
    public static final String TEXT = "{{- bos_token }}{%- for message in messages %}\n"
            + "{{- '<|endoftext|>' ~ message.role[0] ~ '=' ~ message.content ~ '<tool>' }}\n{%- endfor %}\n"
            + "{%- if add_generation_prompt %}{{- '<|endoftext|>a=' }}{%- endif %}";

    private UnknownTemplate() {}

    /** What it renders behind the token that begins a text. */
    static String rendered(List<Message> messages) {
        StringBuilder text = new StringBuilder();
        for (Message message : messages) {
            text.append("<|endoftext|>").append(message.role().id().charAt(0)).append('=');
            text.append(message.content()).append("<tool>");
        }
        return text.append("<|endoftext|>a=").toString();
    }
}
