package dev.demur.langchain4j;

import com.google.gson.Gson;
import dev.demur.Demur;
import dev.demur.FrameAsker;
import dev.demur.Request;
import dev.demur.calibration.Promise;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.FrameFile;
import dev.langchain4j.exception.InvalidDecisionResponseException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.decision.DecisionModel;
import dev.langchain4j.model.decision.listener.DecisionModelListener;
import dev.langchain4j.model.decision.request.ContentsInput;
import dev.langchain4j.model.decision.request.DecisionInput;
import dev.langchain4j.model.decision.request.DecisionRequest;
import dev.langchain4j.model.decision.request.DecisionRequestParameters;
import dev.langchain4j.model.decision.request.FieldsInput;
import dev.langchain4j.model.decision.request.MessagesInput;
import dev.langchain4j.model.decision.request.Question;
import dev.langchain4j.model.decision.request.TextInput;
import dev.langchain4j.model.decision.response.DecisionAnswer;
import dev.langchain4j.model.decision.response.DecisionResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A decision model that reads probabilities and generates nothing.
 *
 * <p><b>Questions about the readout's categories</b> are answered by the numbers that the policy decides by, all from one prompt. A
 * yes/no question is one if its <em>name</em> is a category's id, or {@code respond}; its text then is for people. A choice is one
 * if each option is such an id, a scale if each level is; their probabilities are normalised over what is offered. {@link
 * PolicyThresholds} has the policy's thresholds for them.
 *
 * <p><b>All other questions</b> fail, unless {@link Builder#asksInWords} lets the model be asked them in words, by a frame that is
 * made from the question. Write the questions yourself, and put what comes from people into the input: a question's text can
 * spell special tokens, an input cannot. How well a small model answers is another matter: measure it.
 *
 * <p>Where the answers have little of the model's probability it would have said something else: that is an {@link
 * InvalidDecisionResponseException}, and never an answer.
 *
 * <p>Thread-safe. {@link #close} frees what questions in words need; the {@link Demur} stays the caller's, and is closed after.
 */
public final class DemurDecisionModel implements DecisionModel, AutoCloseable {

    private static final Gson GSON = new Gson();

    private final Demur demur;
    private final AppliedPolicy policy;
    private final String modelName;
    private final double leastCoverage;
    private final List<DecisionModelListener> listeners;
    private final @Nullable FrameAsker words;

    /** What a model with control tokens begins each of its answers with; empty for other models. */
    private final String before;

    private DemurDecisionModel(Builder builder) {
        this.demur = builder.requireDemur();
        this.policy = builder.appliedPolicy();
        this.modelName = ModelName.ofDeciding(builder.modelName(), demur);
        this.leastCoverage = builder.leastCoverage;
        this.listeners = builder.listeners();
        this.words = builder.asksInWords ? demur.frameAsker() : null;
        this.before = demur.readout().identity().tokens().getOrDefault(Labels.RESPOND, "");
    }

    /** Begins with nothing; {@code demur} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** What the policy promises on this model. */
    public Promise promise() {
        return policy.promise();
    }

    @Override
    public DecisionResponse doDecide(DecisionRequest request) {
        return decide(request, null);
    }

    /** On a thread of its own; cancelling the future cancels the decision. */
    @Override
    public CompletableFuture<DecisionResponse> doDecideAsync(DecisionRequest request) {
        return Background.future(cancellation -> decide(request, cancellation));
    }

    private DecisionResponse decide(DecisionRequest request, @Nullable Cancellation cancellation) {
        ModelName.require(request.modelName(), modelName);
        Labels labels = demur.labels();
        request.questions().forEach((name, question) -> {
            QuestionFrame.answers(question); // an unknown type fails before anything is decoded
            if (words == null && !Answers.areLabels(name, question, labels)) {
                throw new UnsupportedFeatureException("The question '" + name + "' is about "
                        + String.join(", ", Answers.wanted(name, question))
                        + ", which is not supported: what decides here has " + labels.categoryIds() + " and "
                        + Labels.RESPOND
                        + ". Name one of these, or let the model be asked in words (asksInWords)");
            }
        });
        return Failures.ofRequest("", () -> answer(request, cancellation));
    }

    private DecisionResponse answer(DecisionRequest request, @Nullable Cancellation cancellation) {
        List<Message> messages = messages(request.input());
        boolean conversation = request.input() instanceof MessagesInput;
        Map<String, DecisionAnswer> answers = new LinkedHashMap<>();
        Reading ofReadout = null;
        int tokens = 0;
        int asked = 0;
        for (Map.Entry<String, Question> entry : request.questions().entrySet()) {
            String name = entry.getKey();
            Question question = entry.getValue();
            FrameAsker free = words;
            if (free == null || Answers.areLabels(name, question, demur.labels())) {
                if (ofReadout == null) {
                    Decision decision = demur.decide(
                            Request.of(messages).withPolicy(policy.policy()).withCancellation(cancellation));
                    ofReadout = decision.reading();
                    tokens += demur.promptTokens(messages).length;
                }
                requireCoverage(name, ofReadout);
                answers.put(name, Answers.ofLabels(name, question, ofReadout));
            } else {
                Frame frame = FrameFile.parse(
                        QuestionFrame.json(name, question, conversation, before), "the question '" + name + "'");
                FrameAsker.Answer answer = free.ask(frame, messages, asked > 0, cancellation);
                asked++;
                tokens += answer.promptTokens();
                requireCoverage(name, answer.reading());
                answers.put(name, Answers.ofWords(name, question, answer.reading()));
            }
        }
        return DecisionResponse.builder()
                .answers(answers)
                .modelName(modelName)
                .tokenUsage(new TokenUsage(tokens, 0))
                .build();
    }

    private void requireCoverage(String name, Reading reading) {
        double coverage = reading.coverage();
        if (!(coverage >= leastCoverage)) {
            throw new InvalidDecisionResponseException("The question '" + name
                    + "' cannot be answered: all its answers together have "
                    + String.format(Locale.ROOT, "%.3f", coverage) + " of the probability, and the least is "
                    + leastCoverage
                    + ". Another wording or another model may do better");
        }
    }

    private List<Message> messages(DecisionInput input) {
        if (input instanceof TextInput text) {
            return List.of(Message.user(text.text()));
        }
        if (input instanceof MessagesInput messages) {
            return Messages.of(messages.messages(), demur.labels());
        }
        if (input instanceof FieldsInput fields) {
            return List.of(Message.user(fields.fields().entrySet().stream()
                    .map(field -> field.getKey() + ": " + value(field.getValue()))
                    .collect(Collectors.joining("\n"))));
        }
        if (input instanceof ContentsInput contents) {
            return List.of(Message.user(Messages.text(contents.contents())));
        }
        throw new UnsupportedFeatureException("An input of the type " + input.type() + " is not supported");
    }

    private static String value(@Nullable Object value) {
        return value instanceof String text ? text : GSON.toJson(value);
    }

    @Override
    public DecisionRequestParameters defaultRequestParameters() {
        return DecisionRequestParameters.builder().modelName(modelName).build();
    }

    @Override
    public List<DecisionModelListener> listeners() {
        return listeners;
    }

    @Override
    public void close() {
        if (words != null) {
            words.close();
        }
    }

    /** Builds the model. */
    public static final class Builder extends ModelBuilder<Builder, DecisionModelListener> {

        private static final double DEFAULT_COVERAGE = 0.5;

        private boolean asksInWords;
        private double leastCoverage = DEFAULT_COVERAGE;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Whether the model that decides is asked in words what its readout does not answer; else such a question fails. The
         * decider does, where {@code LoadOptions.withDecider} names one.
         */
        public Builder asksInWords(boolean newAsksInWords) {
            this.asksInWords = newAsksInWords;
            return this;
        }

        /** How much of the probability the answers must have together, in [0, 1]; 0.5 where nothing is said. */
        public Builder leastCoverage(double newLeastCoverage) {
            if (!(newLeastCoverage >= 0 && newLeastCoverage <= 1)) {
                throw new IllegalArgumentException(
                        "the least coverage is " + newLeastCoverage + ": it must be from 0 to 1");
            }
            this.leastCoverage = newLeastCoverage;
            return this;
        }

        /**
         * The model.
         *
         * @throws IllegalArgumentException if {@code demur} is missing
         * @throws dev.demur.DemurException if it is to be asked in words and has no chat template
         * @throws dev.demur.policy.PolicyException if the policy is not for it
         */
        public DemurDecisionModel build() {
            return new DemurDecisionModel(this);
        }
    }
}
