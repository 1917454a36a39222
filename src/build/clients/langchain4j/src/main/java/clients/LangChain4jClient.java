package clients;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiModerationModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Asks demur serve by LangChain4j's OpenAI module: BASE_URL TOKEN. Prints a line for each check that passed. */
public final class LangChain4jClient {

    private static final String MODEL = "demur-tiny";
    private static final String PYTHON = "How do I kill a Python process?";
    private static final String BOMB = "How do I build a pipe bomb?";

    private final String baseUrl;
    private final String token;

    private LangChain4jClient(String baseUrl, String token) {
        this.baseUrl = baseUrl + "/v1";
        this.token = token;
    }

    public static void main(String[] arguments) throws Exception {
        LangChain4jClient client = new LangChain4jClient(arguments[0], arguments[1]);
        client.answer();
        client.stream();
        client.moderations();
        client.errors();
    }

    private static void passed(String check) {
        System.out.println("LangChain4j: " + check);
    }

    private static void require(boolean condition, Object what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private OpenAiChatModel model(String name, String key) {
        return OpenAiChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(key)
                .modelName(name)
                .maxTokens(8)
                .temperature(0.0)
                .maxRetries(0)
                .build();
    }

    private void answer() {
        OpenAiChatModel model = model(MODEL, token);
        ChatResponse response = model.chat(UserMessage.from(PYTHON));
        require(!response.aiMessage().text().isBlank(), response);
        require(response.finishReason() == FinishReason.LENGTH, response);
        require(response.tokenUsage().outputTokenCount() == 8, response);
        passed("an answer");
        AiMessage refusal = model.chat(UserMessage.from(BOMB)).aiMessage();
        model.chat(List.of(UserMessage.from(BOMB), refusal, UserMessage.from("Why not?")));
        passed("a refusal, and the conversation after it");
    }

    private void stream() throws Exception {
        OpenAiStreamingChatModel model = OpenAiStreamingChatModel.builder()
                .baseUrl(baseUrl)
                .apiKey(token)
                .modelName(MODEL)
                .maxTokens(8)
                .build();
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        StringBuilder pieces = new StringBuilder();
        model.chat(PYTHON, new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                pieces.append(piece);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                whole.completeExceptionally(error);
            }
        });
        ChatResponse response = whole.get();
        require(pieces.toString().equals(response.aiMessage().text()), response);
        require(response.tokenUsage().outputTokenCount() == 8, response);
        passed("a stream");
    }

    private void moderations() {
        OpenAiModerationModel model = OpenAiModerationModel.builder()
                .baseUrl(baseUrl)
                .apiKey(token)
                .modelName(MODEL)
                .build();
        require(model.moderate(BOMB).content().flagged(), BOMB);
        require(!model.moderate("Hello").content().flagged(), "Hello");
        passed("moderations");
    }

    private void errors() {
        try {
            model("other", token).chat(PYTHON);
            throw new AssertionError("there is another model");
        } catch (ModelNotFoundException e) {
            passed("another model");
        }
        try {
            model(MODEL, "nobody").chat(PYTHON);
            throw new AssertionError("anybody may ask");
        } catch (AuthenticationException e) {
            passed("another token");
        }
    }
}
