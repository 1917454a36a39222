package dev.demur.cli.serve;

import dev.demur.policy.Reading;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A question as the text that is put to a model, and what its answer's first word says. */
final class QuestionText {

    private QuestionText() {}

    /** The text; what the question is about stands in it as it is. */
    static String of(Question question, String about) {
        StringBuilder text = new StringBuilder(question.instructions()).append("\n\n");
        if (question instanceof Question.YesNo yesNo) {
            boolean described = meaning(text, "yes", yesNo.whenTrue()) | meaning(text, "no", yesNo.whenFalse());
            text.append(described ? "\n" : "").append("Text:\n").append(about);
            return text.append("\n\nAnswer yes or no.").toString();
        }
        int i = 0;
        if (question instanceof Question.Choice choice) {
            for (Map.Entry<String, String> option : choice.options().entrySet()) {
                String meaning = option.getValue();
                line(text, letter(i++), option.getKey() + (meaning.isEmpty() ? "" : ": " + meaning));
            }
        } else if (question instanceof Question.Scale scale) {
            for (String level : scale.levels()) {
                line(text, letter(i++), level);
            }
        }
        text.append("\nText:\n").append(about);
        return text.append("\n\nAnswer with the letter alone.").toString();
    }

    private static boolean meaning(StringBuilder text, String word, @Nullable String meaning) {
        if (meaning == null) {
            return false;
        }
        text.append(word).append(": ").append(meaning).append('\n');
        return true;
    }

    private static void line(StringBuilder text, char letter, String option) {
        text.append(letter).append(". ").append(option).append('\n');
    }

    private static char letter(int option) {
        return (char) ('A' + option);
    }

    /** How likely the model is to begin with a word that answers this question. */
    static double coverage(Question question, Reading reading) {
        int options = options(question);
        return options == 0 ? reading.coverage() : reading.coverage() * sum(reading, options);
    }

    /** What the answer should begin with, in words. */
    static String expected(Question question) {
        int options = options(question);
        return options == 0 ? "yes or no" : "a letter from A to " + letter(options - 1);
    }

    /** The probabilities of the first {@code count} options among themselves, where the coverage is enough. */
    static double[] shares(Reading reading, int count) {
        double[] shares = new double[count];
        double sum = sum(reading, count);
        for (int i = 0; i < count; i++) {
            shares[i] = reading.probability(i) / sum;
        }
        return shares;
    }

    private static int options(Question question) {
        if (question instanceof Question.Choice choice) {
            return choice.options().size();
        }
        return question instanceof Question.Scale scale ? scale.levels().size() : 0;
    }

    private static double sum(Reading reading, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += reading.probability(i);
        }
        return sum;
    }
}
