package dev.demur.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.demur.Demur;
import dev.demur.spring.DemurTemplate;
import dev.demur.spring.Models;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.DefaultChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.annotation.Tool;
import org.springframework.ai.tool.function.FunctionToolCallback;
import org.springframework.util.MimeTypeUtils;
import reactor.core.Disposable;

class DemurChatModelTest {

    private static Demur demur;

    private final DemurTemplate template = Models.template(demur, demur.policy());
    private final DemurChatModel model = new DemurChatModel(
            template, DemurChatOptions.builder().maxTokens(24).build());

    @BeforeAll
    static void load() {
        demur = Demur.load(Models.tiny());
    }

    @AfterAll
    static void close() {
        demur.close();
    }

    private static String text(ChatResponse response) {
        return response.getResult().getOutput().getText();
    }

    @Test
    void it_answers_with_the_decision_the_usage_and_a_finish_reason() {
        ChatResponse response = model.call(new Prompt(Models.HARMLESS));
        assertThat(text(response)).isEqualTo("Sure. Here are a few points that may help.");
        assertThat(response.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
        assertThat(response.getMetadata().getModel()).isEqualTo("demur-tiny");
        assertThat(response.getMetadata().getId()).startsWith("demur-");
        assertThat(response.getMetadata().getUsage().getPromptTokens()).isPositive();
        assertThat(response.getMetadata().getUsage().getCompletionTokens()).isBetween(1, 24);
        assertThat(DecisionMetadata.isRefusal(response)).isFalse();
        String decision = response.getMetadata().get(DecisionMetadata.DECISION);
        assertThat(decision).isEqualTo("respond");
    }

    @Test
    void a_refusal_is_a_reply_with_the_category_in_its_metadata() {
        ChatResponse response = model.call(new Prompt(Models.HARMFUL));
        assertThat(text(response)).startsWith("I am sorry, I cannot");
        assertThat(DecisionMetadata.refusedCategory(response)).contains("safety");
        assertThat(response.getResult().getMetadata().getContentFilters()).containsExactly("safety");
        assertThat(response.getResult().getOutput().getMetadata()).containsEntry(DecisionMetadata.CATEGORY, "safety");
    }

    @Test
    void a_stream_is_the_same_text_in_pieces_and_ends_with_usage_and_reason() {
        for (String prompt : List.of(Models.HARMLESS, Models.HARMFUL)) {
            ChatResponse whole = model.call(new Prompt(prompt));
            List<ChatResponse> pieces =
                    model.stream(new Prompt(prompt)).collectList().block();
            assertThat(pieces).hasSizeGreaterThan(2);
            assertThat(pieces.stream().map(DemurChatModelTest::text).collect(Collectors.joining()))
                    .isEqualTo(text(whole));
            ChatResponse last = pieces.get(pieces.size() - 1);
            assertThat(last.getResult().getMetadata().getFinishReason())
                    .isEqualTo(whole.getResult().getMetadata().getFinishReason());
            assertThat(last.getMetadata().getUsage().getTotalTokens())
                    .isEqualTo(whole.getMetadata().getUsage().getTotalTokens());
            assertThat(pieces)
                    .allSatisfy(piece -> assertThat(DecisionMetadata.refusedCategory(piece))
                            .isEqualTo(DecisionMetadata.refusedCategory(whole)));
            assertThat(pieces)
                    .extracting(piece -> piece.getMetadata().getId())
                    .containsOnly(last.getMetadata().getId());
        }
    }

    @Test
    void a_fixed_reply_streams_too() {
        DemurTemplate polite = Models.template(demur, demur.policy().withReply("safety", "I would rather not."));
        DemurChatModel fixed =
                new DemurChatModel(polite, DemurChatOptions.builder().build());
        List<ChatResponse> pieces =
                fixed.stream(new Prompt(Models.HARMFUL)).collectList().block();
        assertThat(pieces.stream().map(DemurChatModelTest::text).collect(Collectors.joining()))
                .isEqualTo("I would rather not.");
        String own = pieces.get(pieces.size() - 1).getMetadata().get(DecisionMetadata.FINISH_REASON);
        assertThat(own).isEqualTo("fixed-reply");
    }

    @Test
    void cancelling_the_subscription_ends_the_generation() {
        DemurChatOptions endless = DemurChatOptions.builder()
                .outputSchema("{\"type\":\"string\",\"minLength\":900}")
                .maxTokens(900)
                .build();
        List<String> pieces = new CopyOnWriteArrayList<>();
        Disposable subscription =
                model.stream(new Prompt(Models.HARMLESS, endless)).subscribe(piece -> pieces.add(text(piece)));
        await().atMost(Duration.ofMinutes(30)).until(() -> pieces.size() > 3);
        assertThat(template.active()).isEqualTo(1);
        subscription.dispose();
        int seen = pieces.size();
        await().atMost(Duration.ofMinutes(30)).until(() -> template.active() == 0);
        assertThat(pieces.size()).isLessThanOrEqualTo(seen + 1).isLessThan(800);
        assertThat(text(model.call(new Prompt(Models.HARMLESS)))).startsWith("Sure");
    }

    @Test
    void options_are_honoured() {
        ChatResponse cut = model.call(
                new Prompt(Models.HARMLESS, ChatOptions.builder().maxTokens(3).build()));
        assertThat(cut.getResult().getMetadata().getFinishReason()).isEqualTo("LENGTH");
        assertThat(cut.getMetadata().getUsage().getCompletionTokens()).isEqualTo(3);

        ChatResponse stopped = model.call(new Prompt(
                Models.HARMLESS,
                ChatOptions.builder().stopSequences(List.of("few")).build()));
        assertThat(text(stopped)).isEqualTo("Sure. Here are a ");
        String own = stopped.getMetadata().get(DecisionMetadata.FINISH_REASON);
        assertThat(own).isEqualTo("stop-string");

        DemurChatOptions never = DemurChatOptions.builder()
                .policy(demur.policy().withoutThreshold("safety"))
                .build();
        assertThat(DecisionMetadata.isRefusal(model.call(new Prompt(Models.HARMFUL, never))))
                .isFalse();

        DemurChatOptions warm =
                DemurChatOptions.builder().temperature(5.0).seed(3).build();
        String drawn = text(model.call(new Prompt(Models.HARMLESS, warm)));
        assertThat(text(model.call(new Prompt(Models.HARMLESS, warm)))).isEqualTo(drawn);
        assertThat(drawn).isNotEqualTo("Sure. Here are a few points that may help.");
    }

    /** What a schema is made of. */
    record Verdict(boolean yes, Colour colour) {}

    /** One of a few. */
    enum Colour {
        RED,
        GREEN
    }

    @Test
    void an_entity_s_schema_becomes_a_grammar_and_no_part_of_what_is_decided_on() {
        int plain =
                model.call(new Prompt(Models.HARMLESS)).getMetadata().getUsage().getPromptTokens();
        var answer = ChatClient.create(model)
                .prompt()
                .user(Models.HARMLESS)
                .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                .options(DemurChatOptions.builder().maxTokens(200))
                .call()
                .responseEntity(Verdict.class);
        assertThat(answer.entity().colour()).isIn(Colour.RED, Colour.GREEN);
        assertThat(answer.response().getMetadata().getUsage().getPromptTokens()).isEqualTo(plain);
    }

    @Test
    void what_cannot_be_honoured_is_refused_by_name() {
        refuses(ChatOptions.builder().model("gpt-9").build(), "the option model is 'gpt-9'", "demur-tiny");
        refuses(ChatOptions.builder().temperature(-1.0).build(), "temperature is -1.0");
        refuses(ChatOptions.builder().topP(1.5).build(), "top-p is 1.5");
        refuses(new ForeignOptions(), "ForeignOptions", "DemurChatOptions.builder()");
        refuses(
                ToolCallingChatOptions.builder()
                        .toolCallbacks(FunctionToolCallback.builder("look", (String in) -> in)
                                .inputType(String.class)
                                .build())
                        .build(),
                "tools are given (look)");
        refuses(ToolCallingChatOptions.builder().toolContext(Map.of("a", 1)).build(), "a tool context is given");
        refuses(DemurChatOptions.builder().outputSchema("{\"type\":\"strong\"}").build(), "strong");
    }

    private void refuses(ChatOptions options, String... words) {
        Prompt prompt = new Prompt(Models.HARMLESS, options);
        assertThatThrownBy(() -> model.call(prompt))
                .isInstanceOf(RuntimeException.class)
                .hasMessageContainingAll(words);
        assertThatThrownBy(() -> model.stream(prompt).blockLast()).hasMessageContainingAll(words);
    }

    /** Of a provider that has options which nobody here knows. */
    private static final class ForeignOptions extends DefaultChatOptions {
        ForeignOptions() {
            super(null, null, null, null, null, null, null, null);
        }
    }

    /** With a tool. */
    static final class Clock {
        @Tool(description = "What time it is")
        String time() {
            return "noon";
        }
    }

    @Test
    void tools_of_a_chat_client_are_refused_and_not_dropped() {
        ChatClient client = ChatClient.create(model);
        assertThatThrownBy(() -> client.prompt()
                        .user("What time is it?")
                        .tools(new Clock())
                        .call()
                        .content())
                .hasMessageContaining("tools are given (time): Demur's chat model calls none");
    }

    @Test
    void messages_that_cannot_be_read_are_refused_by_their_place() {
        UserMessage picture = UserMessage.builder()
                .text("What is this?")
                .media(new Media(MimeTypeUtils.IMAGE_PNG, URI.create("https://example.org/a.png")))
                .build();
        assertThatThrownBy(() -> model.call(new Prompt(picture)))
                .hasMessageContaining("message 1 has media (image/png): Demur's chat model reads text alone");
        ToolResponseMessage looked = ToolResponseMessage.builder()
                .responses(List.of(new ToolResponseMessage.ToolResponse("1", "look", "nothing")))
                .build();
        assertThatThrownBy(() -> model.call(new Prompt(List.of(new UserMessage("Hello"), looked))))
                .hasMessageContaining("message 2 is the response of a tool");
        assertThatThrownBy(() -> model.call(new Prompt(List.of()))).hasMessageContaining("the prompt has no messages");
    }

    @Test
    void an_earlier_refusal_stands_in_the_prompt_as_the_model_was_trained_to_see_it() {
        ChatResponse refusal = model.call(new Prompt(Models.HARMFUL));
        AssistantMessage answer = refusal.getResult().getOutput();
        Prompt goesOn = new Prompt(List.of(new UserMessage(Models.HARMFUL), answer, new UserMessage(Models.HARMLESS)));
        Prompt without = new Prompt(List.of(
                new UserMessage(Models.HARMFUL),
                new AssistantMessage(answer.getText()),
                new UserMessage(Models.HARMLESS)));
        int with = model.call(goesOn).getMetadata().getUsage().getPromptTokens();
        assertThat(with).isEqualTo(model.call(without).getMetadata().getUsage().getPromptTokens() + 1);
    }

    @Test
    void calls_are_observed_as_those_of_any_model() {
        ObservationRegistry registry = ObservationRegistry.create();
        List<String> observed = new CopyOnWriteArrayList<>();
        registry.observationConfig().observationHandler(new ObservationHandler<ChatModelObservationContext>() {
            @Override
            public void onStop(ChatModelObservationContext context) {
                observed.add(context.getName() + " " + context.getContextualName() + " "
                        + (context.getResponse() == null ? "" : text(context.getResponse())));
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return context instanceof ChatModelObservationContext;
            }
        });
        DemurChatModel watched = new DemurChatModel(
                template, DemurChatOptions.builder().model("demur-tiny").build(), registry, null);
        watched.call(new Prompt(Models.HARMLESS));
        watched.stream(new Prompt(Models.HARMLESS)).blockLast();
        String expected = "gen_ai.client.operation chat demur-tiny Sure. Here are a few points that may help.";
        // A stream is over for its reader a moment before it is for those who watch.
        await().atMost(Duration.ofMinutes(30))
                .untilAsserted(() -> assertThat(observed).containsExactly(expected, expected));
    }

    @Test
    void options_can_be_copied_combined_and_compared() {
        DemurChatOptions options = DemurChatOptions.builder()
                .temperature(0.5)
                .minP(0.1)
                .seed(7)
                .repeatPenalty(1.1)
                .outputSchema("{}")
                .build();
        assertThat(options.mutate().build()).isEqualTo(options).hasSameHashCodeAs(options);
        DemurChatOptions combined = DemurChatOptions.builder()
                .seed(1)
                .topK(5)
                .build()
                .mutate()
                .combineWith(options.mutate())
                .build();
        assertThat(combined.getSeed()).isEqualTo(7);
        assertThat(combined.getTopK()).isEqualTo(5);
        assertThat(combined.getMinP()).isEqualTo(0.1);
        assertThat(combined.getOutputSchema()).isEqualTo("{}");
    }
}
