package dev.demur.langchain4j;

import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.langchain4j.exception.InvalidDecisionResponseException;
import dev.langchain4j.model.decision.request.ChoiceQuestion;
import dev.langchain4j.model.decision.request.Question;
import dev.langchain4j.model.decision.request.ScaleQuestion;
import dev.langchain4j.model.decision.request.YesNoQuestion;
import dev.langchain4j.model.decision.response.ChoiceAnswer;
import dev.langchain4j.model.decision.response.DecisionAnswer;
import dev.langchain4j.model.decision.response.ScaleAnswer;
import dev.langchain4j.model.decision.response.YesNoAnswer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Answers of LangChain4j's from the numbers of labels. */
final class Answers {

    private Answers() {}

    /** Whether the readout has a label for each answer that the question allows. */
    static boolean areLabels(String name, Question question, Labels labels) {
        return wanted(name, question).stream().allMatch(id -> labels.indexOfLabel(id) >= 0);
    }

    /** The ids of the labels that a question about the readout's own labels means. */
    static List<String> wanted(String name, Question question) {
        if (question instanceof ChoiceQuestion choice) {
            return List.copyOf(choice.options().keySet());
        }
        if (question instanceof ScaleQuestion scale) {
            return scale.levels();
        }
        return List.of(name);
    }

    /** The answer to a question about the readout's own labels. */
    static DecisionAnswer ofLabels(String name, Question question, Reading reading) {
        List<String> ids = wanted(name, question);
        if (question instanceof YesNoQuestion) {
            return YesNoAnswer.from(reading.probability(ids.get(0)));
        }
        double[] shares = ids.stream().mapToDouble(reading::probability).toArray();
        return ofShares(question, ids, normalised(name, shares));
    }

    /** The answer to a question that was asked in words, whose labels are the answers in their order, respond the last. */
    static DecisionAnswer ofWords(String name, Question question, Reading reading) {
        double[] shares = new double[reading.labels().count()];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = reading.probability(i);
        }
        if (question instanceof YesNoQuestion) {
            return YesNoAnswer.from(normalised(name, shares)[0]);
        }
        List<String> answers = List.copyOf(QuestionFrame.answers(question).keySet());
        return ofShares(question, answers, normalised(name, shares));
    }

    private static DecisionAnswer ofShares(Question question, List<String> answers, double[] shares) {
        int likeliest = 0;
        for (int i = 1; i < shares.length; i++) {
            likeliest = shares[i] > shares[likeliest] ? i : likeliest;
        }
        if (question instanceof ChoiceQuestion) {
            ChoiceAnswer.Builder choice = ChoiceAnswer.builder()
                    .value(answers.get(likeliest))
                    .options(answers)
                    .confidence(shares[likeliest]);
            for (int i = 0; i < shares.length; i++) {
                choice.probability(answers.get(i), shares[i]);
            }
            return choice.build();
        }
        double mean = 0;
        List<Double> levels = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            mean += i * shares[i];
            levels.add(shares[i]);
        }
        return ScaleAnswer.builder()
                .mean(Math.min(mean, shares.length - 1.0))
                .probabilities(levels)
                .confidence(shares[likeliest])
                .build();
    }

    private static double[] normalised(String name, double[] shares) {
        double sum = Arrays.stream(shares).sum();
        if (!(sum > 0)) {
            throw new InvalidDecisionResponseException(
                    "None of the answers to the question '" + name + "' has any probability: it cannot be answered");
        }
        return Arrays.stream(shares).map(share -> Math.min(1, share / sum)).toArray();
    }
}
