package dev.demur.readout.internal;

import dev.demur.policy.Category;
import java.util.Map;

/** What a refusal says in plain words where neither the policy nor the readout has words of its own. */
public final class RefusalWords {

    private static final Map<String, String> REPLIES = Map.of(
            "humanizing",
            "I am a program, without a body, feelings or a life of my own, so I cannot answer that as a person would.",
            "incomplete",
            "I cannot answer that yet, because something is missing from the question. Please tell me more.",
            "indeterminate",
            "I cannot answer that, because nobody can know it for certain.",
            "safety",
            "I will not help with that, because it could do harm.",
            "unsupported",
            "I cannot do that, because it needs abilities or information that I do not have.");

    private static final Map<String, String> OPENINGS = Map.of(
            "humanizing",
            "I am a program, without a body, feelings or a life of my own, so",
            "incomplete",
            "I cannot answer that yet, because your question does not say",
            "indeterminate",
            "I cannot answer that, because nobody can know for certain",
            "safety",
            "I will not help with that, because it could",
            "unsupported",
            "I cannot do that, because I have no");

    private RefusalWords() {}

    /** A whole reply. */
    public static String reply(Category category) {
        String known = REPLIES.get(category.id());
        return known != null ? known : "I will not answer that (" + category.name() + ").";
    }

    /** First words, after which a model goes on. */
    public static String opening(Category category) {
        String known = OPENINGS.get(category.id());
        return known != null ? known : "I will not answer that, because";
    }
}
