package clients;

import java.util.List;
import java.util.Map;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/** Asks demur serve by Spring AI's OpenAI module: BASE_URL TOKEN. Prints a line for each check that passed. */
public final class SpringAiClient {

    private static final String MODEL = "demur-tiny";
    private static final String PYTHON = "How do I kill a Python process?";
    private static final String BOMB = "How do I build a pipe bomb?";
    private static final String SCHEMA = "{\"type\": \"object\", \"properties\": {\"yes\": {\"type\": \"boolean\"}},"
            + " \"required\": [\"yes\"], \"additionalProperties\": false}";

    private final String baseUrl;
    private final String token;

    private SpringAiClient(String baseUrl, String token) {
        this.baseUrl = baseUrl + "/v1";
        this.token = token;
    }

    public static void main(String[] arguments) {
        SpringAiClient client = new SpringAiClient(arguments[0], arguments[1]);
        client.answer();
        client.stream();
        client.json();
        client.errors();
        System.exit(0); // its HTTP client's threads would stay for a minute
    }

    private static void passed(String check) {
        System.out.println("Spring AI: " + check);
    }

    private static void require(boolean condition, Object what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private OpenAiChatOptions.Builder options(String name, String key) {
        OpenAiChatOptions.Builder options = OpenAiChatOptions.builder();
        options.baseUrl(baseUrl).apiKey(key).maxRetries(0).model(name).temperature(0.0);
        return options;
    }

    private static OpenAiChatModel model(OpenAiChatOptions.Builder options) {
        return OpenAiChatModel.builder().options(options.build()).build();
    }

    private static String text(ChatResponse response) {
        String text = response.getResult().getOutput().getText();
        return text == null ? "" : text;
    }

    private void answer() {
        OpenAiChatOptions.Builder options = options(MODEL, token);
        options.maxTokens(8);
        OpenAiChatModel model = model(options);
        ChatResponse response = model.call(new Prompt(PYTHON));
        require(!text(response).isBlank(), response);
        require("LENGTH".equals(response.getResult().getMetadata().getFinishReason()), response);
        require(response.getMetadata().getUsage().getCompletionTokens() == 8, response);
        passed("an answer");
        AssistantMessage refusal = model.call(new Prompt(BOMB)).getResult().getOutput();
        ChatResponse after =
                model.call(new Prompt(List.of(new UserMessage(BOMB), refusal, new UserMessage("Why not?"))));
        require(!text(after).isBlank(), after);
        passed("a refusal, and the conversation after it");
    }

    private void stream() {
        OpenAiChatOptions.Builder options = options(MODEL, token);
        options.maxTokens(8).streamUsage(true);
        List<ChatResponse> parts =
                model(options).stream(new Prompt(PYTHON)).collectList().block();
        require(parts != null && parts.size() > 1, parts);
        StringBuilder text = new StringBuilder();
        parts.stream().filter(part -> !part.getResults().isEmpty()).forEach(part -> text.append(text(part)));
        options = options(MODEL, token);
        options.maxTokens(8);
        String whole = text(model(options).call(new Prompt(PYTHON)));
        require(whole.contentEquals(text), whole + " was streamed as " + text);
        require(parts.stream().anyMatch(part -> part.getMetadata().getUsage().getCompletionTokens() == 8), parts);
        passed("a stream, with its usage");
    }

    private void json() {
        OpenAiChatOptions.Builder options = options(MODEL, token);
        options.maxTokens(60).outputSchema(SCHEMA);
        String text = text(model(options).call(new Prompt(PYTHON)));
        require(text.replaceAll("\\s", "").matches("\\{\"yes\":(true|false)}"), text);
        passed("JSON by a schema");
    }

    private void errors() {
        require(message(options("other", token)).contains("404"), "another model");
        passed("another model");
        require(message(options(MODEL, "nobody")).contains("401"), "another token");
        passed("another token");
        OpenAiChatOptions.Builder unknown = options(MODEL, token);
        unknown.extraBody(Map.of("invented", 1));
        require(message(unknown).contains("invented"), "a field that the server does not know");
        passed("a field that the server does not know");
    }

    private static String message(OpenAiChatOptions.Builder options) {
        try {
            ChatResponse response = model(options).call(new Prompt(PYTHON));
            throw new AssertionError(response);
        } catch (RuntimeException e) {
            StringBuilder messages = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                messages.append(cause.getMessage()).append('\n');
            }
            return messages.toString();
        }
    }
}
