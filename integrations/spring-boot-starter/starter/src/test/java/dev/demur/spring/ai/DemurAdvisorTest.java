package dev.demur.spring.ai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.demur.Demur;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.demur.spring.DecisionListener;
import dev.demur.spring.DemurTemplate;
import dev.demur.spring.Models;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.MessageChatMemoryAdvisor;
import org.springframework.ai.chat.client.advisor.ToolCallingAdvisor;
import org.springframework.ai.chat.client.advisor.api.Advisor;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.memory.MessageWindowChatMemory;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.SystemMessage;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;

class DemurAdvisorTest {

    private static Demur demur;

    private final StubChatModel stub = new StubChatModel();
    private final DemurTemplate template = Models.template(demur, demur.policy());
    private final ChatClient client =
            ChatClient.builder(stub).defaultAdvisors(new DemurAdvisor(template)).build();

    @BeforeAll
    static void load() {
        demur = Demur.load(Models.tiny());
    }

    @AfterAll
    static void close() {
        demur.close();
    }

    @Test
    void what_is_not_refused_goes_on_to_the_model_with_the_decision_in_the_context() {
        ChatClientResponse response =
                client.prompt().user(Models.HARMLESS).call().chatClientResponse();
        assertThat(response.chatResponse().getResult().getOutput().getText()).isEqualTo(StubChatModel.ANSWER);
        assertThat(stub.asked()).hasSize(1);
        assertThat(response.context())
                .containsEntry(DecisionMetadata.DECISION, "respond")
                .doesNotContainKey(DecisionMetadata.CATEGORY);
        assertThat((Double) response.context().get(DecisionMetadata.COVERAGE)).isBetween(0.9, 1.0);
    }

    @Test
    void a_refusal_is_answered_here_and_the_model_is_never_asked() {
        ChatClientResponse response =
                client.prompt().user(Models.HARMFUL).call().chatClientResponse();
        assertThat(stub.asked()).isEmpty();
        ChatResponse chat = response.chatResponse();
        assertThat(chat.getResult().getOutput().getText()).startsWith("I am sorry, I cannot");
        assertThat(chat.getResult().getMetadata().getFinishReason()).isEqualTo("STOP");
        assertThat(chat.getResult().getMetadata().getContentFilters()).containsExactly("safety");
        assertThat(DecisionMetadata.isRefusal(chat)).isTrue();
        assertThat(DecisionMetadata.refusedCategory(chat)).contains("safety");
        assertThat(chat.getMetadata().getModel()).isEqualTo("demur-tiny");
        assertThat(chat.getMetadata().getUsage().getCompletionTokens()).isPositive();
        Map<String, Double> probabilities = chat.getMetadata().get(DecisionMetadata.PROBABILITIES);
        assertThat(probabilities.get("safety")).isGreaterThan(0.5);
        assertThat(probabilities.keySet())
                .containsExactly("humanizing", "incomplete", "indeterminate", "safety", "unsupported", "respond");
        assertThat(response.context()).containsEntry(DecisionMetadata.CATEGORY, "safety");
    }

    @Test
    void a_stream_is_decided_before_its_first_piece() {
        List<String> answered = client.prompt().user(Models.HARMLESS).stream()
                .content()
                .collectList()
                .block();
        assertThat(String.join("", answered)).isEqualTo(StubChatModel.ANSWER);
        List<ChatResponse> refused = client.prompt().user(Models.HARMFUL).stream()
                .chatResponse()
                .collectList()
                .block();
        assertThat(refused).hasSize(1);
        assertThat(DecisionMetadata.refusedCategory(refused.get(0))).contains("safety");
        assertThat(stub.asked()).hasSize(1);
    }

    @Test
    void nothing_is_decided_before_somebody_subscribes() {
        List<String> heard = heard();
        var stream = client.prompt().user(Models.HARMLESS).stream().content();
        assertThat(heard).isEmpty();
        stream.blockLast();
        assertThat(heard).containsExactly("respond");
    }

    @Test
    void a_policy_s_reply_is_given_as_it_is_and_nothing_is_written_for_it() {
        RefusalPolicy polite = demur.policy().withReply("safety", "I would rather not help with that.");
        ChatClient polished = ChatClient.builder(stub)
                .defaultAdvisors(new DemurAdvisor(Models.template(demur, polite)))
                .build();
        ChatResponse refused = polished.prompt().user(Models.HARMFUL).call().chatResponse();
        assertThat(refused.getResult().getOutput().getText()).isEqualTo("I would rather not help with that.");
        String own = refused.getMetadata().get(DecisionMetadata.FINISH_REASON);
        assertThat(own).isEqualTo("fixed-reply");
        assertThat(refused.getMetadata().getUsage().getTotalTokens()).isZero();
    }

