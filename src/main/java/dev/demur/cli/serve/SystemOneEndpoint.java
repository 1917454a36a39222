package dev.demur.cli.serve;

import com.google.gson.JsonObject;
import dev.demur.json.JsonValue;
import dev.demur.json.JsonValue.JsonArray;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /v1/systemone}: typed questions about a state, each answered with probabilities.
 *
 * <p>A question whose instructions are {@code demur:ID} is about the label ID of what decides here, and {@code demur:labels} is
 * the choice between all of them: these are the calibrated numbers. Every other question is put to the model in words. What
 * cannot be answered fails the request; there is never a guess.
 */
final class SystemOneEndpoint {

    private static final String OF_READOUT = "demur:";
    private static final String ALL_LABELS = "labels";
    private static final int MOST_QUESTIONS = 64;

    private final ServedModel model;
    private final PromptLimit limit;
    private final Metrics metrics;

    SystemOneEndpoint(ServedModel model, PromptLimit limit, Metrics metrics) {
        this.model = model;
        this.limit = limit;
        this.metrics = metrics;
    }

    /**
     * What is asked.
     *
     * @param text what the questions are about, as text
     * @param conversation the same where the state has messages; else a message with the text
     */
    record Request(String text, List<Message> conversation, List<Question> questions) {}

    /** Reads a request; a question about the readout that it has no number for is an error at once. */
    Request parse(Fields fields) {
        fields.requireKnown(Set.of("model", "state", "questions"));
        model.requireNamed(fields.text("model"));
        JsonValue state = fields.value("state");
        if (state == null) {
            throw fields.missing("state", "what the questions are about");
        }
        Fields asked = fields.object("questions");
        if (asked == null || asked.names().isEmpty() || asked.names().size() > MOST_QUESTIONS) {
            throw ApiException.badRequest(
                    "questions", "questions must be an object of 1 to " + MOST_QUESTIONS + " questions by their names");
        }
        List<Question> questions = new ArrayList<>();
        for (String name : asked.names()) {
            JsonValue value = asked.value(name);
            if (value == null) {
                throw asked.missing(name, "a question");
            }
            Question question = Question.read(name, value);
            requireAnswerable(question);
            questions.add(question);
        }
        return new Request(JsonText.orText(state), conversation(state), questions);
    }

    private List<Message> conversation(JsonValue state) {
        if (state instanceof JsonValue.JsonObject object
                && object.members().size() == 1
                && object.members().containsKey("messages")) {
            JsonArray messages = Fields.of(state, "state").array("messages");
            return new ChatMessages(model.engine().labels()).read(messages, "state.messages");
        }
        return List.of(Message.user(JsonText.orText(state)));
    }

    /** What is asked of the readout; null for a question in words. */
    private static @Nullable String ofReadout(Question question) {
        String instructions = question.instructions().strip();
        return instructions.startsWith(OF_READOUT) ? instructions.substring(OF_READOUT.length()) : null;
    }

    private void requireAnswerable(Question question) {
        String id = ofReadout(question);
        if (id == null) {
            return;
        }
        Labels labels = model.engine().labels();
        if (question instanceof Question.YesNo && labels.indexOfLabel(id) >= 0) {
            return;
        }
        if (question instanceof Question.Choice choice && id.equals(ALL_LABELS)) {
            requireAllLabels(choice, labels);
            return;
        }
        throw ApiException.unanswerable(
                question.place(),
                question.place() + " asks what decides here for " + Quoted.of(id)
                        + ", which it has no number for: a question"
                        + " of the type noul may ask " + OF_READOUT + "ID for one of " + labels.categoryIds() + ", "
                        + Labels.RESPOND + ", and one of the type choice " + OF_READOUT + ALL_LABELS
                        + " for all of them");
    }

