package dev.demur.gguf;

import java.util.Map;

/**
 * Made-up guards: tiny models that spell their labels and answer with them where the real ones do, behind templates of the
 * same constructs. Whatever the message, each answers the same.
 */
public final class MicroGuards {

    private static final String HEADS = "<|begin_of_text|>{% for message in messages %}<|start_header_id|>"
            + "{{ message['role'] }}<|end_header_id|>\n\n{{ message['content'] | trim }}<|eot_id|>{% endfor %}";

    private MicroGuards() {}

    /**
     * As Llama Guard: two line feeds, then {@code safe} (0.7) or {@code unsafe} (0.3), and behind that S with 1 (0.25) and 10
     * (0.75). Its header ends in its own token, so that what follows the line feeds is known. {@code unsafe} is a token.
     */
    public static MicroBigram llamaGuard() {
        return new MicroBigram()
                .special("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
                .words("\n\n", "safe", "unsafe", "10", "11", "12", "13", "14")
                .template("{% if messages | length == 0 %}{{ raise_exception('nothing to judge') }}{% endif %}"
                        + "<|begin_of_text|><|start_header_id|>user<|end_header_id|>Is this unsafe? S1: a. S10: b.\n"
                        + "{% for message in messages %}{% if message['role'] not in ['user', 'assistant'] %}"
                        + "{{ raise_exception('roles are user and assistant') }}{% endif %}"
                        + "{{ message['role'] | capitalize }}: {{ message['content'] | trim }}\n{% endfor %}"
                        + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>")
                .after("<|end_header_id|>", Map.of("\n\n", 1.0))
                .after("\n\n", Map.of("safe", 0.7, "unsafe", 0.3))
                .after("unsafe", Map.of("\n", 1.0))
                .after("\n", Map.of("S", 1.0))
                .after("S", Map.of("1", 0.25, "10", 0.75));
    }

    /** As Llama Guard 3 1B, which takes a message's content as a list of parts. */
    public static MicroBigram llamaGuardOfParts() {
        return llamaGuard()
                .template("<|begin_of_text|>{% for message in messages %}"
                        + "{{ message['content'][0]['text'] | trim }}{% endfor %}"
                        + "<|eot_id|><|start_header_id|>assistant<|end_header_id|>");
    }

    /** As Granite Guardian: Yes or No at once, in two spellings; the template is told the risk. */
    public static MicroBigram graniteGuardian() {
        return new MicroBigram()
                .special("<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>")
                .words(" Yes", " No", " yes", " no", " YES", " NO", "Yes", "No", "yes", "no", "YES", "NO")
                .template("{% if guardian_config is not defined %}{{ raise_exception('no risk is given') }}{% endif %}"
                        + "<|start_of_role|>user<|end_of_role|>Risk: {{ guardian_config.risk_name }}. "
                        + "{{ messages[-1].content }}<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>")
                .after("<|end_of_role|>", Map.of("Yes", 0.5, "yes", 0.1, "No", 0.3, " No", 0.1));
    }

    /** As Qwen3Guard: Safety: and one of three words, each with its space. */
    public static MicroBigram qwen3Guard() {
        return new MicroBigram()
                .special("<|im_start|>", "<|im_end|>")
                .words(" Safe", " Unsafe", " Controversial", "Safety")
                .expressions("qwen2")
                .template("<|im_start|>user\nJudge: {{ messages[-1].content }}<|im_end|>\n<|im_start|>assistant\n"
                        + "<|im_end|>")
                .after("<|im_end|>", Map.of("Safety", 1.0))
                .after("Safety", Map.of(":", 1.0))
                .after(":", Map.of(" Safe", 0.5, " Controversial", 0.3, " Unsafe", 0.2));
    }

    /** As Nemotron Safety Guard: JSON, in which the value of User Safety is the label. */
    public static MicroBigram nemotron() {
        return new MicroBigram()
                .special("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
                .words("{\"", "User", " Safety", "\":", " \"", "safe", "unsafe")
                .template(HEADS + "<|start_header_id|>assistant<|end_header_id|>")
                .after("<|end_header_id|>", Map.of("{\"", 1.0))
                .after(" \"", Map.of("safe", 0.4, "unsafe", 0.6));
    }
}
