package dev.demur.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.demur.Demur;
import dev.demur.FinishReason;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import dev.demur.policy.Decision;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChatIT {

    private static Demur tiny;

    @BeforeAll
    static void load() {
        tiny = Models.tiny(LoadOptions.DEFAULTS);
    }

    @AfterAll
    static void close() {
        tiny.close();
    }

    private static DemurChatModel open() {
        return DemurChatModel.builder().demur(tiny).policy(Models.open(tiny)).build();
    }

    private static ChatRequest request(ChatRequestParameters parameters) {
        return ChatRequest.builder()
                .messages(UserMessage.from("hello"))
                .parameters(parameters)
                .build();
    }

    @Test
    void a_refusal_is_a_reply_that_tells_of_its_decision() {
        Demur demur = Models.small();
        DemurChatModel model = DemurChatModel.builder().demur(demur).build();
        ChatResponse response = model.chat(UserMessage.from(Models.REFUSED));
        DemurChatResponseMetadata metadata = DemurChatResponseMetadata.of(response);

        assertThat(response.aiMessage().text())
                .isEqualTo(demur.generate(Models.REFUSED).text());
        assertThat(response.finishReason()).isEqualTo(dev.langchain4j.model.output.FinishReason.STOP);
        assertThat(response.modelName()).isEqualTo("demur-small");
        assertThat(response.tokenUsage().outputTokenCount()).isZero();
        assertThat(metadata.isRefused()).isTrue();
        assertThat(metadata.demurFinishReason()).isEqualTo(FinishReason.FIXED_REPLY);
        assertThat(((Decision.Refuse) metadata.decision()).category().id()).isEqualTo("safety");
        assertThat(metadata.promise()).isEqualTo(model.promise());
        assertThat(DemurChatResponseMetadata.of(response.toBuilder().build()).decision())
                .isSameAs(metadata.decision());
        assertThat(metadata.toBuilder().id("other").build()).isInstanceOf(DemurChatResponseMetadata.class);
    }

    @Test
    void a_request_may_bring_a_policy_of_its_own() {
        DemurChatModel model = DemurChatModel.builder().demur(Models.small()).build();
        ChatResponse response = model.chat(ChatRequest.builder()
                .messages(UserMessage.from(Models.REFUSED))
                .parameters(DemurChatRequestParameters.builder()
                        .policy(Models.open(Models.small()))
                        .maxOutputTokens(4)
                        .build())
                .build());
        assertThat(DemurChatResponseMetadata.of(response).isRefused()).isFalse();
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(4);
        assertThat(response.finishReason()).isEqualTo(dev.langchain4j.model.output.FinishReason.LENGTH);
    }

    @Test
    void a_policy_of_a_request_that_is_for_another_model_is_refused() {
        ChatRequest request = request(DemurChatRequestParameters.builder()
                .policy(Models.small().policy())
                .build());
        assertThatThrownBy(() -> open().chat(request))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("the request's policy: categories[5].id");
    }

    @Test
    void an_answer_brings_its_decision_into_the_next_prompt() {
        DemurChatModel model = open();
        AiMessage first = model.chat(UserMessage.from("hello")).aiMessage();
        assertThat(first.attributes()).containsEntry(Messages.DECISION, "respond");
        ChatResponse second = model.chat(UserMessage.from("hello"), first, UserMessage.from("and then?"));

        List<Message> conversation = List.of(
                Message.user("hello"), Message.assistantAfter(first.text(), "respond"), Message.user("and then?"));
        List<Message> without =
                List.of(Message.user("hello"), Message.assistant(first.text()), Message.user("and then?"));
        assertThat(second.tokenUsage().inputTokenCount()).isEqualTo(tiny.promptTokens(conversation).length);
        assertThat(tiny.promptTokens(conversation).length).isGreaterThan(tiny.promptTokens(without).length);
    }

    @Test
    void a_decision_of_another_model_in_the_history_is_left_out() {
        AiMessage foreign = AiMessage.builder()
                .text("Well.")
                .attributes(java.util.Map.of(Messages.DECISION, "no such category"))
                .build();
        ChatResponse response = open().chat(UserMessage.from("hello"), foreign, UserMessage.from("and then?"));
        assertThat(response.tokenUsage().inputTokenCount())
                .isEqualTo(tiny.promptTokens(
                                List.of(Message.user("hello"), Message.assistant("Well."), Message.user("and then?")))
                        .length);
    }

    @Test
    void all_parameters_of_sampling_reach_the_sampler() {
        Demur demur = Models.small(); // the tiny model is too sure of its words
        DemurChatModel model =
                DemurChatModel.builder().demur(demur).policy(Models.open(demur)).build();
        ChatResponse response = model.chat(request(DemurChatRequestParameters.builder()
                .temperature(1.5)
                .topP(0.9)
                .topK(50)
                .frequencyPenalty(0.3)
                .presencePenalty(0.2)
                .maxOutputTokens(12)
                .seed(7)
                .minP(0.01)
                .repeatPenalty(1.1)
                .build()));
        Sampling sampling = Sampling.GREEDY
                .withTemperature(1.5)
                .withTopP(0.9)
                .withTopK(50)
                .withFrequencyPenalty(0.3)
                .withPresencePenalty(0.2)
                .withSeed(7)
                .withMinP(0.01)
                .withRepeatPenalty(1.1);
        GenerationOptions options = GenerationOptions.DEFAULTS
                .withPolicy(Models.open(demur))
                .withMaxTokens(12)
                .withSampling(sampling);
        assertThat(response.aiMessage().text())
                .isEqualTo(
                        demur.generate(Request.of("hello").withOptions(options)).text());
        assertThat(response.aiMessage().text())
                .isNotEqualTo(model.chat(request(ChatRequestParameters.builder()
                                .maxOutputTokens(12)
                                .build()))
                        .aiMessage()
                        .text());
    }

    @Test
    void parameters_of_a_request_stand_over_those_of_the_model() {
        DemurChatModel model = DemurChatModel.builder()
                .demur(tiny)
                .policy(Models.open(tiny))
                .defaultRequestParameters(DemurChatRequestParameters.builder()
                        .maxOutputTokens(1)
                        .seed(3)
                        .build())
                .build();
        assertThat(model.chat(request(ChatRequestParameters.builder().build()))
                        .tokenUsage()
                        .outputTokenCount())
                .isEqualTo(1);
        assertThat(model.chat(request(ChatRequestParameters.builder()
                                .maxOutputTokens(2)
                                .build()))
                        .tokenUsage()
                        .outputTokenCount())
                .isEqualTo(2);
        DemurChatRequestParameters merged = (DemurChatRequestParameters) model.defaultRequestParameters()
                .overrideWith(ChatRequestParameters.builder().temperature(0.5).build());
        assertThat(merged.seed()).isEqualTo(3);
        assertThat(merged.temperature()).isEqualTo(0.5);
        assertThat(merged.maxOutputTokens()).isEqualTo(1);
    }

    @Test
    void a_schema_is_held_whatever_the_model_would_say() {
        ChatResponse response = open().chat(request(ChatRequestParameters.builder()
                .responseFormat(JsonSchema.builder()
                        .name("Colour")
                        .rootElement(JsonObjectSchema.builder()
                                .addProperty(
                                        "colour",
                                        JsonEnumSchema.builder()
                                                .enumValues("red", "green")
                                                .build())
                                .required("colour")
                                .build())
                        .build())
                .build()));
        assertThat(response.aiMessage().text()).matches("\\{\\s*\"colour\"\\s*:\\s*\"(red|green)\"\\s*}");
        assertThat(open().chat(request(ChatRequestParameters.builder()
                                .responseFormat(ResponseFormat.JSON)
                                .maxOutputTokens(6)
                                .build()))
                        .aiMessage()
                        .text())
                .startsWith("{");
    }

    @Test
    void a_value_out_of_its_range_is_named_for_the_request_and_for_the_model() {
        ChatRequestParameters cold =
                ChatRequestParameters.builder().temperature(-1.0).build();
        assertThatThrownBy(() -> open().chat(request(cold)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("temperature is -1.0");
        DemurChatModel.Builder builder = DemurChatModel.builder().demur(tiny).defaultRequestParameters(cold);
        assertThatThrownBy(builder::build)
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("temperature is -1.0");
    }

    @Test
    void a_prompt_that_does_not_fit_is_told_with_both_lengths() {
        assertThatThrownBy(() -> open().chat("word ".repeat(20_000)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("the context holds");
    }

    @Test
    void messages_about_tools_are_refused_by_name() {
        ToolExecutionResultMessage result = ToolExecutionResultMessage.from("1", "weather", "sunny");
        assertThatThrownBy(() -> open().chat(UserMessage.from("hello"), result))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("TOOL_EXECUTION_RESULT");
    }

    @Test
    void a_reply_may_come_later_and_be_cancelled() throws Exception {
        ChatRequest endless = ChatRequest.builder()
                .messages(UserMessage.from("hello"))
                .parameters(ChatRequestParameters.builder()
                        .temperature(5.0)
                        .maxOutputTokens(1_000_000)
                        .build())
                .build();
        CompletableFuture<ChatResponse> cancelled = open().chatAsync(endless);
        for (int i = 0;
                i < 50 && !cancelled.cancel(true);
                i++) { // the context has an end, and may have come to it before
            cancelled = open().chatAsync(endless);
        }
        CompletableFuture<ChatResponse> last = cancelled;
        assertThatThrownBy(() -> last.get(30, TimeUnit.MINUTES)).isInstanceOf(CancellationException.class);
        ChatResponse response = open().chatAsync(request(
                        ChatRequestParameters.builder().maxOutputTokens(2).build()))
                .get(30, TimeUnit.MINUTES);
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(2);
    }

    @Test
    void metadata_of_another_model_is_told_as_such() {
        ChatResponse foreign =
                ChatResponse.builder().aiMessage(AiMessage.from("hello")).build();
        assertThatThrownBy(() -> DemurChatResponseMetadata.of(foreign)).hasMessageContaining("no reply of Demur's");
    }
}
