package dev.demur.langchain4j;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.policy.Labels;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.decision.request.ChoiceQuestion;
import dev.langchain4j.model.decision.request.Question;
import dev.langchain4j.model.decision.request.ScaleQuestion;
import dev.langchain4j.model.decision.request.YesNoQuestion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The frame that asks a model a question in words: a JSON file as {@code docs/FRAMES.md} has it. Yes/no questions are answered
 * with these words, the options of a choice and the levels of a scale with letters.
 *
 * <p>Written to a file it is a readout like any other ({@code LoadOptions.withReadout}, {@code --readout} on the command line), to
 * score labelled prompts by and to calibrate a threshold on. Its labels are {@code yes}, or {@code option-1} and so on; {@code
 * respond} is no, or the last of the options.
 */
public final class QuestionFrame {

    /** As many as there are letters. */
    public static final int MOST_OPTIONS = 26;

    private static final String YES = "yes";
    private static final List<String> YES_WORDS = List.of(" Yes", " yes", " YES");
    private static final List<String> NO_WORDS = List.of(" No", " no", " NO");
    private static final Gson WRITER =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private QuestionFrame() {}

    /**
     * The frame of a question about one text, which is the user's last message.
     *
     * @param name what messages call it
     * @throws UnsupportedFeatureException if the question is of an unknown type, has more than {@value #MOST_OPTIONS}
     *     options, or has <code>{{</code> in a text, which means a place in a frame
     */
    public static String json(String name, Question question) {
        return json(name, question, false, "");
    }

    /**
     * The frame of a question.
     *
     * @param aboutConversation whether it is about all messages, and not about the user's last one alone
     * @param before what is forced before the answer: the token that a model with control tokens begins its answers with
     */
    static String json(String name, Question question, boolean aboutConversation, String before) {
        requireNoPlaces(name, question);
        JsonObject frame = new JsonObject();
        frame.addProperty("version", 1);
        frame.addProperty("name", name);
        frame.add("prompt", prompt(question, aboutConversation));
        frame.addProperty("begins", before + "Answer:");
        frame.addProperty("probabilities", "labels");
        frame.add("labels", labels(question));
        return WRITER.toJson(frame);
    }

    /** The answers that a question allows, in the order of the frame's labels, and what each means; null: nothing is said. */
    static Map<String, @Nullable String> answers(Question question) {
        Map<String, @Nullable String> answers = new LinkedHashMap<>();
        if (question instanceof YesNoQuestion asked) {
            answers.put("Yes", asked.yesWhen());
            answers.put("No", asked.noWhen());
        } else if (question instanceof ChoiceQuestion asked) {
            answers.putAll(asked.options());
        } else if (question instanceof ScaleQuestion asked) {
            for (int i = 0; i < asked.levels().size(); i++) {
                String level = asked.levels().get(i);
                List<String> descriptions = asked.levelDescriptions();
                answers.put(level, i < descriptions.size() ? descriptions.get(i) : null);
            }
        } else {
            throw new UnsupportedFeatureException(
                    "A question of the type " + question.getClass().getName()
                            + " is not supported: Demur answers yes/no, choice and scale questions");
        }
        return answers;
    }

    private static void requireNoPlaces(String name, Question question) {
        List<@Nullable String> texts = new ArrayList<>(answers(question).keySet());
        if (texts.size() > MOST_OPTIONS) {
            throw new UnsupportedFeatureException("The question '" + name + "' has " + texts.size()
                    + " answers, and more than " + MOST_OPTIONS + " are not supported: ask it in two steps");
        }
        texts.addAll(answers(question).values());
        texts.add(question.text());
        for (String text : texts) {
            if (text != null && text.contains("{{")) {
                throw new UnsupportedFeatureException("The question '" + name
                        + "' has {{ in a text, which is not supported: write it in another way");
            }
        }
    }

    private static JsonObject prompt(Question question, boolean aboutConversation) {
        StringBuilder text = new StringBuilder();
        // What is judged comes first, so that the questions about it share the longest part of the prompt.
        text.append(aboutConversation ? "Read this conversation.\n\n{{conversation}}" : "Read this text.\n\n{{last}}\n")
                .append("\nAnswer this question about it: ")
                .append(question.text())
                .append('\n');
        boolean letters = !(question instanceof YesNoQuestion);
        char letter = 'A';
        for (Map.Entry<String, @Nullable String> answer : answers(question).entrySet()) {
            String meaning = answer.getValue();
            if (letters) {
                text.append(letter).append(". ").append(answer.getKey());
                text.append(meaning == null || meaning.isBlank() ? "" : ": " + meaning)
                        .append('\n');
                letter++;
            } else if (meaning != null && !meaning.isBlank()) {
                text.append(answer.getKey()).append(": ").append(meaning).append('\n');
            }
        }
        text.append(letters ? "Answer with the letter alone." : "Answer with yes or no.");
        JsonObject line = new JsonObject();
        line.addProperty("role", "user");
        line.addProperty("text", text.toString());
        JsonArray lines = new JsonArray();
        lines.add(line);
        JsonObject prompt = new JsonObject();
        prompt.add("messages", lines);
        if (aboutConversation) {
            JsonObject turns = new JsonObject();
            turns.addProperty("system", "System: {{text}}\n");
            turns.addProperty("user", "User: {{text}}\n");
            turns.addProperty("assistant", "Assistant: {{text}}\n");
            prompt.add("turns", turns);
        }
        return prompt;
    }

    private static JsonArray labels(Question question) {
        JsonArray labels = new JsonArray();
        if (question instanceof YesNoQuestion) {
            labels.add(label(YES, YES, YES_WORDS));
            labels.add(label(Labels.RESPOND, "no", NO_WORDS));
            return labels;
        }
        List<String> options = List.copyOf(answers(question).keySet());
        for (int i = 0; i < options.size(); i++) {
            boolean last = i == options.size() - 1;
            String id = last ? Labels.RESPOND : "option-" + (i + 1);
            labels.add(label(id, options.get(i), List.of(" " + (char) ('A' + i))));
        }
        return labels;
    }

    private static JsonObject label(String id, String name, List<String> words) {
        JsonObject label = new JsonObject();
        label.addProperty("id", id);
        label.addProperty("name", name);
        JsonArray spellings = new JsonArray();
        words.forEach(spellings::add);
        label.add("spellings", spellings);
        return label;
    }
}
