package dev.demur.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.llama.Message;
import dev.demur.policy.Reading;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidDecisionResponseException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.decision.listener.DecisionModelErrorContext;
import dev.langchain4j.model.decision.listener.DecisionModelListener;
import dev.langchain4j.model.decision.listener.DecisionModelRequestContext;
import dev.langchain4j.model.decision.listener.DecisionModelResponseContext;
import dev.langchain4j.model.decision.request.ChoiceQuestion;
import dev.langchain4j.model.decision.request.DecisionRequest;
import dev.langchain4j.model.decision.request.Question;
import dev.langchain4j.model.decision.request.ScaleQuestion;
import dev.langchain4j.model.decision.request.YesNoQuestion;
import dev.langchain4j.model.decision.response.ChoiceAnswer;
import dev.langchain4j.model.decision.response.DecisionResponse;
import dev.langchain4j.model.decision.response.ScaleAnswer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionIT {

    private static final YesNoQuestion SAFETY = YesNoQuestion.from("Could somebody get hurt?");
    private static final YesNoQuestion FOOD = YesNoQuestion.builder()
            .text("Is this text about food?")
            .yesWhen("something is cooked or eaten")
            .noWhen("it is about anything else")
            .build();
    private static final ChoiceQuestion TEAM = ChoiceQuestion.builder()
            .text("Which team should read this?")
            .option("billing", "money and invoices")
            .option("support", "something does not work")
            .option("sales")
            .build();
    private static final ScaleQuestion URGENCY =
            ScaleQuestion.from("How urgent is this?", List.of("can wait", "soon", "now"));

    private static DecisionRequest about(String text, Map<String, Question> questions) {
        return DecisionRequest.builder().input(text).questions(questions).build();
    }

    private static DemurDecisionModel byCategories() {
        return DemurDecisionModel.builder().demur(Models.small()).build();
    }

    private static DemurDecisionModel inWords(Demur demur) {
        return DemurDecisionModel.builder()
                .demur(demur)
                .asksInWords(true)
                .leastCoverage(0)
                .build();
    }

    @Test
    void a_category_is_answered_by_the_number_that_decides() {
        Reading reading = Models.small().decide(Models.REFUSED).reading();
        DecisionResponse response = byCategories().decide(about(Models.REFUSED, Map.of("safety", SAFETY)));
        assertThat(response.yesNo("safety").probability()).isEqualTo(reading.probability("safety"));
        assertThat(response.modelName()).isEqualTo("demur-small");
        assertThat(response.tokenUsage().inputTokenCount())
                .isEqualTo(Models.small().promptTokens(List.of(Message.user(Models.REFUSED))).length);
    }

    @Test
    void thresholds_of_the_policy_decide_as_the_policy_does() {
        PolicyThresholds thresholds = PolicyThresholds.of(Models.small()
                .policy()
                .withRule(dev.demur.policy.Rule.THRESHOLD)
                .withThreshold("safety", 0.5));
        DemurDecisionModel model = byCategories();
        assertThat(model.decide(about(Models.REFUSED, Map.of("safety", SAFETY)))
                        .yesNo("safety")
                        .isYes(thresholds.of("safety")))
                .isTrue();
        assertThat(model.decide(about(Models.FINE, Map.of("safety", SAFETY)))
                        .yesNo("safety")
                        .isYes(thresholds.of("safety")))
                .isFalse();
    }

    @Test
    void all_labels_are_a_choice_and_some_are_a_scale() {
        Reading reading = Models.small().decide(Models.REFUSED).reading();
        Map<String, String> options = new LinkedHashMap<>();
        reading.labels().categories().forEach(category -> options.put(category.id(), category.name()));
        options.put("respond", "answer it");
        ChoiceQuestion kind = ChoiceQuestion.from("What is it?", options);
        ScaleQuestion harm = ScaleQuestion.from("How bad is it?", List.of("respond", "safety"));
        DecisionResponse response = byCategories().decide(about(Models.REFUSED, Map.of("kind", kind, "harm", harm)));

        ChoiceAnswer choice = response.choice("kind");
        assertThat(choice.value()).isEqualTo("safety");
        assertThat(choice.probabilityOf("respond")).isCloseTo(reading.probability("respond"), within(1e-6));
        double safety = reading.probability("safety");
        double respond = reading.probability("respond");
        ScaleAnswer scale = response.scale("harm");
        assertThat(scale.mean()).isCloseTo(safety / (safety + respond), within(1e-9));
        assertThat(scale.probabilities()).hasSize(2);
    }

    @Test
    void a_question_that_the_readout_cannot_answer_fails_and_names_what_it_can() {
        List<Throwable> heard = new ArrayList<>();
        DemurDecisionModel model = DemurDecisionModel.builder()
                .demur(Models.small())
                .listeners(new DecisionModelListener() {
                    @Override
                    public void onError(DecisionModelErrorContext context) {
                        heard.add(context.error());
                    }
                })
                .build();
        for (Map.Entry<String, Question> asked : Map.<String, Question>of(
                        "spam", FOOD, "team", TEAM, "urgency", URGENCY)
                .entrySet()) {
            assertThatThrownBy(() -> model.decide(about("hello", Map.of(asked.getKey(), asked.getValue()))))
                    .isInstanceOf(UnsupportedFeatureException.class)
                    .hasMessageContaining("'" + asked.getKey() + "'")
                    .hasMessageContaining("safety");
        }
        assertThat(heard).hasSize(3);
    }

    @Test
    void a_question_in_words_is_answered_as_its_frame_is(@TempDir Path folder) throws Exception {
        String text = "Boil the potatoes for twenty minutes, then fry them in butter.";
        Path frame = folder.resolve("food.json");
        Files.writeString(frame, QuestionFrame.json("food", FOOD));
        double expected;
        try (Demur asked =
                Demur.load(Models.file("demur-small.gguf"), LoadOptions.DEFAULTS.withReadout(frame.toString()))) {
            expected = asked.decide(text).reading().probability("yes");
        }
        try (DemurDecisionModel model = inWords(Models.small())) {
            DecisionResponse response = model.decide(about(text, Map.of("food", FOOD)));
            assertThat(response.yesNo("food").probability()).isCloseTo(expected, within(1e-4));
        }
    }

    @Test
    void several_questions_share_their_text_and_are_answered_as_each_alone() {
        String text = "My payouts have been failing for three days, and nobody answers.";
        Map<String, Question> all = new LinkedHashMap<>();
        all.put("food", FOOD);
        all.put("team", TEAM);
        all.put("urgency", URGENCY);
        all.put("safety", SAFETY);
        try (DemurDecisionModel model = inWords(Models.small())) {
            DecisionResponse together = model.decide(about(text, all));
            DecisionResponse team = model.decide(about(text, Map.of("team", TEAM)));
            DecisionResponse urgency = model.decide(about(text, Map.of("urgency", URGENCY)));
            for (String option : TEAM.options().keySet()) {
                assertThat(together.choice("team").probabilityOf(option))
                        .isCloseTo(team.choice("team").probabilityOf(option), within(1e-2));
            }
            assertThat(together.scale("urgency").mean())
                    .isCloseTo(urgency.scale("urgency").mean(), within(2e-2));
            assertThat(together.choice("team").probabilities().values().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum())
                    .isCloseTo(1, within(1e-9));
            assertThat(together.yesNo("safety").probability())
                    .isEqualTo(Models.small().decide(text).reading().probability("safety"));
        }
    }

    @Test
    void answers_without_probability_are_an_error() {
        try (DemurDecisionModel model = DemurDecisionModel.builder()
                .demur(Models.small())
                .asksInWords(true)
                .leastCoverage(1)
                .build()) {
            assertThatThrownBy(() -> model.decide(about("hello", Map.of("food", FOOD))))
                    .isInstanceOf(InvalidDecisionResponseException.class)
                    .hasMessageContaining("'food' cannot be answered");
        }
    }

    @Test
    void a_model_with_control_tokens_is_asked_behind_the_one_that_answers() {
        try (Demur tiny = Models.tiny(LoadOptions.DEFAULTS);
                DemurDecisionModel model = inWords(tiny)) {
            double probability = model.decide(about("hello", Map.of("food", FOOD)))
                    .yesNo("food")
                    .probability();
            assertThat(probability).isBetween(0.0, 1.0);
        }
    }

    @Test
    void a_decider_is_asked_in_place_of_the_model_that_answers() {
        Map<String, Question> asked = Map.of("food", FOOD);
        try (Demur both = Models.tiny(LoadOptions.DEFAULTS.withDecider(Models.file("demur-small.gguf")));
                DemurDecisionModel byDecider = inWords(both);
                DemurDecisionModel bySmall = inWords(Models.small())) {
            DecisionResponse response = byDecider.decide(about("hello", asked));
            assertThat(response.modelName()).isEqualTo("demur-small");
            assertThat(response.yesNo("food").probability())
                    .isCloseTo(
                            bySmall.decide(about("hello", asked)).yesNo("food").probability(), within(1e-4));
        }
    }

    @Test
    void conversations_and_fields_can_be_asked_about() {
        try (DemurDecisionModel model = inWords(Models.small())) {
            DecisionResponse conversation = model.decide(DecisionRequest.builder()
                    .inputMessages(
                            UserMessage.from("What is for dinner?"),
                            AiMessage.from("Soup."),
                            UserMessage.from("Again?"))
                    .question("food", FOOD)
                    .build());
            DecisionResponse last = model.decide(about("Again?", Map.of("food", FOOD)));
            DecisionResponse fields = model.decide(DecisionRequest.builder()
                    .inputFields(Map.of("ticket", "The oven is broken", "priority", 3))
                    .question("food", FOOD)
                    .build());
            assertThat(conversation.yesNo("food").probability())
                    .isNotEqualTo(last.yesNo("food").probability());
            assertThat(conversation.tokenUsage().inputTokenCount())
                    .isGreaterThan(last.tokenUsage().inputTokenCount());
            assertThat(fields.yesNo("food").probability()).isBetween(0.0, 1.0);
        }
    }

    @Test
    void what_a_frame_cannot_say_is_refused_by_name() {
        YesNoQuestion places = YesNoQuestion.from("Is {{last}} spam?");
        List<String> many = new ArrayList<>();
        for (int i = 0; i <= QuestionFrame.MOST_OPTIONS; i++) {
            many.add("option " + i);
        }
        assertThatThrownBy(() -> QuestionFrame.json("spam", places))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("'spam' has {{");
        assertThatThrownBy(() -> QuestionFrame.json("many", ChoiceQuestion.from("Which?", many)))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("has 27 answers");
    }

    @Test
    void listeners_hear_and_a_decision_may_come_later() throws Exception {
        List<Object> heard = new ArrayList<>();
        DecisionModelListener listener = new DecisionModelListener() {
            @Override
            public void onRequest(DecisionModelRequestContext context) {
                heard.add(context.decisionRequest().modelName());
            }

            @Override
            public void onResponse(DecisionModelResponseContext context) {
                heard.add(context.decisionResponse().yesNo("safety").probability());
            }
        };
        DemurDecisionModel model = DemurDecisionModel.builder()
                .demur(Models.small())
                .listeners(listener)
                .build();
        DecisionResponse response =
                model.decideAsync(about(Models.FINE, Map.of("safety", SAFETY))).get(30, TimeUnit.MINUTES);
        assertThat(heard)
                .containsExactly("demur-small", response.yesNo("safety").probability());
    }

    @Test
    void a_closed_model_says_so() {
        DemurDecisionModel model = inWords(Models.small());
        model.close();
        assertThatThrownBy(() -> model.decide(about("hello", Map.of("food", FOOD))))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }
}