    private static void requireAllLabels(Question.Choice choice, Labels labels) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < labels.count(); i++) {
            ids.add(labels.id(i));
        }
        if (!choice.options().keySet().equals(Set.copyOf(ids))) {
            throw ApiException.unanswerable(
                    choice.place(),
                    choice.place()
                            + ".criteria must have all labels of what decides here, and nothing else, because their"
                            + " probabilities belong together: " + String.join(", ", ids));
        }
    }

    /** Answers the questions; blocks until the answer is written. */
    void answer(Request request, Exchange exchange) {
        exchange.facts().prompt = request.text();
        JsonObject answers = new JsonObject();
        int tokens = 0;
        Decision decision = null;
        String audit = null;
        if (request.questions().stream().anyMatch(question -> ofReadout(question) != null)) {
            tokens += limit.toDecide(request.conversation());
            long start = System.nanoTime();
            decision = model.engine()
                    .decide(List.of(request.conversation()), exchange.cancellation())
                    .get(0);
            metrics.timed(System.nanoTime() - start, 0);
            metrics.decided(decision);
            audit = model.policy().observe(exchange.head().id(), decision);
            exchange.facts().decision = DecisionJson.words(decision);
        }
        for (Question question : request.questions()) {
            String id = ofReadout(question);
            if (id != null && decision != null) {
                answers.add(question.name(), ofReadout(question, id, decision.reading()));
            } else {
                Engine.Asked asked = ask(question, request.text(), exchange);
                tokens += asked.promptTokens();
                answers.add(question.name(), inWords(question, asked.reading()));
            }
        }
        exchange.facts().promptTokens = tokens;
        metrics.tokens(tokens, 0);
        JsonObject usage = new JsonObject();
        usage.addProperty("input_tokens", tokens);
        usage.addProperty("output_tokens", 0);
        JsonObject body = new JsonObject();
        body.addProperty("model", model.name());
        body.add("answers", answers);
        body.add("usage", usage);
        if (audit != null) {
            JsonObject extension = new JsonObject();
            extension.addProperty(DecisionJson.AUDIT, audit);
            body.add(DecisionJson.FIELD, extension);
        }
        exchange.json(200, body);
    }

    private JsonObject ofReadout(Question question, String id, Reading reading) {
        Labels labels = reading.labels();
        JsonObject extension = new JsonObject();
        extension.addProperty("read", "labels");
        extension.addProperty("coverage", reading.coverage());
        if (question instanceof Question.Choice choice) {
            double[] shares = choice.options().keySet().stream()
                    .mapToDouble(label -> reading.probability(labels.indexOfLabel(label)))
                    .toArray();
            return withExtension(Answers.choice(List.copyOf(choice.options().keySet()), shares), extension);
        }
        int label = labels.indexOfLabel(id);
        if (label < labels.respondIndex()) {
            Rules rules = model.policy().policy().bind(labels);
            double threshold = rules.threshold(label);
            extension.addProperty("score", rules.score(reading, label));
            extension.addProperty("threshold", Double.isNaN(threshold) ? null : Double.valueOf(threshold));
        }
        return withExtension(Answers.yesNo(reading.probability(label)), extension);
    }

    private Engine.Asked ask(Question question, String text, Exchange exchange) {
        AnswerWords words = question instanceof Question.YesNo ? AnswerWords.YES_NO : AnswerWords.LETTERS;
        Engine.Asked asked = model.engine().ask(words, QuestionText.of(question, text), exchange.cancellation());
        double coverage = QuestionText.coverage(question, asked.reading());
        if (Reading.isLowCoverage(coverage)) {
            throw ApiException.unanswerable(
                    question.place(),
                    question.place() + " cannot be answered: the model would begin its answer with "
                            + QuestionText.expected(question) + " with a probability of only "
                            + String.format(java.util.Locale.ROOT, "%.2f", coverage)
                            + ", so that what it thinks cannot be told; ask in other words, or another model");
        }
        return asked;
    }

    private static JsonObject inWords(Question question, Reading reading) {
        JsonObject extension = new JsonObject();
        extension.addProperty("read", "words");
        extension.addProperty("coverage", QuestionText.coverage(question, reading));
        JsonObject answer;
        if (question instanceof Question.Choice choice) {
            answer = Answers.choice(
                    List.copyOf(choice.options().keySet()),
                    QuestionText.shares(reading, choice.options().size()));
        } else if (question instanceof Question.Scale scale) {
            answer = Answers.scale(
                    scale.levels(), QuestionText.shares(reading, scale.levels().size()));
        } else {
            answer = Answers.yesNo(reading.probability(0));
        }
        return withExtension(answer, extension);
    }

    private static JsonObject withExtension(JsonObject answer, JsonObject extension) {
        answer.add(DecisionJson.FIELD, extension);
        return answer;
    }
}
