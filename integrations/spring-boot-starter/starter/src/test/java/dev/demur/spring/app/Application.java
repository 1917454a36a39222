package dev.demur.spring.app;

import dev.demur.spring.ai.DemurAdvisor;
import dev.demur.spring.ai.StubChatModel;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** A web application with two models to answer: another provider's and Demur's. */
@SpringBootApplication
class Application {

    @Bean
    @Primary
    StubChatModel other() {
        return new StubChatModel();
    }

    @Bean
    ChatClient client(ChatModel model, DemurAdvisor demur) {
        return ChatClient.builder(model).defaultAdvisors(demur).build();
    }
}