    @Test
    void the_memory_keeps_a_refusal_with_its_decision_and_the_conversation_goes_on() {
        ChatMemory memory = MessageWindowChatMemory.builder().build();
        ChatClient remembering = ChatClient.builder(stub)
                .defaultAdvisors(
                        new DemurAdvisor(template),
                        MessageChatMemoryAdvisor.builder(memory).build())
                .defaultAdvisors(a -> a.param(ChatMemory.CONVERSATION_ID, "one"))
                .build();
        remembering.prompt().user(Models.HARMFUL).call().content();
        remembering.prompt().user(Models.HARMLESS).call().content();
        List<Message> kept = memory.get("one");
        assertThat(kept).hasSize(4);
        assertThat(kept.get(1).getMetadata()).containsEntry(DecisionMetadata.CATEGORY, "safety");
        assertThat(stub.asked()).hasSize(1);
        assertThat(stub.asked().get(0).getInstructions()).hasSize(3);
    }

    @Test
    void its_place_is_behind_the_memory_and_before_the_tools() {
        assertThat(new DemurAdvisor(template).getOrder())
                .isGreaterThan(Advisor.DEFAULT_CHAT_MEMORY_PRECEDENCE_ORDER)
                .isLessThan(ToolCallingAdvisor.DEFAULT_ORDER);
    }

    @Test
    void it_is_decided_on_what_the_user_said_last_whatever_tools_and_models_said_since() {
        AssistantMessage call = AssistantMessage.builder()
                .content("")
                .toolCalls(List.of(new AssistantMessage.ToolCall("1", "function", "look", "{}")))
                .build();
        ToolResponseMessage looked = ToolResponseMessage.builder()
                .responses(List.of(new ToolResponseMessage.ToolResponse("1", "look", "nothing")))
                .build();
        client.prompt()
                .messages(new UserMessage(Models.HARMFUL), call, looked)
                .call()
                .content();
        assertThat(stub.asked()).isEmpty();
    }

    @Test
    void system_messages_are_left_out_unless_they_are_asked_for() {
        List<Message> messages = List.of(new SystemMessage("You are a pirate."), new UserMessage("Hello"));
        assertThat(Conversations.toDecide(messages, demur.labels(), false))
                .extracting(dev.demur.llama.Message::content)
                .containsExactly("Hello");
        assertThat(Conversations.toDecide(messages, demur.labels(), true))
                .extracting(dev.demur.llama.Message::content)
                .containsExactly("You are a pirate.", "Hello");
    }

    @Test
    void earlier_decisions_go_along_with_the_answers_that_followed_them() {
        AssistantMessage refusal = AssistantMessage.builder()
                .content("No.")
                .properties(Map.of(DecisionMetadata.DECISION, "refuse", DecisionMetadata.CATEGORY, "safety"))
                .build();
        AssistantMessage foreign = AssistantMessage.builder()
                .content("No.")
                .properties(Map.of(DecisionMetadata.CATEGORY, "of another model"))
                .build();
        List<Message> messages =
                List.of(new UserMessage("a"), refusal, new UserMessage("b"), foreign, new UserMessage("c"));
        assertThat(Conversations.toDecide(messages, demur.labels(), false))
                .extracting(dev.demur.llama.Message::decision)
                .containsExactly(null, "safety", null, null, null);
    }

    @Test
    void a_request_without_a_message_of_the_user_goes_on() {
        List<String> heard = heard();
        client.prompt().system("Say something.").call().content();
        assertThat(stub.asked()).hasSize(1);
        assertThat(heard).isEmpty();
    }

    @Test
    void where_demur_itself_answers_the_model_decides_alone() {
        List<String> heard = heard();
        ChatClient own = ChatClient.builder(
                        new DemurChatModel(template, DemurChatOptions.builder().build()))
                .defaultAdvisors(new DemurAdvisor(template))
                .build();
        ChatResponse refused = own.prompt().user(Models.HARMFUL).call().chatResponse();
        assertThat(DecisionMetadata.refusedCategory(refused)).contains("safety");
        assertThat(heard).containsExactly("refuse");
    }

    private List<String> heard() {
        List<String> heard = new ArrayList<>();
        template.addListener(new DecisionListener() {
            @Override
            public void decided(Decision decision, Duration took) {
                heard.add(decision.kind());
            }
        });
        return heard;
    }
}
