package dev.demur.spring.boot;

import dev.demur.GenerationOptions;
import dev.demur.spring.DemurTemplate;
import dev.demur.spring.ai.DemurAdvisor;
import dev.demur.spring.ai.DemurChatModel;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/**
 * The advisor before every {@code ChatClient} of Spring's builder, and the chat model. That is there where the application has
 * no other one, or {@code spring.ai.model.chat} is {@code demur}. The last of the auto-configurations, so that other
 * providers' models are known.
 */
@AutoConfiguration(after = DemurAutoConfiguration.class)
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass({ChatModel.class, ChatClient.class})
@ConditionalOnBean(DemurTemplate.class)
public final class DemurAiAutoConfiguration {

    private static final String CHOICE = "spring.ai.model.chat";
    private static final String NAME = "demur";

    @Bean
    @ConditionalOnMissingBean
    DemurAdvisor demurAdvisor(DemurTemplate template, DemurProperties properties) {
        DemurProperties.Advisor advisor = properties.advisor();
        return new DemurAdvisor(
                template,
                GenerationOptions.DEFAULTS.withMaxTokens(ChatDefaults.maxTokens(properties.chat())),
                advisor.order() == null ? DemurAdvisor.DEFAULT_ORDER : advisor.order(),
                advisor.systemMessages());
    }

    @Bean
    @ConditionalOnProperty(prefix = "demur.advisor", name = "enabled", matchIfMissing = true)
    ChatClientBuilderCustomizer demurChatClientCustomizer(DemurAdvisor advisor) {
        return builder -> builder.defaultAdvisors(advisor);
    }

    private static DemurChatModel chatModel(
            DemurTemplate template,
            DemurProperties properties,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<ChatModelObservationConvention> conventions) {
        return new DemurChatModel(
                template,
                ChatDefaults.of(properties.chat(), template.modelName()),
                observations.getIfUnique(() -> ObservationRegistry.NOOP),
                conventions.getIfUnique());
    }

    /** Asked for by name: there may be other chat models besides. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = CHOICE, havingValue = NAME)
    static class Named {

        @Bean
        @ConditionalOnMissingBean
        DemurChatModel demurChatModel(
                DemurTemplate template,
                DemurProperties properties,
                ObjectProvider<ObservationRegistry> observations,
                ObjectProvider<ChatModelObservationConvention> conventions) {
            return chatModel(template, properties, observations, conventions);
        }
    }

    /** Nobody chose: Demur answers where nobody else does. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = CHOICE, havingValue = NAME, matchIfMissing = true)
    @ConditionalOnMissingBean(ChatModel.class)
    static class Otherwise {

        @Bean
        @ConditionalOnProperty(prefix = "demur.chat", name = "enabled", matchIfMissing = true)
        DemurChatModel demurChatModel(
                DemurTemplate template,
                DemurProperties properties,
                ObjectProvider<ObservationRegistry> observations,
                ObjectProvider<ChatModelObservationConvention> conventions) {
            return chatModel(template, properties, observations, conventions);
        }
    }
}
