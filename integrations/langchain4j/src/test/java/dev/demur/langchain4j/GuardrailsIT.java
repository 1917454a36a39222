package dev.demur.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.langchain4j.data.image.Image;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.guardrail.InputGuardrailException;
import dev.langchain4j.guardrail.OutputGuardrailException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.AiServices;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GuardrailsIT {

    private static final String POLITE = "You are most welcome, and thank you so much for your kind words.";
    private static final String RUDE = "Shut up, you stupid idiot.";

    /** Judges replies by a frame. */
    private static Demur judge;

    /** A policy that stops one of the replies above and not the other. */
    private static RefusalPolicy between;

    private static String refusedReply;
    private static String fineReply;

    interface Assistant {
        String chat(String message);
    }

    @BeforeAll
    static void load() {
        String frame = String.valueOf(GuardrailsIT.class.getResource("/polite-reply.json"));
        judge = Demur.load(
                Models.file("demur-small.gguf"),
                LoadOptions.DEFAULTS.withReadout(URI.create(frame).getPath()));
        double polite = rude(POLITE);
        double rude = rude(RUDE);
        assertThat(polite).isNotEqualTo(rude);
        // The model is too small to know which is which; the guardrail must follow its numbers all the same.
        refusedReply = rude > polite ? RUDE : POLITE;
        fineReply = rude > polite ? POLITE : RUDE;
        between = judge.policy().withThreshold("rude", (polite + rude) / 2);
    }

    @AfterAll
    static void close() {
        judge.close();
    }

    private static double rude(String reply) {
        return judge.decide(Request.of(List.of(Message.user("Hello"), Message.assistant(reply))))
                .reading()
                .probability("rude");
    }

    /** A chat model that says what it is told. */
    private static ChatModel echo() {
        return new ChatModel() {
            @Override
            public ChatResponse doChat(ChatRequest request) {
                String text =
                        UserMessage.findLast(request.messages()).orElseThrow().singleText();
                return ChatResponse.builder().aiMessage(AiMessage.from(text)).build();
            }
        };
    }

    @Test
    void a_service_answers_one_message_and_stops_another_before_the_chat_model_sees_it() {
        List<String> seen = new ArrayList<>();
        Demur demur = Models.small();
        ChatModel model = DemurChatModel.builder()
                .demur(demur)
                .policy(Models.open(demur))
                .defaultRequestParameters(
                        ChatRequestParameters.builder().maxOutputTokens(8).build())
                .listeners(new ChatModelListener() {
                    @Override
                    public void onRequest(ChatModelRequestContext context) {
                        seen.add(UserMessage.findLast(context.chatRequest().messages())
                                .orElseThrow()
                                .singleText());
                    }
                })
                .build();
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(model)
                .inputGuardrails(DemurInputGuardrail.builder().demur(demur).build())
                .build();

        assertThat(assistant.chat(Models.FINE)).isNotBlank();
        InputGuardrailException stopped =
                catchThrowableOfType(InputGuardrailException.class, () -> assistant.chat(Models.REFUSED));

        assertThat(stopped).hasMessageContaining("refused as safety");
        assertThat(stopped.getCause()).isInstanceOf(RefusedException.class);
        Decision.Refuse decision = ((RefusedException) stopped.getCause()).decision();
        assertThat(decision.category().id()).isEqualTo("safety");
        assertThat(decision.reading().probability("safety"))
                .isEqualTo(demur.decide(Models.REFUSED).reading().probability("safety"));
        assertThat(seen).containsExactly(Models.FINE);
    }

    @Test
    void a_refusal_brings_the_reply_of_the_policy() {
        RefusalPolicy policy = Models.small().policy().withReply("safety", "Not this.");
        DemurInputGuardrail guardrail = DemurInputGuardrail.builder()
                .demur(Models.small())
                .policy(policy)
                .build();
        Throwable cause = guardrail.validate(UserMessage.from(Models.REFUSED)).getFirstFailureException();
        assertThat(cause).isInstanceOf(RefusedException.class);
        assertThat(((RefusedException) cause).reply()).isEqualTo("Not this.");
    }

    @Test
    void what_cannot_be_judged_does_not_get_through() {
        DemurInputGuardrail guardrail =
                DemurInputGuardrail.builder().demur(Models.small()).build();
        UserMessage picture = UserMessage.from(ImageContent.from(
                Image.builder().base64Data("aGk=").mimeType("image/png").build()));
        assertThatThrownBy(() -> guardrail.validate(picture))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("image");
    }

    @Test
    void a_service_passes_on_one_reply_and_stops_another() {
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(echo())
                .outputGuardrails(DemurOutputGuardrail.builder()
                        .demur(judge)
                        .policy(between)
                        .build())
                .build();
        assertThat(assistant.chat(fineReply)).isEqualTo(fineReply);
        assertThatThrownBy(() -> assistant.chat(refusedReply))
                .isInstanceOf(OutputGuardrailException.class)
                .hasMessageContaining("refused as rude");
    }

    @Test
    void a_reply_is_replaced_or_asked_for_again_where_that_is_wished() {
        Assistant replaced = AiServices.builder(Assistant.class)
                .chatModel(echo())
                .outputGuardrails(DemurOutputGuardrail.builder()
                        .demur(judge)
                        .policy(between)
                        .replacement("I would rather not say.")
                        .build())
                .build();
        assertThat(replaced.chat(refusedReply)).isEqualTo("I would rather not say.");

        Assistant again = AiServices.builder(Assistant.class)
                .chatModel(echo())
                .outputGuardrails(DemurOutputGuardrail.builder()
                        .demur(judge)
                        .policy(between)
                        .reprompt(fineReply)
                        .build())
                .build();
        assertThat(again.chat(refusedReply)).isEqualTo(fineReply);
    }

    @Test
    void a_reply_without_text_passes() {
        DemurOutputGuardrail guardrail =
                DemurOutputGuardrail.builder().demur(judge).policy(between).build();
        assertThat(guardrail.validate(AiMessage.from(" ")).isSuccess()).isTrue();
        assertThat(guardrail.validate(AiMessage.from(refusedReply)).isFatal()).isTrue();
    }

    @Test
    void a_readout_that_does_not_see_replies_judges_none() {
        DemurOutputGuardrail.Builder byHead = DemurOutputGuardrail.builder().demur(Models.small());
        assertThatThrownBy(byHead::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not judge replies");
        try (Demur demur = Models.tiny(LoadOptions.DEFAULTS)) {
            DemurOutputGuardrail.Builder byTokens =
                    DemurOutputGuardrail.builder().demur(demur);
            assertThatThrownBy(byTokens::build).hasMessageContaining("does not judge replies");
        }
        try (Demur demur = Models.tiny(LoadOptions.DEFAULTS.withReadout("ask"))) {
            DemurOutputGuardrail.Builder ofPrompts =
                    DemurOutputGuardrail.builder().demur(demur);
            assertThatThrownBy(ofPrompts::build).hasMessageContaining("does not judge replies");
        }
    }

    @Test
    void a_readout_that_judges_replies_decides_on_no_prompts() {
        DemurInputGuardrail.Builder builder = DemurInputGuardrail.builder().demur(judge);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot judge a prompt that stands alone");
    }

    @Test
    void what_is_missing_or_contradicts_is_named() {
        assertThatThrownBy(() -> DemurInputGuardrail.builder().build()).hasMessageContaining("demur is missing");
        DemurOutputGuardrail.Builder both =
                DemurOutputGuardrail.builder().demur(judge).replacement("a").reprompt("b");
        assertThatThrownBy(both::build).hasMessageContaining("choose one");
    }
}
