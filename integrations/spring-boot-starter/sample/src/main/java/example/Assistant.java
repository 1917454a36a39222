package example;

import dev.demur.spring.ai.DecisionMetadata;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@SpringBootApplication
@RestController
class Assistant {
    private final ChatClient chat;

    Assistant(ChatClient.Builder builder) {
        chat = builder.build();
    }

    @GetMapping("/ask")
    Answer ask(String question) {
        var response = chat.prompt().user(question).call().chatResponse();
        var category = DecisionMetadata.refusedCategory(response).orElse("none");
        return new Answer(category, response.getResult().getOutput().getText());
    }

    record Answer(String refusedAs, String text) {}

    public static void main(String[] arguments) {
        SpringApplication.run(Assistant.class, arguments);
    }
}
